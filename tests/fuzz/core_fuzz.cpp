// Input: any bytes, as a core file, as a name of one, and as kernel.core_pattern.
#include <cstddef>
#include <cstdint>
#include <string>

#include "autopsy/records/core_finding.h"
#include "autopsy/records/core_names.h"
#include "autopsy/records/core_notes.h"
#include "check.h"

using namespace stapkill;

namespace {

void check_core(std::string_view text) {
  auto facts = read_core_notes(text);
  if (!facts) return;
  FUZZ_CHECK(facts->comm.size() <= 16 && facts->arguments.size() <= 80);
  CoreOrigin origin;
  for (int pid : {0, facts->pid, facts->pid == 1 ? 2 : 1}) {
    origin.pid = pid;
    auto finding = core_finding(origin, &*facts);
    FUZZ_CHECK(!(finding.self && finding.by_kernel));
    FUZZ_CHECK(!(finding.self && finding.actor.pid));
    FUZZ_CHECK(finding.quote.size() <= kLongestQuote);
  }
}

void check_names(std::string_view text) {
  if (auto name = coredump_name(text)) FUZZ_CHECK(name->origin.pid > 0 && name->origin.boot_id->size() == 32);
  auto line = text.find('\n');
  if (line == std::string_view::npos) return;
  auto pattern = CorePattern::parse(text.substr(0, line));
  if (!pattern) return;
  FUZZ_CHECK(pattern->directory().starts_with('/'));
  if (auto origin = pattern->match(text.substr(line + 1))) FUZZ_CHECK(origin->pid >= 0 && origin->signal >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check_core(text);
  check_names(text);
  return 0;
}
