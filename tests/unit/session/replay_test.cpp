// What happens to a stream on its way must not change what is said of a death, or make it less sure; never wrong.
#include <algorithm>
#include <set>

#include "session/recordings.h"

using namespace recordings;

namespace {

/// Whatever is missing: the same cause and killer, or that it is not known.
void check_never_wrong(const json& found, const json& expected) {
  for (const auto& one : found) {
    INFO(one.dump());
    auto at =
        std::find_if(expected.begin(), expected.end(), [&](const json& other) { return other["pid"] == one["pid"]; });
    REQUIRE(at != expected.end());
    bool unknown = one["cause"] == "unknown" && one["killer"].is_null();
    bool same = one["cause"] == at->at("cause") && one["killer"] == at->at("killer");
    CHECK((unknown || same));
  }
}

/// In the order of their pids.
json sorted(json found) {
  std::sort(found.begin(), found.end(), [](const json& one, const json& other) { return one["pid"] < other["pid"]; });
  return found;
}

Lines without(Lines lines, std::size_t from, std::size_t to) {
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(from), lines.begin() + static_cast<std::ptrdiff_t>(to));
  return lines;
}

Lines with(Lines lines, std::size_t at, const Lines& more) {
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
  return lines;
}

Lines moved(Lines lines, std::size_t from, std::size_t to) {
  auto line = lines[from];
  lines = without(std::move(lines), from, from + 1);
  return with(std::move(lines), to, {line});
}

std::string with_field(const std::string& line, std::size_t at, const std::string& value) {
  auto fields = split(line, ' ');
  fields.at(at) = value;
  return join(fields, ' ');
}

}  // namespace

TEST_CASE("recordings: each gives its verdict, whenever it is judged", "[recordings]") {
  for (const auto& [name, deaths] : expected().items()) {
    INFO(name);
    auto lines = lines_of(name);
    auto records = replay(lines);
    CHECK(verdicts(records) == deaths);
    CHECK(replay(lines) == records);
    CHECK(records.front()["host"]["hostname"] == "machine");
    CHECK(records.back()["lost"] == 0);
  }
}

TEST_CASE("recordings: they are of many causes", "[recordings]") {
  std::set<std::string> causes;
  for (const auto& deaths : expected()) causes.insert(deaths.at(0)["cause"]);
  CHECK(causes.size() >= 19);
}

TEST_CASE("recordings: a death that comes before its signal", "[recordings]") {
  // Lines of different CPUs change places within 10 ms.
  std::size_t tried = 0;
  for (const auto& one : all_fatal()) {
    if (one.time(one.end) - one.time(one.signal) > 10'000'000) continue;
    INFO(one.name);
    ++tried;
    auto records = replay(moved(one.lines, one.end, one.first));
    CHECK(verdicts(records) == one.expected);
    std::string last;
    for (const auto& record : records) {
      if (record["type"] == "signal" || record["type"] == "death") last = record["type"];
    }
    CHECK(last == "death");
  }
  CHECK(tried > 10);
}

TEST_CASE("recordings: the fatal signal was lost", "[recordings]") {
  for (const auto& one : all_fatal()) {
    INFO(one.name);
    auto records = replay(with(without(one.lines, one.first, one.signal + 1), one.first, {"# loss 1 the%20buffer"}));
    auto found = verdicts(records);
    check_never_wrong(found, one.expected);
    // A seccomp filter shows in the end itself.
    if (found[0]["cause"] != "seccomp") CHECK(found[0]["confidence"] != "certain");
  }
}

TEST_CASE("recordings: something was lost near the death, or long before", "[recordings]") {
  for (const auto& one : all_fatal()) {
    INFO(one.name);
    auto near = verdicts(replay(with(one.lines, one.signal + 1, {"# loss 2 somewhere"})));
    check_never_wrong(near, one.expected);
    CHECK(near[0]["confidence"] != "certain");
    auto early = one.time(one.signal) - 11'000'000'000;
    auto event = [](std::int64_t at) { return "R 0 0 " + std::to_string(at) + " 4000001 1 other"; };
    Lines loss = {event(early - 1), "# loss 2 somewhere", event(early)};
    std::size_t at = 0;
    while (one.lines[at].starts_with('#')) ++at;
    CHECK(verdicts(replay(with(one.lines, at, loss))) == one.expected);
  }
}

