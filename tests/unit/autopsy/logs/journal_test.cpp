#include <cstdlib>

#include "autopsy/logs/journal_export.h"
#include "autopsy/logs/journal_json.h"
#include "autopsy/logs/journalctl.h"
#include "catch.h"
#include "entries.h"

using namespace stapkill;

namespace {

std::string sized(std::string_view name, std::string_view value) {
  std::string text(name);
  text += '\n';
  for (std::size_t at = 0, size = value.size(); at < 8; ++at, size >>= 8) text += static_cast<char>(size & 255);
  return text.append(value) + "\n";
}

// systemd 252, journalctl -o export
const std::string kExport =
    "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1764526881123456\n__MONOTONIC_TIMESTAMP=5000000\n_BOOT_ID=ab\n"
    "_TRANSPORT=kernel\nSYSLOG_IDENTIFIER=kernel\n_SOURCE_MONOTONIC_TIMESTAMP=2000000\nMESSAGE=early\n\n"
    "__CURSOR=s=1;i=3\n__REALTIME_TIMESTAMP=1764526882000000\n__MONOTONIC_TIMESTAMP=6000000\n"
    "_SOURCE_REALTIME_TIMESTAMP=1764526881900000\nSYSLOG_IDENTIFIER=systemd\n_PID=1\n_SYSTEMD_UNIT=init.scope\n" +
    sized("MESSAGE", "two\nlines \xff") +
    "\n__CURSOR=s=1;i=4\n__REALTIME_TIMESTAMP=1764526883000000\nSYSLOG_IDENTIFIER=kernel\n_TRANSPORT=syslog\n"
    "_COMM=logger\nMESSAGE=Killed process 1 (a)\n\n__CURSOR=torn\nMESSAGE=to";

std::string program(const Temporary& folder, const std::string& commands) {
  auto path = folder.write("journalctl", "#!/bin/sh\n" + commands);
  REQUIRE(::chmod(path.c_str(), 0755) == 0);
  return path.string();
}

void check_exported(const Entries& got) {
  REQUIRE(got.all.size() == 3);
  CHECK(got.all[0].program == "kernel");
  CHECK(got.all[0].source == "kernel-log");
  CHECK(got.all[0].time == 1764526878123456000);  // journald came 3 s later
  CHECK(got.all[0].since_boot == 2'000'000'000);
  CHECK(got.all[1].message == "two");
  CHECK(got.all[1].pid == 1);
  CHECK(got.all[1].unit == "init.scope");
  CHECK(got.all[1].time == 1764526881900000000);
  CHECK(got.all[2].program == "logger");  // it only calls itself the kernel
}

}  // namespace

TEST_CASE("journal: an export in pieces of any size", "[autopsy][journal]") {
  for (std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
    Entries got;
    ExportReader reader([&](const JournalRecord& record) { give_record(record, "journal", nullptr, got.take); });
    for (std::size_t at = 0; at < kExport.size(); at += piece) reader.take(std::string_view(kExport).substr(at, piece));
    check_exported(got);
  }
}

TEST_CASE("journal: an export with a huge or a false length", "[autopsy][journal]") {
  std::size_t records = 0, longest = 0;
  ExportReader reader([&](const JournalRecord& record) {
    ++records;
    longest = std::max(longest, record.get("COREDUMP").size());
  });
  reader.take("A=b\n" + sized("COREDUMP", std::string(5 << 20, 'x')) + "\n");
  CHECK(records == 1);
  CHECK(longest == kLongestField);
  reader.take(std::string("MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff", 16) + "\n\nA=b\n\n");
  CHECK(records == 1);  // the rest is that field's
}

TEST_CASE("journal: values of JSON in all their kinds", "[autopsy][journal]") {
  JournalRecord record;
  REQUIRE(parse_journal_json(R"({"__REALTIME_TIMESTAMP":"1","MESSAGE":[97,10,255],"A":["x","y"],"B":null,"C":5,)"
                             R"("D":[[98,99],"z"]})",
                             record));
  CHECK(record.get("MESSAGE") == "a\n\xff");
  CHECK(record.get("A") == "x");
  CHECK(record.get("B").empty());
  CHECK(record.get("C") == "5");
  CHECK(record.get("D") == "bc");
  for (const char* text : {"", "{", "[]", "{}", "null", R"({"MESSAGE":{}})", R"({"a":[[[[[[[[[[[[1]]]]]]]]]]]]})"})
    CHECK_FALSE(parse_journal_json(text, record));
}

TEST_CASE("journal: journalctl's arguments go with its version", "[autopsy][journal]") {
  CHECK(systemd_version("systemd 252 (252.39-1~deb12u2)\n+PAM") == 252);
  CHECK(systemd_version("systemd 219\n+PAM") == 219);
  CHECK(systemd_version("usage") == 0);
  Scope scope{HostFiles("")};
  scope.since = 5'500'000'000;
  scope.until = 9'000'000'000;
  JournalQuestion question;
  question.scope = &scope;
  auto has = [&](int version, const std::string& word) {
    auto words = journal_arguments(question, version);
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  CHECK(has(219, "--output=json"));
  CHECK(has(252, "--output=export"));
  CHECK(has(252, "--since=@4"));
  CHECK(has(252, "--until=@11"));
  CHECK(has(252, "SYSLOG_IDENTIFIER=crond"));
  CHECK(has(252, "SYSLOG_IDENTIFIER=k3s"));
  CHECK(has(252, "SYSLOG_IDENTIFIER=CROND"));          // cronie's child, which logs the command
  CHECK(has(252, "SYSLOG_IDENTIFIER=kubenswrapper"));  // OpenShift's kubelet
  // What the readers take of an entry is asked for.
  auto words = journal_arguments(question, 252);
  auto fields =
      *std::find_if(words.begin(), words.end(), [](const auto& one) { return one.starts_with("--output-f"); });
  for (const char* field : {"PODMAN_ID", "PODMAN_NAME", "PODMAN_EXIT_CODE", "PODMAN_OOM_KILLED", "LEADER", "SESSION_ID",
                            "COREDUMP_TID", "COREDUMP_TRUNCATED", "_SYSTEMD_SESSION", "_SYSTEMD_OWNER_UID"})
    CHECK(fields.find("," + std::string(field)) != std::string::npos);
  question.newest = 7;
  CHECK(has(252, "--lines=7"));
  CHECK_FALSE(has(252, "--since=@4"));
}

TEST_CASE("journal: entries come as journalctl writes them", "[autopsy][journal]") {
  Temporary folder;
  auto data = folder.write("data", kExport);
  JournalQuestion question;
  Entries got;
  SECTION("all of it") {
    question.program = program(folder, "[ \"$1\" = --version ] && { echo systemd 252; exit; }\ncat " + data.string());
    auto answer = ask_journal(question, got.take);
    check_exported(got);
    CHECK_FALSE(answer.late);
    CHECK(answer.trouble.empty());
    CHECK(answer.entries == 3);
  }
  SECTION("it hangs") {
    question.program =
        program(folder, "[ \"$1\" = --version ] && { echo systemd 252; exit; }\ncat " + data.string() + "\nsleep 100");
    question.limit = std::chrono::milliseconds(300);
    auto answer = ask_journal(question, got.take);
    CHECK(got.all.size() == 3);
    CHECK(answer.late);
  }
  SECTION("it writes without an end") {
    question.program = program(folder, "[ \"$1\" = --version ] && { echo systemd 252; exit; }\nexec yes A=b");
    question.limit = std::chrono::milliseconds(300);
    CHECK(ask_journal(question, got.take).late);
  }
  SECTION("it fails") {
    question.program =
        program(folder, "echo 'No journal files were opened due to insufficient permissions.' >&2\nexit 1");
    CHECK(ask_journal(question, got.take).trouble.find("permissions") != std::string::npos);
  }
  SECTION("it is not there") {
    question.program = (folder / "none").string();
    CHECK_FALSE(ask_journal(question, got.take).trouble.empty());
  }
}

TEST_CASE("journal: a tree without one, and one with broken files", "[autopsy][journal]") {
  Temporary tree;
  Scope scope{HostFiles(tree.path().string())};
  scope.until = at("2026-12-01T00:00:00Z");
  Entries got;
  read_journal(scope, got.take, got.notes);
  REQUIRE(got.notes.size() == 1);
  CHECK(got.notes[0].state == SourceNote::State::absent);
  tree.write("var/log/journal/0123/system.journal", "no journal");
  got.notes.clear();
  read_journal(scope, got.take, got.notes);
  REQUIRE(got.notes.size() == 1);
  CHECK(got.notes[0].state == SourceNote::State::broken);
  CHECK(got.all.empty());
}

TEST_CASE("log_file: each kind of file", "[autopsy][log_file]") {
  Temporary folder;
  SECTION("export") {
    CHECK(looks_like_log(kExport));
    check_exported(read_one(folder.write("a", kExport)));
  }
  SECTION("JSON in lines and indented") {
    std::string text =
        "{\"__REALTIME_TIMESTAMP\":\"1764526881123456\",\"MESSAGE\":\"a\"}\n"
        "{\n\t\"MESSAGE\" : \"b\",\n\t\"__REALTIME_TIMESTAMP\" : \"1764526881123456\"\n}\n";
    CHECK(looks_like_log(text));
    auto got = read_one(folder.write("a", text));
    CHECK(got.messages() == std::vector<std::string>{"a", "b"});
  }
  SECTION("text, compressed") {
    auto path = folder.write("a", "[    1.000000] first\n[    2.000000] second\n");
    REQUIRE(std::system(("gzip -f " + path.string()).c_str()) == 0);
    auto bytes = read_file(path.string() + ".gz").value_or("");
    CHECK(looks_like_log(bytes));
    auto got = read_one(path.string() + ".gz");
    REQUIRE(got.all.size() == 2);
    CHECK(got.all[1].time == 0);
    CHECK(got.all[1].since_boot == 2'000'000'000);
    CHECK(got.all[1].program == "kernel");
  }
  SECTION("others") {
    for (const char* text : {"", "hello\nthere\n", "type=SYSCALL msg=audit(1.2:3): a", "[\n{\"Id\":1}]",
                             "\x7f"
                             "ELF"})
      CHECK_FALSE(looks_like_log(text));
    CHECK(looks_like_log("LPKSHHRH\x01"));
    CHECK(read_one(folder / "none").notes.at(0).state == SourceNote::State::absent);
    CHECK(read_one(folder.path()).notes.at(0).state == SourceNote::State::broken);
    CHECK(read_one(folder.write("j", "LPKSHHRH")).notes.at(0).state == SourceNote::State::broken);
  }
}
