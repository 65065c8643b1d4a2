#include "engine/record_filter.h"

#include <sys/wait.h>

namespace stapkill {

bool RecordFilter::passes(const SignalRecord& record) const {
  if (!signals.empty() && !signals.count(record.number)) return false;
  if (sender_pid && record.sender->pid != *sender_pid) return false;
  return !sender_uid || record.sender->uid == sender_uid;
}

bool RecordFilter::passes(const DeathRecord& record) const {
  bool killed = WIFSIGNALED(record.wait_status);
  if (deaths == Deaths::killed) return killed;
  return deaths == Deaths::all || killed || WEXITSTATUS(record.wait_status) != 0 || !record.verdict.chain.empty();
}

}  // namespace stapkill
