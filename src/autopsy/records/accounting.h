#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "autopsy/finding.h"

namespace stapkill {

inline constexpr std::size_t kAccountingRecord = 64;

/// A record of process accounting, version 3: struct acct_v3, include/uapi/linux/acct.h, of either byte order.
struct AccountingRecord {
  bool forked = false, super = false;     ///< AFORK: it ran no program of its own; ASU
  bool dumped = false, signaled = false;  ///< ACORE, AXSIG: of any of its threads
  /// As wait(2) has it, of the thread group's main thread: 0 where that ended before the others did.
  int status = 0;
  std::int64_t uid = 0;
  int pid = 0, parent = 0;  ///< in the pid namespace that accounting is on for
  std::string comm;         ///< of the thread that ended last
  Time ended = 0, doubt = 0;
};

/// None for bytes that are no such record. The end is to the second: ac_btime is the end's second less the whole
/// seconds of ac_etime (kernel/acct.c, fill_ac), which is a float of 24 bits: more doubt after 46 hours of life.
std::optional<AccountingRecord> accounting_record(std::string_view bytes);

/// The ACCT_VERSION of a record: 3, or of those without a pid 0 to 2, and 6.
int accounting_version(std::string_view bytes);

/// The end that the record shows: a signal, a core, or a status.
Finding accounting_finding(const AccountingRecord& record, const std::string& place);

}  // namespace stapkill
