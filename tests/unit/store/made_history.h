#pragma once

#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "store/history.h"
#include "store/history_reader.h"
#include "temporary.h"

inline constexpr stapkill::Time kSecond = 1'000'000'000;
inline constexpr stapkill::Time kNow = 1'700'000'000 * kSecond;  // 2023-11-14T22:13:20Z

/// A death by SIGKILL, 100 s after the start of its process.
inline stapkill::StoredDeath made_death(int pid, std::string comm, stapkill::Time time = kNow) {
  stapkill::StoredDeath made;
  made.time = time;
  made.pid = pid;
  made.start = time - 100 * kSecond;
  made.comm = std::move(comm);
  made.cause = "kill";
  made.signal = 9;
  made.summary = made.comm + " was killed.";
  made.record = R"({"type":"death","verdict":{"summary":")" + made.summary + R"("}})";
  return made;
}

/// A history in a directory of its own.
class MadeHistory {
 public:
  explicit MadeHistory(const std::vector<stapkill::StoredDeath>& deaths = {},
                       const std::vector<stapkill::BlindInterval>& blind = {}, stapkill::Time watched = kNow) {
    auto history = stapkill::History::open(place(), {}, kNow);
    REQUIRE(history.has_value());
    for (const auto& one : deaths) history->add(one);
    for (const auto& one : blind) history->add(one);
    if (watched) history->watched({watched, "a-boot", false});
    REQUIRE(history->commit(kNow).has_value());
  }

  std::string place() const { return folder_ / "store"; }
  stapkill::HistoryReader read() const {
    auto opened = stapkill::HistoryReader::open(place());
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }

 private:
  Temporary folder_;
};
