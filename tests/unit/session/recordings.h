#pragma once

// What the tests that judge recordings share: tests/recordings, their lines, and what a replay of changed lines says.
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "backend/replay.h"
#include "catch.h"
#include "session/recorded_machine.h"
#include "session/session.h"
#include "sys/file.h"
#include "temporary.h"

namespace recordings {

using Lines = std::vector<std::string>;
using nlohmann::json;

inline std::string folder() {
  return std::string(STAPKILL_SOURCES) + "/tests/recordings/";
}

/// The verdicts by case (tests/recordings/expected.json).
inline const json& expected() {
  static const json table = json::parse(stapkill::read_file(folder() + "expected.json").value_or(""));
  return table;
}

inline Lines split(std::string_view text, char mark) {
  Lines parts;
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find(mark, at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

inline std::string join(const Lines& parts, char mark) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : std::string(1, mark)) + part;
  return text;
}

inline std::string field(const std::string& line, std::size_t at) {
  auto fields = split(line, ' ');
  return at < fields.size() ? fields[at] : "";
}

inline Lines lines_of(const std::string& name) {
  auto text = stapkill::read_file(folder() + name + ".events");
  INFO(name);
  REQUIRE(text.has_value());
  return split(*text, '\n');
}

/// The records of a replay.
inline std::vector<json> replay(const Lines& lines) {
  using namespace stapkill;
  Temporary root;
  auto recorded = RecordingReader::read(root.write("events", join(lines, '\n') + '\n'));
  REQUIRE(recorded.has_value());
  auto options = recorded_targets(**recorded);
  REQUIRE(options.has_value());
  auto targets = Targets::make(std::move(*options));
  REQUIRE(targets.has_value());
  boost::asio::io_context loop;
  auto path = (root / "out").string();
  std::vector<std::unique_ptr<Sink>> sinks;
  sinks.push_back(std::make_unique<Sink>());
  sinks[0]->renderer = make_jsonl_renderer();
  sinks[0]->machine = true;
  auto output = Output::file(loop, path);
  REQUIRE(output.has_value());
  sinks[0]->output = std::move(*output);
  SessionOptions session_options;
  session_options.begun = (*recorded)->now();
  session_options.due_is_input = (*recorded)->says_what_is_due();
  Session session(loop, make_replay_backend(loop, *recorded), std::move(*targets), std::move(session_options),
                  std::move(sinks), recorded_machine(*recorded));
  CHECK(session.run() == 0);
  std::vector<json> records;
  for (const auto& line : split(read_file(path).value_or(""), '\n')) records.push_back(json::parse(line));
  return records;
}

/// Of every death what expected.json says of it.
inline json verdicts(const std::vector<json>& records) {
  json found = json::array();
  for (const auto& record : records) {
    if (record["type"] != "death") continue;
    const auto& verdict = record["verdict"];
    auto pid_of = [](const json& process) { return process.is_null() ? json() : process["pid"]; };
    json steps = json::array();
    for (const auto& step : verdict["chain"]) steps.push_back(step["what"]);
    found.push_back({{"pid", record["process"]["pid"]},
                     {"cause", verdict["cause"]},
                     {"killer", pid_of(verdict["killer"])},
                     {"initiator", pid_of(verdict["initiator"])},
                     {"chain", steps},
                     {"confidence", verdict["confidence"]},
                     {"rule", verdict["rule"]},
                     {"signal_seq", verdict["signal_seq"]}});
  }
  return found;
}

/// A recording whose (first) victim died of a signal that was seen, and where that is.
struct Fatal {
  std::string name;
  Lines lines;
  json expected;
  std::string victim;
  std::size_t first = 0;   ///< the signal's circumstances, where it has any, else the signal
  std::size_t signal = 0;  ///< S
  std::size_t end = 0;     ///< E

  bool has_circumstances() const { return first != signal; }
  std::int64_t time(std::size_t line) const { return std::stoll(field(lines[line], 3)); }
};

inline std::vector<Fatal> all_fatal() {
  std::vector<Fatal> found;
  for (const auto& [name, deaths] : expected().items()) {
    Fatal one{.name = name, .lines = lines_of(name), .expected = deaths};
    one.victim = std::to_string(deaths[0]["pid"].get<int>());
    std::string number;
    for (std::size_t at = one.lines.size(); at-- > 0 && one.signal == 0;) {
      const auto& line = one.lines[at];
      if (line.starts_with("E ") && field(line, 4) == one.victim) {
        one.end = at;
        number = std::to_string(std::stoi(field(line, 7)) & 0x7f);
      }
      if (one.end && line.starts_with("S ") && field(line, 15) == one.victim && field(line, 4) == number)
        one.signal = at;
    }
    if (one.signal == 0) continue;
    one.first = one.lines[one.signal - 1].starts_with("C ") ? one.signal - 1 : one.signal;
    found.push_back(std::move(one));
  }
  REQUIRE(found.size() > 20);
  return found;
}

}  // namespace recordings
