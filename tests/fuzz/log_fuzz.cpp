// Any bytes as a log of stap: the same is recognised however it is cut into pieces, and nothing of it grows.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "backend/stap/log.h"
#include "check.h"

using namespace stapkill;

namespace {

LogReader read(std::string_view text, std::size_t piece) {
  LogReader log;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) log.take(text.substr(0, piece));
  log.end();
  return log;
}

void check_found(const Recognised& found, std::string_view text, std::size_t lines) {
  FUZZ_CHECK(found.message != nullptr);
  FUZZ_CHECK(found.line >= 1 && found.count >= 1 && found.line + found.count - 1 <= lines);
  FUZZ_CHECK(found.text.size() <= kLongestMessage);
  FUZZ_CHECK(text.find(found.text) != std::string_view::npos);
  FUZZ_CHECK(recognise(found.text) == found.message);
  auto record = diagnostic_of(*found.message, found.text);
  FUZZ_CHECK(record.message == found.text && record.id == found.message->id && !record.remedy.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t piece = size > 0 ? std::size_t{1} + data[0] % 64 : 1;
  auto log = read(text, piece), whole = read(text, std::string_view::npos);
  auto found = log.recognised(), same = whole.recognised();
  FUZZ_CHECK(log.lines() == whole.lines() && found.size() == same.size());
  FUZZ_CHECK(log.failed_pass() == whole.failed_pass() && log.last_pass() == whole.last_pass());
  FUZZ_CHECK(found.size() <= messages().size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    check_found(found[i], text, log.lines());
    FUZZ_CHECK(found[i].message == same[i].message && found[i].line == same[i].line);
    FUZZ_CHECK(found[i].count == same[i].count && found[i].text == same[i].text);
  }
  const auto* cause = log.cause();
  FUZZ_CHECK(!cause || (cause->message == found.front().message && cause->line == found.front().line));
  return 0;
}
