// Input: any bytes, as a log of auditd or LAUREL, and as audit's lines in other logs.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/audit_record.h"
#include "autopsy/messages/readers.h"
#include "autopsy/records/read_records.h"
#include "check.h"

using namespace stapkill;

namespace {

void check(const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    FUZZ_CHECK(finding.subject.pid >= 0 && finding.actor.pid >= 0);
    FUZZ_CHECK(finding.signal >= 0 && finding.signal <= 64);
    FUZZ_CHECK(finding.quote.size() <= kLongestQuote);
    if (finding.kind == Finding::Kind::signal_call) FUZZ_CHECK(finding.signal && finding.subject.pid);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto reading = read_audit_text(text, "audit.log");
  FUZZ_CHECK(reading.notes.size() == 1);
  check(reading.findings);
  if (looks_like_audit(text)) FUZZ_CHECK(first_audit_stamp(text));
  for (std::string_view program : {"kernel", "audit", "audispd"}) {
    auto reader = audit_messages_reader();
    std::vector<Finding> findings;
    LogEntry entry;
    entry.program = program;
    for (auto rest = text; !rest.empty();) {
      entry.message = rest.substr(0, rest.find('\n'));
      entry.time += 1'000'000;
      reader->take(entry, findings);
      rest.remove_prefix(std::min(entry.message.size() + 1, rest.size()));
    }
    reader->finish(findings);
    check(findings);
  }
  return 0;
}
