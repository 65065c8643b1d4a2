#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "autopsy/finding.h"
#include "autopsy/scope.h"

namespace stapkill {

/// What was read of one file.
struct AuditPart {
  Time first = 0, last = 0;  ///< of the records that were read; 0: none
  bool older_left_out = false, late = false;
  int error = 0;  ///< errno
};

/// Reads the records of a file from the scope's time, found by their stamps, at most so many bytes: the newest ones.
AuditPart read_audit_file(int file, const Scope& scope, std::uint64_t most, std::vector<Finding>& findings);

/// The time of a file's first record; none where it has no stamp near its start.
std::optional<Time> first_record_of(int file);

}  // namespace stapkill
