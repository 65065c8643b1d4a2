#pragma once

namespace stapkill {

/// Makes the out-of-memory killer take almost every other process first (proc(5), /proc/PID/oom_score_adj). Needs
/// CAP_SYS_RESOURCE; without it nothing changes. Children inherit it.
void be_taken_last();

/// Takes an inherited protection away: a helper that eats memory must be taken before its parent. Async-signal-safe.
void be_taken_as_others();

}  // namespace stapkill
