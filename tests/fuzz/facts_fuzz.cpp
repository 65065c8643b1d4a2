// Input: any bytes, as a file of facts. It is read, judged, and shown in every format.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "check.h"
#include "doctor/faces.h"
#include "sys/file.h"

using namespace stapkill;

namespace {

const std::string& scratch() {
  static const auto made = TemporaryDirectory::make(std::filesystem::temp_directory_path(), "stapkill-fuzz");
  static const std::string path = (made->path() / "facts").string();
  return path;
}

void check_lines(const std::string& text, bool ascii) {
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    FUZZ_CHECK(printable(line, ascii) == line);
    at = end + 1;
  }
}

void check_faces(const Diagnosis& diagnosis) {
  for (int width : {0, 60}) {
    check_lines(diagnosis_text(diagnosis, {.utf8 = true, .width = width, .verbose = true}), false);
    check_lines(diagnosis_text(diagnosis, {.utf8 = false, .width = width}), true);
    check_lines(diagnosis_short(diagnosis, {.utf8 = true, .width = width}), false);
  }
  auto json = nlohmann::json::parse(diagnosis_json(diagnosis), nullptr, false);
  FUZZ_CHECK(json.is_object());
  FUZZ_CHECK(json["checks"].size() == diagnosis.results.size());
  auto script = diagnosis_script(diagnosis, "fuzz");
  check_lines(script, false);
  // A line that is no comment is a command of a check, or `set`.
  for (std::size_t at = 0; at < script.size();) {
    auto end = script.find('\n', at);
    auto line = script.substr(at, end - at);
    at = end + 1;
    if (line.empty() || line[0] == '#' || line == "set -eu") continue;
    FUZZ_CHECK(std::any_of(diagnosis.results.begin(), diagnosis.results.end(), [&](const CheckResult& result) {
      if (!result.finding.remedy) return false;
      const auto& commands = result.finding.remedy->commands;
      return std::find(commands.begin(), commands.end(), line) != commands.end();
    }));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  // The outer object is added, unless the input has one: its content is under test.
  if (!bytes.starts_with("{\"schema\"")) bytes = R"({"schema":"stapkill.facts/1","facts":)" + bytes + "}";
  FUZZ_CHECK(write_file_atomically(scratch(), bytes).has_value());
  auto facts = Facts::load(scratch());
  if (!facts) return 0;
  for (bool shims : {true, false}) {
    auto diagnosis = diagnose(*facts, {.backend = kNone, .strict = !shims, .shims = shims});
    if (diagnosis) check_faces(*diagnosis);
  }
  auto diagnosis = diagnose(*facts, {.release = "6.1.0-56-amd64"});
  FUZZ_CHECK(diagnosis.has_value());
  check_faces(*diagnosis);
  return 0;
}
