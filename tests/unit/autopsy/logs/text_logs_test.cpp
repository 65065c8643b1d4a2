#include <unistd.h>

#include <cstdlib>
#include <map>

#include "autopsy/logs/log_names.h"
#include "autopsy/logs/log_start.h"
#include "catch.h"
#include "entries.h"

using namespace stapkill;

namespace {

using Texts = std::vector<std::string>;

const char* const kKern = "var/log/kern.log";

std::filesystem::path write(const Temporary& tree, const char* name, std::string_view text, const char* mtime) {
  auto path = tree.write(name, text);
  set_mtime(path, at(mtime));
  return path;
}

/// A line a minute, from a time on.
std::string minutes(const char* from, int count, const std::string& more = "") {
  std::string text;
  for (int i = 0; i < count; ++i) {
    std::string time;
    append_rfc3339(time, at(from) + Time{60} * i * 1'000'000'000);
    text += time.substr(0, 19) + "Z web1 kernel: line " + std::to_string(i) + more + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("text_logs: rotated and compressed ones, in order and in scope", "[autopsy][text_logs]") {
  Temporary tree;
  write(tree, kKern, "Nov 30 10:00:00 web1 kernel: four\nNov 30 11:00:00 web1 kernel: five\n", "2026-11-30T11:00:00Z");
  write(tree, "var/log/kern.log.1", "Nov 29 10:00:00 web1 kernel: three\n", "2026-11-29T23:00:00Z");
  auto second = write(tree, "var/log/kern.log.2",
                      "Nov 28 10:00:00 web1 kernel: one\nNov 28 12:00:00 web1 kernel: two\n", "2026-11-28T23:00:00Z");
  REQUIRE(std::system(("gzip -f " + second.string()).c_str()) == 0);
  set_mtime(second.string() + ".gz", at("2026-11-28T23:00:00Z"));
  write(tree, "var/log/kern.log.3.gz", "not read: it is too old", "2026-11-20T23:00:00Z");
  auto got = read_tree(tree, "2026-11-28T11:00:00Z", "2026-11-30T10:30:00Z");
  CHECK(got.messages() == Texts{"two", "three", "four"});
  REQUIRE(got.notes.size() == 3);
  CHECK(got.notes[0].detail == "compressed");
  CHECK(got.notes[2].state == SourceNote::State::read);
  CHECK(got.notes[2].source == "kernel-log");
  CHECK(got.notes[2].since == at("2026-11-30T10:00:00Z"));
  CHECK(got.all[2].place == "/var/log/kern.log:1");
  CHECK(got.all[2].source == "kernel-log");
}

TEST_CASE("text_logs: every compression", "[autopsy][text_logs]") {
  Temporary tree;
  for (auto [program, ending] : {std::pair("xz", "xz"), {"bzip2", "bz2"}, {"zstd -q --rm", "zst"}, {"gzip", "gz"}}) {
    INFO(program);
    auto path = write(tree, "var/log/messages-20261129", minutes("2026-11-29T10:00:00Z", 3), "2026-11-29T23:00:00Z");
    if (std::system((std::string(program) + " -f " + path.string() + " 2>/dev/null").c_str()) != 0) {
      std::filesystem::remove(path);
      continue;  // that program is not here
    }
    auto got = read_tree(tree, "2026-11-28T00:00:00Z", "2026-12-01T00:00:00Z");
    CHECK(got.all.size() == 3);
    std::filesystem::remove(path.string() + "." + ending);
  }
}

TEST_CASE("text_logs: a damaged compressed one is broken, and gives what it has", "[autopsy][text_logs]") {
  Temporary tree;
  auto path = write(tree, "var/log/kern.log.1", minutes("2026-11-29T10:00:00Z", 20'000), "2026-11-29T23:00:00Z");
  REQUIRE(std::system(("gzip -f " + path.string()).c_str()) == 0);
  auto packed = path.string() + ".gz";
  REQUIRE(::truncate(packed.c_str(), static_cast<off_t>(std::filesystem::file_size(packed) / 2)) == 0);
  auto got = read_tree(tree, "2026-11-01T00:00:00Z", "2027-01-01T00:00:00Z");
  REQUIRE(got.notes.size() == 1);
  CHECK(got.notes[0].state == SourceNote::State::broken);
  CHECK_FALSE(got.notes[0].detail.empty());
}

TEST_CASE("text_logs: the start of a large log is found without reading it", "[autopsy][text_logs]") {
  Temporary tree;
  write(tree, kKern, minutes("2026-11-01T00:00:00Z", 60 * 24 * 29, std::string(60, 'x')), "2026-11-30T00:00:00Z");
  TimeZone zone("UTC0");
  LineClock clock(zone, at("2026-11-30T00:00:00Z"), {});
  Fd file(::open((tree / kKern).c_str(), O_RDONLY | O_CLOEXEC));
  auto size = std::filesystem::file_size(tree / kKern);
  auto start = find_log_start(file.get(), size, at("2026-11-29T00:00:00Z"), clock);
  CHECK(start.ordered);
  CHECK(size - start.offset < size / 29 + (400 << 10));
  auto got = read_tree(tree, "2026-11-15T00:00:00Z", "2026-11-15T00:10:00Z");
  CHECK(got.all.size() == 11 + 0);
  CHECK(got.all[0].place.find("/var/log/kern.log, byte ") == 0);
  CHECK(read_tree(tree, "2026-11-01T00:00:00Z", "2026-11-01T00:01:00Z").all.size() == 2);
  CHECK(read_tree(tree, "2026-11-29T23:58:00Z", "2026-12-01T00:00:00Z").all.size() == 2);
}

TEST_CASE("text_logs: times that do not ascend", "[autopsy][text_logs]") {
  Temporary tree;
  auto mixed = minutes("2026-11-29T00:00:00Z", 4000, std::string(90, 'x')) +
               minutes("2026-11-20T00:00:00Z", 4000, std::string(90, 'x'));
  write(tree, kKern, mixed, "2026-11-30T00:00:00Z");
  auto got = read_tree(tree, "2026-11-29T00:00:00Z", "2026-11-29T00:01:00Z");
  CHECK(got.all.size() == 2);
}

TEST_CASE("text_logs: an mtime that lies", "[autopsy][text_logs]") {
  Temporary tree;
  SECTION("1970: now counts") {
    write(tree, kKern, "Nov 30 10:00:00 web1 kernel: a\n", "1970-01-01T00:00:00Z");
    auto got = read_tree(tree, "2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z");
    REQUIRE(got.all.size() == 1);
    CHECK(got.all[0].time == at("2026-11-30T10:00:00Z"));
  }
  SECTION("the future: now counts") {
    write(tree, kKern, "Dec 30 10:00:00 web1 kernel: a\n", "2030-01-01T00:00:00Z");
    CHECK(read_tree(tree, "2025-12-30T00:00:00Z", "2025-12-31T00:00:00Z").all.size() == 1);
  }
  SECTION("copied later: the name has the day") {
    write(tree, "var/log/messages-20251231", "Dec 30 10:00:00 web1 kernel: a\n", "2026-12-31T00:00:00Z");
    CHECK(read_tree(tree, "2025-12-30T00:00:00Z", "2025-12-31T00:00:00Z").all.size() == 1);
  }
}

TEST_CASE("text_logs: a log of several years without a year in it", "[autopsy][text_logs]") {
  Temporary tree;
  write(tree, kKern,
        "Dec 30 10:00:00 web1 kernel: first\nJun  1 10:00:00 web1 kernel: a\nDec 31 10:00:00 web1 kernel: b\n"
        "Jan  5 10:00:00 web1 kernel: last\n",
        "2026-01-05T10:00:00Z");
  auto got = read_tree(tree, "2020-01-01T00:00:00Z", "2026-12-01T00:00:00Z");
  REQUIRE(got.all.size() == 4);
  CHECK(got.all[0].time == at("2024-12-30T10:00:00Z"));
  CHECK(got.all[1].time == at("2025-06-01T10:00:00Z"));
  CHECK(got.all[2].time == at("2025-12-31T10:00:00Z"));
  CHECK(got.all[3].time == at("2026-01-05T10:00:00Z"));
}

TEST_CASE("text_logs: a clock at 1 January until it was set is no New Year", "[autopsy][text_logs]") {
  Temporary tree;
  write(tree, kKern, "Nov 28 10:00:00 web1 kernel: a\nJan  1 00:00:05 web1 kernel: b\nNov 29 10:00:00 web1 kernel: c\n",
        "2026-11-30T10:00:00Z");
  auto got = read_tree(tree, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");
  CHECK(got.messages() == Texts{"a", "c"});
}

TEST_CASE("text_logs: a hole, long lines, NUL bytes, a torn end", "[autopsy][text_logs]") {
  using namespace std::string_view_literals;
  Temporary tree;
  auto path = write(tree, kKern, minutes("2026-11-29T00:00:00Z", 10), "2026-11-30T00:00:00Z");
  REQUIRE(::truncate(path.c_str(), 100 << 20) == 0);
  std::ofstream out(path, std::ios::binary | std::ios::app);
  out << minutes("2026-11-29T12:00:00Z", 1) << "2026-11-29T12:02:00Z web1 kernel: " << std::string(10 << 20, 'y')
      << "\n"
      << "2026-11-29T12:03:00Z web1 kernel: a\0b\n"sv
      << "2026-11-29T12:04:00Z web1 kernel: torn";
  out.close();
  set_mtime(path, at("2026-11-30T00:00:00Z"));
  auto got = read_tree(tree, "2026-11-29T12:00:00Z", "2026-11-30T00:00:00Z");
  REQUIRE(got.all.size() == 4);
  CHECK(got.all[0].message == "line 0");
  CHECK(got.all[1].message.size() < (64 << 10));
  CHECK(got.all[2].message == "a\0b"sv);
  CHECK(got.all[3].message == "torn");
}

TEST_CASE("text_logs: one file under two names is read once", "[autopsy][text_logs]") {
  Temporary tree;
  auto path = write(tree, kKern, minutes("2026-11-29T00:00:00Z", 3), "2026-11-30T00:00:00Z");
  std::filesystem::create_hard_link(path, tree / "var/log/messages");
  std::filesystem::create_symlink("/var/log/kern.log", tree / "var/log/syslog");
  std::filesystem::create_symlink("/etc/passwd", tree / "var/log/debug");
  std::filesystem::create_directory(tree / "var/log/cron");
  CHECK(read_tree(tree, "2026-11-29T00:00:00Z", "2026-11-30T00:00:00Z").all.size() == 3);
}

TEST_CASE("text_logs: lines of several lines", "[autopsy][text_logs]") {
  Temporary tree;
  write(tree, "var/log/syslog",
        "Nov 30 10:00:00 web1 systemd-coredump[7]: Process 5 (a) of user 0 dumped core.#012#012Stack trace\n"
        "                                          Module b\n"
        "Nov 30 10:00:01 web1 kernel: x (a#012b)\n"
        "Nov 30 10:00:02 web1 prog: message repeated 2 times: [ hello]\n",
        "2026-11-30T10:00:02Z");
  auto got = read_tree(tree, "2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z");
  REQUIRE(got.all.size() == 5);
  CHECK(got.all[0].message == "Process 5 (a) of user 0 dumped core.");
  CHECK(got.all[1].message == "Stack trace");
  CHECK(got.all[2].program == "systemd-coredump");
  CHECK(got.all[2].pid == 7);
  CHECK(got.all[2].time == got.all[1].time);
  CHECK(got.all[3].message == "x (a#012b)");  // the kernel's names of processes stay whole
  CHECK(got.all[4].message == "hello");
  CHECK(got.all[4].source == "log");
}

TEST_CASE("text_logs: nothing there, and the kubelet's own", "[autopsy][text_logs]") {
  Temporary tree;
  auto none = read_tree(tree, "2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z");
  REQUIRE(none.notes.size() == 1);
  CHECK(none.notes[0].state == SourceNote::State::absent);
  write(tree, "var/log/kubelet.log", "I1130 18:21:21.123456    1234 kubelet.go:123] \"Killing\"\n",
        "2026-11-30T20:00:00Z");
  auto got = read_tree(tree, "2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z");
  REQUIRE(got.all.size() == 1);
  CHECK(got.all[0].program == "kubelet");
}

TEST_CASE("text_logs: time that is up is a cut", "[autopsy][text_logs]") {
  Temporary tree;
  write(tree, kKern, minutes("2026-11-29T00:00:00Z", 3), "2026-11-30T00:00:00Z");
  Scope scope{HostFiles(tree.path().string())};
  scope.until = scope.now = at("2026-12-01T00:00:00Z");
  scope.deadline = std::chrono::steady_clock::now();
  Entries got;
  read_text_logs(scope, got.take, got.notes);
  REQUIRE(got.notes.size() == 1);
  CHECK(got.notes[0].state == SourceNote::State::cut);
}

TEST_CASE("log_names: which are logs, the oldest first", "[autopsy][text_logs]") {
  Texts names;
  for (const auto& log :
       known_logs({"kern.log", "kern.log.1", "kern.log.10.gz", "kern.log.2.gz", "messages", "messages-20261122.xz",
                   "messages-20261129", "syslog.old", "syslog-ng", "kern.log.x", "messages-2026112", "btmp",
                   "secure-20261329", "dmesg.0", "earlyoom.log"}))
    names.push_back(log.name);
  CHECK(names == Texts{"dmesg.0", "earlyoom.log", "kern.log.10.gz", "kern.log.2.gz", "kern.log.1", "kern.log",
                       "messages-20261122.xz", "messages-20261129", "messages", "syslog.old"});
}

TEST_CASE("text_logs: lines that any user can write are marked", "[autopsy][text_logs]") {
  Temporary tree;
  write(tree, kKern, "Nov 30 10:00:00 web1 kernel: own\n", "2026-11-30T11:00:00Z");
  write(tree, "var/log/dmesg", "[    0.000000] buffer\n", "2026-11-30T11:00:00Z");
  write(tree, "var/log/syslog", "Nov 30 10:00:00 web1 kernel: syslog\n a part of it\n", "2026-11-30T11:00:00Z");
  write(tree, "var/log/messages", "Nov 30 10:00:00 alp1 kern.err kernel: busybox\n", "2026-11-30T11:00:00Z");
  Scope scope{HostFiles(tree.path().string())};
  scope.until = scope.now = at("2026-11-30T12:00:00Z");
  scope.zone = "UTC0";
  std::map<std::string, bool> forgeable;
  std::vector<SourceNote> notes;
  read_text_logs(
      scope, [&](const LogEntry& entry) { forgeable[std::string(entry.message)] = entry.forgeable; }, notes);
  CHECK(forgeable ==
        std::map<std::string, bool>{
            {"own", false}, {"buffer", false}, {"syslog", true}, {" a part of it", true}, {"busybox", false}});
}
