// Input: any bytes, as the value of a text parameter. The result is always one string literal.
#include <cstddef>
#include <cstdint>
#include <string>

#include "check.h"
#include "script/literal.h"
#include "script/template.h"

using namespace stapkill;

namespace {

/// The value of the literal by stap(1): quotes at its ends, octal escapes between.
std::string read_back(const std::string& script) {
  FUZZ_CHECK(script.size() >= 2 && script.front() == '"' && script.back() == '"');
  std::string text;
  for (std::size_t i = 1; i + 1 < script.size(); ++i) {
    char c = script[i];
    FUZZ_CHECK(c >= 0x20 && c < 0x7f);
    FUZZ_CHECK(c != '"' && c != '%' && c != '$' && c != '@');
    if (c != '\\') {
      text += c;
      continue;
    }
    FUZZ_CHECK(i + 4 < script.size());  // the escape ends before the closing quote
    int value = 0;
    for (int digit = 0; digit < 3; ++digit) {
      c = script[++i];
      FUZZ_CHECK(c >= '0' && c <= '7');
      value = value * 8 + (c - '0');
    }
    FUZZ_CHECK(value < 256);
    text += static_cast<char>(value);
  }
  return text;
}

const Template& sample() {
  static const Template source =
      *parse_template("t", "%! parameter: who text \"\" a name\nprobe begin { println({{who}}) }\n");
  return source;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string value(reinterpret_cast<const char*>(data), size);
  auto literal = Literal::text(value);
  FUZZ_CHECK(read_back(literal.script()) == value);

  auto bound = bind_parameters(sample(), {{"who", value}});
  FUZZ_CHECK(bound.has_value());
  auto script = render(sample(), *bound);
  FUZZ_CHECK(script.has_value());
  FUZZ_CHECK(*script == "probe begin { println(" + literal.script() + ") }\n");

  // As a template itself: refused or rendered, never a crash.
  if (auto source = parse_template("fuzz", value)) {
    if (auto defaults = bind_parameters(*source, {})) (void)render(*source, *defaults);
  }
  return 0;
}
