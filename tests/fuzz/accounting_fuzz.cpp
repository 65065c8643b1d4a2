// Input: any bytes, as accounting, wtmp, apport's report, a package manager's log, and a time zone.
#include <cstddef>
#include <cstdint>
#include <string>

#include "autopsy/records/package_logs.h"
#include "autopsy/records/read_records.h"
#include "autopsy/zone_rule.h"
#include "check.h"

using namespace stapkill;

namespace {

void check(const Reading& reading) {
  for (const auto& finding : reading.findings) {
    FUZZ_CHECK(finding.time >= 0 && finding.doubt >= 0);
    FUZZ_CHECK(finding.quote.size() <= kLongestQuote);
    FUZZ_CHECK(!finding.self && !finding.by_kernel);
  }
  FUZZ_CHECK(!reading.notes.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check(read_accounting_file(text, "pacct"));
  check(read_wtmp_file(text, "wtmp"));
  check(read_crash_report(text, "report"));
  if (looks_like_accounting(text)) FUZZ_CHECK(!looks_like_wtmp(text));
  std::vector<Finding> findings;
  static const TimeZone zone("UTC0");
  take_apt_history(text, zone, "history", findings);
  take_package_lines(text, zone, 1'700'000'000'000'000'000, "lines", findings);
  if (auto rule = parse_zone_rule(text)) {
    for (std::int64_t seconds : {0L, 1'700'000'000L, -1'700'000'000L, 253'402'300'799L}) (void)rule->at(seconds);
  }
  return 0;
}
