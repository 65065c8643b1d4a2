#include <utmp.h>

#include <cstring>

#include "autopsy/records/package_logs.h"
#include "autopsy/records/read_records.h"
#include "autopsy/records/wtmp.h"
#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;

std::string record(short type, std::string_view user, std::string_view line, std::string_view host,
                   std::uint32_t seconds, UtmpForm form = UtmpForm::narrow, int pid = 900) {
  std::string bytes(static_cast<std::size_t>(form), '\0');
  auto put = [&](std::size_t at, const auto& value) { std::memcpy(bytes.data() + at, &value, sizeof value); };
  put(0, type);
  put(4, pid);
  bytes.replace(8, line.size(), line);
  bytes.replace(44, user.size(), user);
  bytes.replace(76, host.size(), host);
  put(form == UtmpForm::wide ? 344 : 340, seconds);
  return bytes;
}

}  // namespace

TEST_CASE("wtmp of both forms: boots, shutdowns, logins", "[autopsy][wtmp]") {
  for (auto form : {UtmpForm::narrow, UtmpForm::wide}) {
    auto bytes = record(BOOT_TIME, "reboot", "~", "6.1.0-18-amd64", 1'700'000'000, form) +
                 record(USER_PROCESS, "alice", "pts/0", "192.0.2.7", 1'700'000'100, form) +
                 record(DEAD_PROCESS, "", "pts/0", "", 1'700'000'200, form) +
                 record(RUN_LVL, "runlevel", "~", "6.1.0-18-amd64", 1'700'000'250, form) +
                 record(RUN_LVL, "shutdown", "~", "6.1.0-18-amd64", 1'700'000'300, form);
    CHECK(looks_like_wtmp(bytes));
    auto reading = read_wtmp_file(bytes + "torn", "wtmp");
    REQUIRE(reading.findings.size() == 3);
    CHECK(reading.findings[0].kind == Finding::Kind::boot);
    CHECK(reading.findings[0].reason == "the machine started with kernel 6.1.0-18-amd64");
    const auto& login = reading.findings[1];
    CHECK(login.kind == Finding::Kind::login);
    CHECK(login.actor.user == "alice");
    CHECK(login.actor.tty == "pts/0");
    CHECK(login.reason == "alice logged in on pts/0 from 192.0.2.7");
    CHECK(login.time == 1'700'000'100 * kSecond);
    CHECK(reading.findings[2].kind == Finding::Kind::shutdown);
  }
}

TEST_CASE("what is no wtmp", "[autopsy][wtmp]") {
  CHECK_FALSE(looks_like_wtmp(""));
  CHECK_FALSE(looks_like_wtmp(std::string(800, '\0')));
  CHECK_FALSE(looks_like_wtmp(std::string(800, 'x')));
  CHECK(read_wtmp_file("text", "x").notes.at(0).state == SourceNote::State::broken);
  // Fields without a NUL are cut at their size.
  auto full = record(USER_PROCESS, std::string(32, 'u'), std::string(32, 'l'), std::string(256, '\xff'), 1'700'000'000);
  auto finding = utmp_finding(full, UtmpForm::narrow, "");
  REQUIRE(finding);
  CHECK(finding->actor.user == std::string(32, 'u'));
  CHECK(finding->quote.size() <= kLongestQuote);
}

TEST_CASE("read_sessions reads wtmp and the logs of packages", "[autopsy][wtmp]") {
  Temporary root;
  root.write("var/log/wtmp", record(USER_PROCESS, "alice", "pts/0", "", 1'700'000'100));
  root.write("var/log/wtmp.1", record(USER_PROCESS, "bob", "tty1", "", 1'600'000'100));
  root.write("var/log/apt/history.log",
             "\nStart-Date: 2023-11-14  22:15:00\nCommandline: apt-get upgrade\nRequested-By: alice (1000)\n"
             "Upgrade: nginx:amd64 (1.22.1-9, 1.22.1-9+deb12u1), libc6:amd64 (2.36-8, 2.36-9)\n"
             "End-Date: 2023-11-14  22:15:30\n");
  Scope scope;
  scope.files = HostFiles(root.path().string());
  scope.zone = "UTC0";
  scope.since = 1'700'000'000 * kSecond;
  scope.until = scope.now = 1'700'001'000 * kSecond;
  auto reading = read_sessions(scope);
  REQUIRE(reading.findings.size() == 2);
  CHECK(reading.findings[0].actor.user == "alice");
  const auto& packages = reading.findings[1];
  CHECK(packages.kind == Finding::Kind::packages);
  CHECK(packages.reason == "2 packages: nginx, libc6");
  CHECK(packages.actor.cmdline == "apt-get upgrade");
  CHECK(packages.actor.user == "alice");
  CHECK(packages.actor.uid == 1000);
  CHECK(packages.time == 1'700'000'100 * kSecond);
  CHECK(packages.doubt >= 30 * kSecond);
}

TEST_CASE("logs with a package a line", "[autopsy][packages]") {
  auto read = [](std::string_view text, Time newest = 1'710'000'000 * kSecond) {
    std::vector<Finding> findings;
    take_package_lines(text, TimeZone("UTC0"), newest, "log", findings);
    return findings;
  };
  // dnf 4.14 (EL 9)
  auto dnf = read(
      "2024-03-01T10:11:12+0100 SUBDEBUG Upgrade: nginx-1:1.20.1-14.el9.x86_64\n"
      "2024-03-01T10:11:13+0100 SUBDEBUG Installed: jq-1.6-15.el9.x86_64\n"
      "2024-03-01T10:11:14+0100 SUBDEBUG Cleanup: nginx-1:1.20.1-13.el9.x86_64\n"
      "2024-03-01T12:00:00+0100 SUBDEBUG Erase: jq-1.6-15.el9.x86_64\n");
  REQUIRE(dnf.size() == 2);
  CHECK(dnf[0].reason == "2 packages: nginx-1:1.20.1-14.el9.x86_64, jq-1.6-15.el9.x86_64");
  CHECK(dnf[0].time == 1'709'284'272 * kSecond);
  // yum 3.4 (EL 7): no year
  auto yum = read("Mar 01 10:11:12 Updated: nginx-1.20.1-10.el7.x86_64\n");
  REQUIRE(yum.size() == 1);
  CHECK(yum[0].time == 1'709'287'872 * kSecond);
  CHECK(read("Dec 31 10:11:12 Updated: nginx-1.20.1-10.el7.x86_64\n").at(0).time == 1'704'017'472 * kSecond);
  // libzypp 17 (SLES 15)
  auto zypp = read(
      "# a comment\n2024-03-01 10:11:12|command|root@web1|'zypper' 'up'|\n"
      "2024-03-01 10:11:20|install|nginx|1.21.5-150400|x86_64||repo|0a|\n");
  REQUIRE(zypp.size() == 1);
  CHECK(zypp[0].actor.cmdline == "'zypper' 'up'");
  CHECK(zypp[0].reason == "1 package: nginx");
  // pacman 6.0
  auto pacman = read(
      "[2024-03-01T10:11:10+0000] [PACMAN] Running 'pacman -Syu'\n"
      "[2024-03-01T10:11:12+0000] [ALPM] upgraded nginx (1.24.0-1 -> 1.26.0-1)\n");
  REQUIRE(pacman.size() == 1);
  CHECK(pacman[0].actor.cmdline == "pacman -Syu");
  CHECK(pacman[0].reason == "1 package: nginx");
}

TEST_CASE("damaged logs of packages give nothing", "[autopsy][packages]") {
  std::vector<Finding> findings;
  for (std::string_view text :
       {"", "2024-", "2024-03-01T10:11:12+", "2024-03-01T10:11:12+0", "[2024-03-01 10:11] [PACMAN] Running '", "Mar",
        "2024-03-01 10:11:12|", "2024-03-01 10:11:12|install", "2024-13-01 10:11:12 Installed: x"}) {
    take_package_lines(text, TimeZone("UTC0"), kSecond, "log", findings);
    take_apt_history(text, TimeZone("UTC0"), "log", findings);
  }
  take_apt_history("Install: nginx:amd64 (1)\nEnd-Date: x\nStart-Date: \nUpgrade: , ), ()", TimeZone("UTC0"), "log",
                   findings);
  CHECK(findings.empty());
}
