#include "backend/stap/messages.h"

#include <re2/re2.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "catch.h"
#include "doctor/check.h"

using namespace stapkill;
using Level = DiagnosticRecord::Level;

namespace {

struct Sample {
  std::string id;  ///< "-" for a harmless line
  std::string line;
  bool printed = false;  ///< by a real run; else built from the format in the sources
};

std::vector<Sample> samples() {
  std::ifstream file(STAPKILL_SAMPLES "/messages.tsv");
  std::vector<Sample> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    auto first = line.find('\t'), second = line.find('\t', first + 1);
    REQUIRE(second != std::string::npos);
    auto kind = line.substr(first + 1, second - first - 1);
    REQUIRE((kind == "printed" || kind == "built"));
    all.push_back({line.substr(0, first), line.substr(second + 1), kind == "printed"});
  }
  return all;
}

std::string id_of(std::string_view line) {
  const auto* message = recognise(line);
  return message ? std::string(message->id) : "-";
}

}  // namespace

TEST_CASE("messages: each sample is its own message, and harmless lines are no message", "[messages]") {
  auto all = samples();
  CHECK(all.size() > 340);
  for (const auto& sample : all) {
    INFO(sample.line);
    CHECK(id_of(sample.line) == sample.id);
    // As in a log of a terminal, or in one of the kernel.
    CHECK(id_of(sample.line + "\r") == sample.id);
  }
}

TEST_CASE("messages: each has a sample", "[messages]") {
  std::set<std::string, std::less<>> ids;
  for (const auto& sample : samples()) ids.insert(sample.id);
  for (const auto* message : messages()) {
    INFO(message->id);
    CHECK(ids.count(message->id) == 1);
  }
}

TEST_CASE("messages: the rows of the table are whole", "[messages]") {
  REQUIRE(messages().size() == 215);
  std::set<std::string_view> ids, patterns;
  for (const auto* message : messages()) {
    INFO(message->id);
    CHECK(ids.insert(message->id).second);
    CHECK(patterns.insert(message->pattern).second);
    re2::RE2 pattern(re2::StringPiece(message->pattern.data(), message->pattern.size()));
    CHECK(pattern.ok());
    CHECK_FALSE(re2::RE2::PartialMatch("", pattern));
    REQUIRE_FALSE(message->cause.empty());
    CHECK(message->cause.back() == '.');
    REQUIRE_FALSE(message->remedy.empty());
    CHECK(message->remedy.back() != '.');
    CHECK_FALSE(message->source.empty());
    if (!message->check.empty()) CHECK(find_check(message->check) != nullptr);
    CHECK_FALSE(explains(*message, *message));
    for (const auto& option : options_of(*message)) {
      INFO(option);
      CHECK(option.size() > 1);
      CHECK(option[0] == '-');
    }
  }
}

TEST_CASE("messages: prefixes do not matter", "[messages]") {
  for (const char* before :
       {"Nov 28 12:00:00 host1 kernel: [ 12.345678] ", "2026-11-28T12:00:00.123456789+08:00 stderr F ", "> > ",
        "web-1  | ", "\033[31m", "    ", "tracer worker (3) ", "x: ", "systemtap> ", "15:02:01 [ERROR] "}) {
    for (const auto& sample : samples()) {
      auto line = before + sample.line;
      INFO(line);
      auto id = id_of(line);
      CHECK((id == sample.id || (sample.id == "stap.error" && id == "-")));
    }
  }
}

TEST_CASE("messages: what a message explains is in the table", "[messages]") {
  std::size_t named = 0;
  for (const auto* message : messages()) {
    INFO(message->id);
    std::string_view rest = message->explains;
    while (!rest.empty()) {
      auto word = rest.substr(0, rest.find(' '));
      INFO(word);
      bool known = std::any_of(messages().begin(), messages().end(), [&](const Message* other) {
        Message only = *message;
        only.explains = word;
        return other != message && explains(only, *other);
      });
      CHECK(known);
      ++named;
      rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    }
    // Two that explain one another would leave a log without a cause.
    for (const auto* other : messages()) CHECK_FALSE((explains(*message, *other) && explains(*other, *message)));
  }
  CHECK(named > 50);
}

