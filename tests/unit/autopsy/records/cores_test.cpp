#include <sys/xattr.h>

#include <algorithm>
#include <filesystem>

#include "autopsy/records/made_core.h"
#include "autopsy/records/read_records.h"
#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr std::string_view kDump =
    "var/lib/systemd/coredump/core.nginx.33.0123456789abcdef0123456789abcdef.4711.1700000000000000";

Scope scope_of(const Temporary& root, Time since = 0, Time until = Time{4'000'000'000} * kSecond) {
  Scope scope;
  scope.files = HostFiles(root.path().string());
  scope.since = since;
  scope.until = scope.now = until;
  return scope;
}

const SourceNote* note_of(const Reading& reading, std::string_view path) {
  auto at = std::find_if(reading.notes.begin(), reading.notes.end(),
                         [&](const SourceNote& note) { return note.path == path; });
  return at == reading.notes.end() ? nullptr : &*at;
}

}  // namespace

TEST_CASE("systemd's coredumps: the name, the attributes and the core itself", "[autopsy][core]") {
  Temporary root;
  auto path = root.write(kDump, MadeCore().bytes());
  bool has_attributes = ::setxattr(path.c_str(), "user.coredump.exe", "/usr/sbin/nginx-x", 17, 0) == 0;
  auto reading = read_cores(scope_of(root));
  REQUIRE(reading.findings.size() == 1);
  const auto& finding = reading.findings[0];
  CHECK(finding.time == 1'700'000'000'500'000'000);
  CHECK(finding.boot_id == "0123456789abcdef0123456789abcdef");
  CHECK(finding.subject.pid == 4711);
  CHECK(finding.subject.exe == (has_attributes ? "/usr/sbin/nginx-x" : "/usr/sbin/nginx"));
  CHECK(finding.signal == 11);
  CHECK(finding.by_kernel);
  CHECK(finding.place == "/" + std::string(kDump));
  CHECK(finding.source == "core");
  CHECK(read_cores(scope_of(root, 1'700'000'010 * kSecond)).findings.empty());
}

TEST_CASE("a coredump that cannot be read still has its name", "[autopsy][core]") {
  Temporary root;
  root.write(std::string(kDump) + ".zst", "no zstd");
  auto reading = read_cores(scope_of(root));
  REQUIRE(reading.findings.size() == 1);
  CHECK(reading.findings[0].subject.comm == "nginx");
  CHECK(reading.findings[0].signal == 0);
  CHECK_FALSE(reading.findings[0].by_kernel);
  REQUIRE(note_of(reading, "/var/lib/systemd/coredump"));
  CHECK(note_of(reading, "/var/lib/systemd/coredump")->detail.english().find("1 without what the core itself says") !=
        std::string::npos);
}

TEST_CASE("plain cores where the pattern puts them, no links, no debugger's", "[autopsy][core]") {
  Temporary root;
  root.write("proc/sys/kernel/core_pattern", "/srv/cores/%e.%P.%t\n");
  root.write("srv/cores/nginx.9000.1700000000", MadeCore().bytes());
  MadeCore debugger;
  debugger.debugger = true;
  root.write("srv/cores/nginx.9001.1700000000", debugger.bytes());
  root.write("srv/cores/other", MadeCore().bytes());
  std::filesystem::create_symlink("nginx.9000.1700000000", root / "srv/cores/nginx.9002.1700000000");
  auto reading = read_cores(scope_of(root));
  REQUIRE(reading.findings.size() == 1);
  CHECK(reading.findings[0].subject.pid == 9000);
  CHECK(reading.findings[0].time == 1'700'000'000'500'000'000);
  REQUIRE(note_of(reading, "/srv/cores"));
  CHECK(note_of(reading, "/srv/cores")->detail == "1 core, 1 of processes that lived on (a debugger's)");
}

TEST_CASE("cores of the usual name", "[autopsy][core]") {
  Temporary root;
  root.write("core", MadeCore().bytes());
  root.write("tmp/core.4711", MadeCore().bytes());
  root.write("tmp/core.sh", "#!/bin/sh");
  root.write("tmp/core.1", "text");
  auto reading = read_cores(scope_of(root));
  CHECK(reading.findings.size() == 2);
  REQUIRE(note_of(reading, "/tmp"));
  CHECK(note_of(reading, "/tmp")->detail == "1 core, 1 that cannot be read");
}

TEST_CASE("a host without cores has one note", "[autopsy][core]") {
  Temporary root;
  auto reading = read_cores(scope_of(root));
  CHECK(reading.findings.empty());
  REQUIRE(reading.notes.size() == 1);
  CHECK(reading.notes[0].state == SourceNote::State::absent);
}

TEST_CASE("read_core_file: truncated, a debugger's, none", "[autopsy][core]") {
  Temporary root;
  MadeCore made;
  made.memory = 1 << 20;
  auto reading = read_core_file(root.write("core", made.bytes()).string(), "core");
  REQUIRE(reading.findings.size() == 1);
  CHECK(reading.findings[0].reason.ends_with("(its core is truncated)"));
  CHECK(reading.notes.at(0).detail == "truncated");
  made.debugger = true;
  reading = read_core_file(root.write("gcore", made.bytes()).string(), "gcore");
  CHECK(reading.findings.empty());
  CHECK(reading.notes.at(0).detail == "a debugger wrote it of a process that lived on");
  CHECK(read_core_file((root / "none").string(), "none").notes.at(0).state == SourceNote::State::absent);
  CHECK(looks_like_core(made.bytes()));
  CHECK_FALSE(
      looks_like_core("\x7f"
                      "ELF"));
}

TEST_CASE("abrt's directories, with the core itself where it is there", "[autopsy][core]") {
  Temporary root;
  std::string crash = "var/spool/abrt/ccpp-2026-11-02-10:11:12.123456-4711/";
  for (auto [name, text] : {std::pair("type", "CCpp"),
                            {"pid", "7"},
                            {"global_pid", "4711"},
                            {"uid", "33"},
                            {"time", "1700000000"},
                            {"executable", "/usr/sbin/nginx"},
                            {"cmdline", "'nginx: worker process'"},
                            {"reason", "nginx killed by SIGABRT"},
                            {"cgroup", "0::/system.slice/nginx.service\n"}})
    root.write(crash + name, text);
  root.write("var/spool/abrt/Python-2026-11-02-10:11:12-99/type", "Python3");
  auto reading = read_cores(scope_of(root));  // abrt 2.10 (EL 8)
  REQUIRE(reading.findings.size() == 1);
  const auto& finding = reading.findings[0];
  CHECK(finding.subject.pid == 4711);
  CHECK(finding.signal == 6);
  CHECK(finding.subject.unit == "nginx.service");
  CHECK(finding.time == 1'700'000'000'500'000'000);
  MadeCore made;
  made.signal = 6;
  made.sent_by(4711, 33, -6);
  root.write(crash + "coredump", made.bytes());
  CHECK(read_cores(scope_of(root)).findings.at(0).self);
  // abrt 2.0 (EL 6)
  root.write(crash + "reason", "Process /usr/sbin/nginx was killed by signal 11 (SIGSEGV)");
  std::filesystem::remove(root / (crash + "coredump"));
  CHECK(read_cores(scope_of(root)).findings.at(0).signal == 11);
}
