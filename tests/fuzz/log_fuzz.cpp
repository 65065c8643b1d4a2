// Input: any bytes, as a log of stap. Any split into pieces gives the same messages, and memory stays bounded.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "backend/stap/log.h"
#include "backend/stap/log_decoder.h"
#include "backend/stap/log_text.h"
#include "check.h"

using namespace stapkill;

namespace {

/// As `explain --log` reads it.
LogReader read(std::string_view text, std::size_t piece) {
  LogReader log(LogSource::pasted);
  LogDecoder decoder([&log](std::string_view part) { log.take(part); });
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) decoder.take(text.substr(0, piece));
  decoder.end();
  log.end();
  return log;
}

/// As a watch reads staprun's messages.
LogReader read_program(std::string_view text) {
  LogReader log;
  log.take(text);
  log.end();
  return log;
}

void check_found(const Recognised& found, std::size_t lines) {
  FUZZ_CHECK(found.message != nullptr);
  FUZZ_CHECK(found.line >= 1 && found.count >= 1 && found.line + found.count - 1 <= lines);
  FUZZ_CHECK(found.text.size() <= kLongestMessage);
  auto record = diagnostic_of(*found.message, found.text);
  FUZZ_CHECK(record.message == found.text && record.id == found.message->id && !record.remedy.empty());
}

void check_log(const LogReader& log) {
  auto found = log.recognised();
  FUZZ_CHECK(found.size() <= messages().size());
  for (const auto& one : found) {
    check_found(one, log.lines());
    const auto* origin = log.origin(one);
    FUZZ_CHECK(!origin || (origin->message != one.message && explains(*origin->message, *one.message)));
  }
  const auto* cause = log.cause();
  FUZZ_CHECK(!cause || (cause->message == found.front().message && cause->line == found.front().line));
  // A message that is recognised alone is an error, or a warning that an error follows from.
  FUZZ_CHECK(!cause || log.origin(*cause) == nullptr || cause->message->context);
}

void check_line(std::string_view line) {
  auto clean = clean_line(line);
  FUZZ_CHECK(clean.text.size() <= line.size());
  FUZZ_CHECK(clean.text.find('\n') == std::string::npos || line.find('\n') != std::string_view::npos);
  FUZZ_CHECK(clean.text.find('\033') == std::string::npos);
  FUZZ_CHECK(untranslated(clean.text).size() <= 4 * clean.text.size() + 64);
  FUZZ_CHECK(recognise(line.substr(0, kLongestMessage)) ==
             recognise_clean(clean_line(line.substr(0, kLongestMessage)).text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t piece = size > 0 ? std::size_t{1} + data[0] % 64 : 1;
  auto log = read(text, piece), whole = read(text, std::string_view::npos);
  auto found = log.recognised(), same = whole.recognised();
  FUZZ_CHECK(log.lines() == whole.lines() && found.size() == same.size());
  FUZZ_CHECK(log.failed_pass() == whole.failed_pass() && log.last_pass() == whole.last_pass());
  for (std::size_t i = 0; i < found.size(); ++i) {
    FUZZ_CHECK(found[i].message == same[i].message && found[i].line == same[i].line);
    FUZZ_CHECK(found[i].count == same[i].count && found[i].text == same[i].text);
  }
  check_log(log);
  check_log(read_program(text));
  check_line(text.substr(0, text.find('\n')));
  return 0;
}