TEST_CASE("messages: a line that was cut at 80 columns is the same message, or one that says less", "[messages]") {
  // Messages whose important words are after the edge.
  const std::map<std::string, std::string, std::less<>> less = {
      {"probe.registration-lockdown", "probe.registration"},
      {"probe.registration-symbol", "probe.registration"},
      {"insert.format", "insert.other"},
      {"stap.member-tapset", "stap.member"},
      {"stap.struct-access", "stap.pass2"},
      {"kernel.config.utrace", "runtime.compile"},
      {"stap.server", "-"},
      {"runtime.task-work-cancel", "-"},
      {"fs.space", "runtime.compile-module"},
      {"fs.readonly", "-"},
      {"context.make", "-"},
      {"stap.no-match.mark", "stap.no-match.program"},
      {"stap.unresolved-tapset", "stap.unresolved-function"},
      {"stap.type-tapset", "stap.type"},
      {"package.key", "-"},
      {"package.fetch", "-"},
      {"runtime.autoconf", "runtime.compile"},
      {"stap.no-match.module", "kernel.debuginfo"},
      {"stap.tapset-parse", "-"},
      {"crash.stap-module", "-"},
      {"runtime.two-versions", "runtime.compile-module"},
  };
  std::size_t cut = 0;
  for (const auto& sample : samples()) {
    if (sample.line.size() <= 80 || sample.id == "-") continue;
    INFO(sample.line);
    ++cut;
    auto id = id_of(sample.line.substr(0, 80));
    auto other = less.find(sample.id);
    CHECK((id == sample.id || (other != less.end() && id == other->second)));
  }
  CHECK(cut > 100);
}

TEST_CASE("messages: those that a watch meets", "[messages]") {
  struct Case {
    const char* line;
    const char* id;
    Level level;
    const char* check;
  };
  const Case cases[] = {
      {"WARNING: Number of errors: 0, skipped probes: 3", "stap.skipped", Level::warning, ""},
      {"WARNING: There were 12 transport failures. Try stap -s to increase the buffer size from 16.", "stap.transport",
       Level::warning, ""},
      {"ERROR: Skipped too many probes, check MAXSKIPPED or try again with stap -t for more details.",
       "stap.maxskipped", Level::error, ""},
      {"ERROR: MAXACTION exceeded near identifier 'log' at /usr/share/systemtap/tapset/logging.stp:29:10",
       "stap.maxaction", Level::error, ""},
      {"ERROR: probe overhead (1000 cycles) exceeded threshold (500 cycles) in last 1000 cycles", "stap.overload",
       Level::error, ""},
      {"semantic error: unable to find member 'real_start_time' for struct task_struct", "stap.member-tapset",
       Level::error, "stap.runtime"},
      {"Checking \"/lib/modules/6.1.0/build/.config\" failed with error: No such file or directory", "kernel.build",
       Level::error, "kernel.build"},
      {"ERROR: module version mismatch (#1 SMP X vs #1 SMP Y), release 6.1.0", "kernel.version-mismatch", Level::error,
       "kernel.build"},
      {"ERROR: Couldn't insert module '/tmp/x.ko': Invalid module format", "insert.format", Level::error,
       "kernel.build"},
      {"ERROR: Couldn't insert module '/tmp/x.ko': Key was rejected by service", "kernel.signing", Level::error,
       "kernel.signing"},
      {"ERROR: Couldn't insert module '/tmp/x.ko': Operation not permitted", "insert.permitted", Level::error,
       "kernel.lockdown"},
      {"ERROR: Build-id mismatch [man error::buildid] \"kernel\" byte 0 (0x12 vs 0x34) address 0xffffffff81000000 rc 0",
       "kernel.debuginfo.match", Level::error, "kernel.debuginfo.match"},
      {"semantic error: missing aarch64 kernel/module debuginfo under '/lib/modules/6.1.0/build'", "kernel.debuginfo",
       Level::error, "kernel.debuginfo"},
      {"Your privilege credentials (unprivileged) are insufficient to run stap.", "user.privilege.module", Level::error,
       "user.privilege"},
      {"ERROR: The effective user ID of staprun must be set to the root user.", "staprun.setuid", Level::error,
       "stap.staprun"},
      {"write error: No space left on device", "fs.space", Level::error, "fs.space"},
      {"ERROR: a script's own", "stap.error", Level::error, ""},
      {"semantic error: nobody knows this one", "stap.pass2", Level::error, ""},
  };
  for (const auto& row : cases) {
    INFO(row.line);
    auto known = explain_message(row.line);
    REQUIRE(known.has_value());
    CHECK(known->id == row.id);
    CHECK(known->level == row.level);
    CHECK(known->check == row.check);
    CHECK(known->message == row.line);
    CHECK_FALSE(known->remedy.empty());
    CHECK(known->time == 0);
  }
}

