#include "autopsy/log_entry.h"

namespace stapkill {

Finding finding_at(const LogEntry& entry, Finding::Kind kind) {
  Finding finding;
  finding.kind = kind;
  finding.time = entry.time;
  finding.doubt = entry.doubt;
  finding.since_boot = entry.since_boot;
  finding.source = entry.source;
  finding.place = entry.place;
  finding.forgeable = entry.forgeable;
  finding.quote = entry.message.substr(0, kLongestQuote);
  if (auto boot = entry.value("_BOOT_ID"); !boot.empty()) finding.boot_id = boot;
  return finding;
}

}  // namespace stapkill
