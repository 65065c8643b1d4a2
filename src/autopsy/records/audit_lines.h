#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autopsy/audit_events.h"
#include "autopsy/finding.h"

namespace stapkill {

/// Lines of one audit log, auditd's or LAUREL's, to findings.
class AuditLines {
 public:
  /// Takes a line without its end.
  void take(std::string_view line, std::vector<Finding>& findings);
  void finish(std::vector<Finding>& findings) { events_.finish(findings); }

  /// The time of the first record and of the latest one; 0: none was read.
  Time first() const { return first_; }
  Time last() const { return last_; }

 private:
  void take_record(std::string_view line, std::vector<Finding>& findings);

  AuditEvents events_;
  Time first_ = 0, last_ = 0;
};

/// A line with more bytes is left out: auditd's have 8970 (MAX_AUDIT_MESSAGE_LENGTH), LAUREL's those of a whole event.
inline constexpr std::size_t kLongestAuditLine = 256 << 10;

/// A reading keeps the newest of so many findings.
inline constexpr std::size_t kMostAuditFindings = 40'000;
/// Leaves the older half out where there are more; true where it did.
bool keep_newest(std::vector<Finding>& findings);

}  // namespace stapkill