TEST_CASE("recordings: the sender ends before its signal comes", "[recordings]") {
  std::size_t tried = 0;
  for (const auto& one : all_fatal()) {
    auto sender = field(one.lines[one.signal], 10);
    for (std::size_t at = one.signal; at < one.lines.size(); ++at) {
      if (sender == one.victim || !one.lines[at].starts_with("E ") || field(one.lines[at], 4) != sender) continue;
      INFO(one.name);
      ++tried;
      CHECK(sorted(verdicts(replay(moved(one.lines, at, one.first)))) == sorted(one.expected));
    }
  }
  CHECK(tried > 5);
}

TEST_CASE("recordings: the pid is given out again half a second later", "[recordings]") {
  for (const auto& one : all_fatal()) {
    INFO(one.name);
    auto time = one.time(one.end);
    auto who = one.victim + ' ' + one.victim + ' ' + std::to_string(std::stoull(field(one.lines[one.end], 6)) + 50);
    auto start = field(who, 2);
    auto at = [&](int ms) { return std::to_string(time + std::int64_t{ms} * 1'000'000) + ' '; };
    Lines later = {"F 0 0 " + at(500) + "1 1 24 " + one.victim + ' ' + start + " 0 reborn",
                   "S 0 0 " + at(600) + "15 0 0 0 62 1 1 1 24 0 init " + who + " 0 reborn -",
                   "E 0 0 " + at(601) + who + " 15 1 0 0 reborn"};
    CHECK(verdicts(replay(with(one.lines, one.lines.size() - 1, later))) == one.expected);
    // The end of the second is no end of the first.
    auto alive = with(without(one.lines, one.end, one.end + 1), one.lines.size() - 2, later);
    for (const auto& found : verdicts(replay(alive))) CHECK(found["pid"] != std::stoi(one.victim));
  }
}

TEST_CASE("recordings: the circumstances are missing, or are those of another signal", "[recordings]") {
  std::size_t tried = 0;
  for (const auto& one : all_fatal()) {
    if (!one.has_circumstances()) continue;
    INFO(one.name);
    ++tried;
    check_never_wrong(verdicts(replay(without(one.lines, one.first, one.signal))), one.expected);
    for (const auto& [at, value] : {std::pair(1, "63"), std::pair(4, "4000000"), std::pair(5, "64")}) {
      auto changed = one.lines;
      changed[one.first] = with_field(changed[one.first], static_cast<std::size_t>(at), value);
      check_never_wrong(verdicts(replay(changed)), one.expected);
    }
  }
  CHECK(tried > 10);
}

TEST_CASE("recordings: the wall clock steps before the fatal signal", "[recordings]") {
  auto summaries = [](const Lines& lines) {
    Lines found;
    for (const auto& record : replay(lines)) {
      if (record["type"] == "death") found.push_back(record["verdict"]["summary"]);
    }
    return found;
  };
  for (const auto& one : all_fatal()) {
    auto offset = std::stoll(field(one.lines[0], 4));
    for (std::int64_t step : {-3600, 3600}) {
      INFO(one.name << ' ' << step);
      auto stepped = with(one.lines, one.first, {"# clock " + std::to_string(offset + step * 1'000'000'000)});
      CHECK(verdicts(replay(stepped)) == one.expected);
      CHECK(summaries(stepped) == summaries(one.lines));
    }
  }
}

TEST_CASE("recordings: any line is missing, and that is reported", "[recordings]") {
  for (const auto& [name, deaths] : expected().items()) {
    auto lines = lines_of(name);
    for (std::size_t at = 0; at < lines.size(); ++at) {
      if (std::string_view("SCKPXFR").find(lines[at][0]) == std::string_view::npos) continue;
      INFO(name << ' ' << lines[at]);
      auto changed = lines;
      changed[at] = "# loss 1 here";
      check_never_wrong(verdicts(replay(changed)), deaths);
    }
  }
}

TEST_CASE("recordings: any line is there twice", "[recordings]") {
  for (const auto& [name, deaths] : expected().items()) {
    auto lines = lines_of(name);
    for (std::size_t at = 0; at < lines.size(); ++at) {
      if (std::string_view("KPXFE").find(lines[at][0]) == std::string_view::npos) continue;
      INFO(name << ' ' << lines[at]);
      CHECK(verdicts(replay(with(lines, at, {lines[at]}))) == deaths);
    }
  }
}

TEST_CASE("recordings: cut off anywhere they end, with what is known", "[recordings]") {
  for (const auto& [name, deaths] : expected().items()) {
    auto lines = lines_of(name);
    INFO(name);
    std::size_t armed = 0;
    while (!lines[armed].starts_with("# armed")) ++armed;
    for (std::size_t size = armed; size < lines.size(); ++size) {
      auto records = replay(Lines(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(size)));
      CHECK(records.back()["type"] == "summary");
      CHECK(verdicts(records).size() <= deaths.size());
    }
  }
}
