#include "autopsy/records/audit_lines.h"

#include <algorithm>

#include "autopsy/audit_findings.h"
#include "autopsy/audit_laurel.h"

namespace stapkill {
namespace {

/// A stamp is that of the last timer tick (ktime_get_coarse_real_ts64), in whole milliseconds.
constexpr Time kDoubt = 11'000'000;

}  // namespace

void AuditLines::take(std::string_view line, std::vector<Finding>& findings) {
  if (line.size() > kLongestAuditLine) return;
  if (!line.starts_with('{')) return take_record(line, findings);
  for (const auto& record : laurel_records(line)) take_record(record, findings);
}

void AuditLines::take_record(std::string_view line, std::vector<Finding>& findings) {
  auto record = audit_record(line);
  if (!record) return;
  first_ = first_ ? std::min(first_, record->time) : record->time;
  last_ = std::max(last_, record->time);
  if (record->type.empty()) return;
  Finding base;
  base.time = record->time;
  base.doubt = kDoubt;
  base.source = "audit";
  base.place = "audit event " + audit_event_id(*record);
  base.quote = audit_quote(line);
  events_.take(*record, base, findings);
}

bool keep_newest(std::vector<Finding>& findings) {
  if (findings.size() <= kMostAuditFindings) return false;
  auto half = static_cast<std::ptrdiff_t>(findings.size() - kMostAuditFindings / 2);
  findings.erase(findings.begin(), findings.begin() + half);
  return true;
}

}  // namespace stapkill