TEST_CASE("messages: a remedy says how to pass the option to stap, and which check shows more", "[messages]") {
  auto known = explain_message("ERROR: MAXACTION exceeded near keyword at x.stp:1:1");
  REQUIRE(known.has_value());
  CHECK(known->remedy == "allow more statements: run again with --stap-arg=-DMAXACTION=102400");
  known = explain_message("Skipped too many probes, check MAXSKIPPED");
  REQUIRE(known.has_value());
  CHECK_THAT(known->remedy, Catch::Matchers::EndsWith("--stap-arg=-DMAXSKIPPED=102400 --stap-arg=-DMAXTRYLOCK=1000"));
  known = explain_message("ERROR: Couldn't insert module '/tmp/x.ko': Invalid module format");
  REQUIRE(known.has_value());
  CHECK_THAT(known->remedy, Catch::Matchers::EndsWith("(`stapkill doctor --only kernel.build` shows more)"));
  const auto* message = recognise("WARNING: /usr/bin/staprun exited with status: 1");
  REQUIRE(message != nullptr);
  CHECK(doctor_command(*message) == "stapkill doctor --deep --only smoke.run");
}

TEST_CASE("messages: progress and noise mean nothing to a person", "[messages]") {
  for (const char* line : {"", "make: Nothing to be done", "WARNING: \"x\" [y.ko] undefined!", "Truncating module name",
                           "\033[", "\033[1;31", "\r", "\xff\xfe"}) {
    INFO(line);
    CHECK_FALSE(explain_message(line).has_value());
  }
}

TEST_CASE("messages: colours are ignored", "[messages]") {
  CHECK(id_of("\033[01;31m\033[KERROR:\033[m\033[K MAXACTION exceeded near \033[32mkeyword\033[0m") ==
        "stap.maxaction");
  CHECK(id_of("\033[1msemantic error:\033[0m no match") == "stap.no-match-bare");
}

TEST_CASE("messages: any bytes will do", "[messages]") {
  using namespace std::string_literals;
  CHECK(id_of("\xff\xfe"s + "ERROR: MAXACTION exceeded near \xc3"s) == "stap.maxaction");
  CHECK(id_of("a\0b ERROR: MAXACTION exceeded near "s) == "stap.maxaction");
  CHECK(id_of("env: \xe2\x80\x98make\xe2\x80\x99: No such file or directory") == "toolchain.make");
}

TEST_CASE("messages: only the first bytes of a line are looked at", "[messages]") {
  std::string words = "ERROR: MAXACTION exceeded near x";
  CHECK(id_of(std::string(1000, 'x') + words) == "stap.maxaction");
  CHECK(id_of(std::string(kLongestMessage, 'x') + words) == "-");
  CHECK(id_of(std::string(64 << 20, 'x')) == "-");
}
