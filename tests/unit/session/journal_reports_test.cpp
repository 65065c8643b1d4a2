#include "session/journal_reports.h"

#include <signal.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "catch.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;

/// nginx of nginx.service, killed by hand.
StoredDeath killed() {
  StoredDeath death;
  death.time = 1000 * kSecond;
  death.pid = 500;
  death.comm = "nginx";
  death.exe = "/usr/sbin/nginx";
  death.uid = 33;
  death.unit = "nginx.service";
  death.cause = "kill";
  death.signal = SIGKILL;
  death.initiator = "bash(700)";
  death.summary = "nginx(500) was killed by SIGKILL from bash(700).";
  return death;
}

KeptDeath kept(const StoredDeath& stored) {
  KeptDeath death{stored};
  death.system_unit = stored.unit;
  death.asked = !stored.initiator.empty();
  death.is_main = true;
  return death;
}

/// What was sent, and whether it is taken.
struct Sent {
  std::vector<std::string> entries;
  bool taken = true;
  JournalReports reports{[this](const std::string& entry) {
    if (taken) entries.push_back(entry);
    return taken;
  }};
  std::size_t with(const std::string& words) const {
    std::size_t count = 0;
    for (const auto& entry : entries) count += entry.find(words) != std::string::npos;
    return count;
  }
};

std::string sent_for(const KeptDeath& death) {
  Sent sent;
  sent.reports.take(death);
  return sent.entries.empty() ? "" : sent.entries[0];
}

bool has_line(const std::string& entry, const std::string& line) {
  return ("\n" + entry).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("journal reports: an entry has the sentence, the unit and what is looked up", "[journal_reports]") {
  auto stored = killed();
  auto entry = sent_for(kept(stored));
  for (const auto* line :
       {"MESSAGE=nginx(500) was killed by SIGKILL from bash(700).", "PRIORITY=4", "SYSLOG_IDENTIFIER=stapkill",
        "OBJECT_SYSTEMD_UNIT=nginx.service", "STAPKILL_PID=500", "STAPKILL_COMM=nginx", "STAPKILL_EXE=/usr/sbin/nginx",
        "STAPKILL_UID=33", "STAPKILL_SIGNAL=SIGKILL", "STAPKILL_CAUSE=kill", "STAPKILL_INITIATOR=bash(700)",
        "STAPKILL_UNIT=nginx.service"}) {
    INFO(line);
    CHECK(has_line(entry, line));
  }
  for (const auto* absent : {"STAPKILL_STATUS", "STAPKILL_POD", "STAPKILL_CONTAINER", "OBJECT_PID"})
    CHECK(entry.find(absent) == std::string::npos);
}

TEST_CASE("journal reports: the more nobody wanted it, the more urgent it is", "[journal_reports]") {
  auto stored = killed();
  stored.cause = "oom-memcg";
  CHECK(has_line(sent_for(kept(stored)), "PRIORITY=3"));
  stored.cause = "kill";
  stored.signal = SIGTERM;
  CHECK(has_line(sent_for(kept(stored)), "PRIORITY=5"));
  stored.signal = 0;
  CHECK(has_line(sent_for(kept(stored)), "PRIORITY=5"));
  CHECK(has_line(sent_for(kept(stored)), "STAPKILL_STATUS=0"));
}

TEST_CASE("journal reports: only units of the system and containers, and what was not clean", "[journal_reports]") {
  auto stored = killed();
  CHECK(belongs_into_journal(kept(stored)));
  auto of_login = kept(stored);
  of_login.of_login = true;
  CHECK_FALSE(belongs_into_journal(of_login));
  auto own = kept(stored);
  own.by_own = true;
  CHECK_FALSE(belongs_into_journal(own));
  auto no_unit = killed();
  no_unit.unit.reset();
  CHECK_FALSE(belongs_into_journal(kept(no_unit)));
  no_unit.container = std::string(64, 'a');
  CHECK(belongs_into_journal(kept(no_unit)));
  auto clean = killed();
  clean.signal = 0;
  clean.initiator.clear();
  CHECK_FALSE(belongs_into_journal(kept(clean)));
}

TEST_CASE("journal reports: what is too much is one entry with its number", "[journal_reports]") {
  Sent sent;
  auto stored = killed();
  for (int i = 0; i < 500; ++i) sent.reports.take(kept(stored));
  CHECK(sent.entries.size() == 20);
  sent.reports.catch_up(stored.time + kSecond);
  sent.reports.catch_up(stored.time + 2 * kSecond);
  CHECK(sent.entries.size() == 21);
  CHECK(sent.with("480 more deaths") == 1);
  CHECK(sent.with("STAPKILL_LEFT_OUT=480") == 1);
  sent.reports.catch_up(stored.time + 200 * kSecond);
  CHECK(sent.entries.size() == 21);
}

TEST_CASE("journal reports: what the journal did not take counts as left out", "[journal_reports]") {
  Sent sent;
  sent.taken = false;
  auto stored = killed();
  sent.reports.take(kept(stored));
  sent.reports.catch_up(stored.time);
  sent.taken = true;
  sent.reports.catch_up(stored.time + 10 * kSecond);
  CHECK(sent.entries.empty());
  sent.reports.catch_up(stored.time + 60 * kSecond);
  CHECK(sent.with("1 more death of") == 1);
}

TEST_CASE("journal reports: no value can forge a field, and an entry is bounded", "[journal_reports]") {
  auto stored = killed();
  stored.comm = "a\nPRIORITY=0";
  stored.cmdline = std::string(1 << 20, 'x');
  auto entry = sent_for(kept(stored));
  CHECK(entry.size() < 64 << 10);
  CHECK(entry.find(std::string("STAPKILL_COMM\n\x0c\0\0\0\0\0\0\0a\n", 24)) != std::string::npos);
}

TEST_CASE("journal reports: the catalog explains each kind of entry", "[journal_reports]") {
  std::ifstream file(STAPKILL_SOURCES "/service/stapkill.catalog");
  std::stringstream catalog;
  catalog << file.rdbuf();
  Sent sent;
  auto stored = killed();
  for (int i = 0; i < 21; ++i) sent.reports.take(kept(stored));
  sent.reports.catch_up(stored.time + kSecond);
  for (const auto& entry : sent.entries) {
    auto at = entry.find("MESSAGE_ID=") + 11;
    CHECK(catalog.str().find("-- " + entry.substr(at, 32) + "\n") != std::string::npos);
  }
}
