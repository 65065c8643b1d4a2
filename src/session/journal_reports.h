#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "session/kept_death.h"
#include "session/rate_limit.h"

namespace stapkill {

/// Whether the journal gets an entry for a death: news of a process of the system's units, or of a container.
bool belongs_into_journal(const KeptDeath& death);

/// Reports deaths to systemd's journal, an entry for each, and no more than RateLimit allows. What was left out, or
/// refused by the journal, is one entry with its number.
class JournalReports {
 public:
  /// Sends one entry (sys/journal_entry.h); false where it was not taken. Must not wait.
  using Send = std::function<bool(const std::string& entry)>;

  explicit JournalReports(Send send) : send_(std::move(send)) {}
  void take(const KeptDeath& death);
  /// Says how many were left out, at most once a minute. `now`: wall time.
  void catch_up(Time now);

 private:
  Send send_;
  RateLimit limit_;
  std::uint64_t left_out_ = 0;
  Time said_ = 0;
};

}  // namespace stapkill
