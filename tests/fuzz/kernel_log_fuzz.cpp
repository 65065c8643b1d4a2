// Input: any bytes, as lines of a kernel's log.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/messages/readers.h"
#include "check.h"

using namespace stapkill;

namespace {

void check(const Finding& finding) {
  FUZZ_CHECK(finding.subject.pid >= 0 && finding.subject.tid >= 0);
  FUZZ_CHECK(finding.signal >= 0 && finding.signal <= 64);
  FUZZ_CHECK(finding.quote.size() <= kLongestQuote);
  FUZZ_CHECK(finding.reason.size() <= 1024);
  FUZZ_CHECK((finding.kind == Finding::Kind::oom_kill) == finding.oom.has_value());
  if (!finding.oom) return;
  const auto& report = *finding.oom;
  FUZZ_CHECK(finding.subject.pid || finding.reason == "low memory killer");
  FUZZ_CHECK(report.largest.size() <= 5);
  for (std::size_t i = 1; i < report.largest.size(); ++i) {
    FUZZ_CHECK(report.largest[i - 1].resident >= report.largest[i].resident);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (std::string_view program : {"kernel", ""}) {
    auto reader = kernel_messages_reader();
    std::vector<Finding> findings;
    LogEntry entry;
    entry.program = program;
    std::size_t lines = 0;
    for (auto rest = text; !rest.empty(); ++lines) {
      entry.message = rest.substr(0, rest.find('\n'));
      entry.time += 1'000'000;
      reader->take(entry, findings);
      rest.remove_prefix(std::min(entry.message.size() + 1, rest.size()));
    }
    reader->finish(findings);
    FUZZ_CHECK(findings.size() <= lines);
    for (const auto& finding : findings) check(finding);
  }
  return 0;
}
