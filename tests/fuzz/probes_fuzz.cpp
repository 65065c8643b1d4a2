// Input: any bytes, as a list of stap, a pattern, and an error of stap.
#include <cstddef>
#include <cstdint>
#include <string>

#include "backend/stap/listed_probe.h"
#include "backend/stap/no_match.h"
#include "check.h"
#include "script/probe_point.h"

using namespace stapkill;

namespace {

void check_line(std::string_view line) {
  auto probe = parse_listed_probe(line);
  if (!probe) return;
  FUZZ_CHECK(line.starts_with(probe->point));
  FUZZ_CHECK(probe->point.starts_with(probe->group));
  std::size_t bytes = 0;
  for (const auto& variable : probe->variables) {
    FUZZ_CHECK(!variable.name.empty());
    FUZZ_CHECK(line.find(variable.name) != std::string_view::npos);
    FUZZ_CHECK(line.find(variable.type) != std::string_view::npos);
    bytes += variable.name.size() + variable.type.size();
  }
  FUZZ_CHECK(bytes + probe->point.size() <= line.size());
}

void check_pattern(const std::string& word) {
  auto pattern = read_probe_pattern(word);
  if (!pattern) return;
  for (const auto& point : {pattern->first, pattern->second}) {
    if (point.empty()) continue;
    auto parsed = parse_probe_point(point);
    FUZZ_CHECK(parsed && parsed->length == point.size());
    FUZZ_CHECK(point[0] != '-');
    FUZZ_CHECK(point.find('\n') == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  check_line(text);
  check_pattern(text);
  for (const char* point : {"syscall.x", "kernel.function(\"sys_x\")"}) {
    auto why = explain_no_match(*parse_probe_point(point), text, "");
    FUZZ_CHECK(!why.id.empty() && !why.cause.empty() && why.near.size() <= 10);
  }
  return 0;
}
