#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "model/record.h"

namespace stapkill {

/// Which deaths are reported (stapkill-watch(1), --deaths).
enum class Deaths { all, abnormal, killed };

/// Which signals and deaths are reported.
struct RecordFilter {
  Deaths deaths = Deaths::all;
  std::set<int> signals;  ///< empty: all
  std::optional<int> sender_pid;
  std::optional<std::int64_t> sender_uid;

  bool passes(const SignalRecord& record) const;
  bool passes(const DeathRecord& record) const;
};

}  // namespace stapkill
