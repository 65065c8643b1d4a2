#include "backend/stap/log.h"

#include "catch.h"

using namespace stapkill;

namespace {

constexpr char kPassFour[] =
    "Pass 1: parsed user script and 484 library scripts in 80usr/60sys/131real ms.\n"
    "Pass 2: analyzed script: 1 probe in 10usr/0sys/7real ms.\n"
    "Pass 3: translated to C into \"/tmp/stapX/stap_1_src.c\" in 0usr/0sys/0real ms.\n"
    "In file included from /usr/share/systemtap/runtime/stp_utrace.c:28,\n"
    "/usr/share/systemtap/runtime/stp_task_work.c:107:40: error: passing argument 2 of 'f' from incompatible pointer\n"
    "cc1: all warnings being treated as errors\n"
    "make[1]: *** [scripts/Makefile.build:255: /tmp/stapX/stap_1_src.o] Error 1\n"
    "WARNING: kbuild exited with status: 2\n"
    "Pass 4: compiled C into \"stap_1.ko\" in 10320usr/2940sys/7421real ms.\n"
    "Pass 4: compilation failed.  [man error::pass4]\n";

LogReader read(std::string_view text, std::size_t piece = std::string_view::npos) {
  LogReader log;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) log.take(text.substr(0, piece));
  log.end();
  return log;
}

std::vector<std::string> ids(const LogReader& log) {
  std::vector<std::string> out;
  for (const auto& found : log.recognised()) out.emplace_back(found.message->id);
  return out;
}

}  // namespace

TEST_CASE("log: the cause of a failure, not what follows from it", "[log]") {
  auto log = read(kPassFour);
  REQUIRE(log.cause() != nullptr);
  CHECK(log.cause()->message->id == "runtime.task-work-cancel");
  CHECK(log.cause()->line == 5);
  CHECK(log.cause()->count == 1);
  CHECK(log.failed_pass() == 4);
  CHECK(log.last_pass() == 4);
  CHECK(log.lines() == 10);
  CHECK(ids(log) == std::vector<std::string>{"runtime.task-work-cancel"});
}

TEST_CASE("log: pieces of any size give the same", "[log]") {
  for (std::size_t piece : {1, 2, 7, 64, 1000}) {
    auto log = read(kPassFour, piece);
    CHECK(ids(log) == ids(read(kPassFour)));
    CHECK(log.lines() == 10);
    CHECK(log.cause()->line == 5);
    CHECK(log.failed_pass() == 4);
  }
}

TEST_CASE("log: the cause first, then other errors, then warnings; each once", "[log]") {
  auto log = read(
      "WARNING: Kernel function symbol table missing [man warning::symbols]\n"
      "WARNING: There were 1 transport failures. Try stap -s\n"
      "semantic error: while resolving probe point: identifier 'kernel' at <input>:1:7\n"
      "semantic error: no match\n"
      "WARNING: There were 2 transport failures. Try stap -s\n"
      "ERROR: MAXACTION exceeded near x\n"
      "semantic error: no match\n");
  CHECK(ids(log) ==
        std::vector<std::string>{"stap.no-match-bare", "stap.maxaction", "kernel.symbols", "stap.transport"});
  auto all = log.recognised();
  CHECK(all[0].line == 4);
  CHECK(all[0].count == 2);
  CHECK(all[3].line == 2);
  CHECK(all[3].count == 2);
  CHECK(all[3].text == "WARNING: There were 1 transport failures. Try stap -s");
}

TEST_CASE("log: context counts where nothing else says why", "[log]") {
  auto log = read(
      "WARNING: Kernel function symbol table missing\n"
      "foo.c:1:1: error: a thing that nobody knows\n"
      "make[1]: *** [foo.o] Error 1\n"
      "WARNING: kbuild exited with status: 2\n"
      "Pass 4: compilation failed.  [man error::pass4]\n");
  REQUIRE(log.cause() != nullptr);
  CHECK(log.cause()->message->id == "context.kbuild");
  CHECK(ids(log) == std::vector<std::string>{"context.kbuild", "kernel.symbols"});
  REQUIRE(log.unknown_error().has_value());
  CHECK(log.unknown_error()->line == 2);
  log =
      read("semantic error: while resolving probe point: x\nsemantic error: nobody knows\nPass 2: analysis failed.\n");
  CHECK(ids(log) == std::vector<std::string>{"stap.pass2"});
  CHECK(log.cause()->line == 2);
  log = read("semantic error: while resolving probe point: x\n");
  CHECK(log.cause() == nullptr);
  CHECK(ids(log) == std::vector<std::string>{"context.resolving"});
}

TEST_CASE("log: warnings alone are no cause", "[log]") {
  auto log = read("WARNING: Number of errors: 0, skipped probes: 82\n");
  CHECK(log.cause() == nullptr);
  CHECK(ids(log) == std::vector<std::string>{"stap.skipped"});
  CHECK_FALSE(log.failed_pass().has_value());
}

TEST_CASE("log: nothing", "[log]") {
  for (std::string_view text :
       {"", "\n", "\n\n\n", "hello\n", "Pass 1: parsed user script", "Pass 9: failed", "Pass "}) {
    INFO(text);
    auto log = read(text);
    CHECK(log.recognised().empty());
    CHECK(log.cause() == nullptr);
    CHECK_FALSE(log.failed_pass().has_value());
    CHECK_FALSE(log.unknown_error().has_value());
  }
  CHECK(read("").lines() == 0);
  CHECK(read("\n").lines() == 1);
  CHECK(read("a\nb").lines() == 2);
}

TEST_CASE("log: a last line without its newline, and lines that end as on Windows", "[log]") {
  CHECK(ids(read("semantic error: no match")) == std::vector<std::string>{"stap.no-match-bare"});
  auto log = read("x\r\nsemantic error: no match\r\nPass 2: analysis failed.\r\n");
  CHECK(ids(log) == std::vector<std::string>{"stap.no-match-bare"});
  CHECK(log.cause()->text == "semantic error: no match");
  CHECK(log.failed_pass() == 2);
}

TEST_CASE("log: the first pass that failed, of several runs", "[log]") {
  auto log = read("Pass 2: analysis failed.\nPass 1: parsed\nPass 4: compilation failed.\n");
  CHECK(log.failed_pass() == 2);
  CHECK(log.last_pass() == 4);
}

TEST_CASE("log: what is kept does not grow with a line", "[log]") {
  LogReader log;
  std::string piece(1 << 20, 'x');
  log.take("ERROR: MAXACTION exceeded near ");
  for (int i = 0; i < 64; ++i) log.take(piece);
  log.take("\nsemantic error: no match\n");
  log.end();
  CHECK(ids(log) == std::vector<std::string>{"stap.maxaction", "stap.no-match-bare"});
  CHECK(log.cause()->text.size() == kLongestMessage);
  CHECK(log.recognised()[1].line == 2);
}

TEST_CASE("log: a warning from which the error follows is the cause", "[log]") {
  auto log = read(
      "WARNING: Kernel function symbol table missing [man warning::symbols]\n"
      "WARNING: cannot find module kernel debuginfo: No DWARF information found [man warning::debuginfo]\n"
      "semantic error: while resolving probe point: identifier 'kernel' at <input>:1:7\n"
      "        source: probe kernel.function(\"vfs_read\") {\n"
      "                      ^\n"
      "\n"
      "semantic error: no match\n"
      "\n"
      "Pass 2: analysis failed.  [man error::pass2]\n");
  REQUIRE(log.cause() != nullptr);
  CHECK(log.cause()->message->id == "kernel.debuginfo.warning");
  CHECK(ids(log) == std::vector<std::string>{"kernel.debuginfo.warning", "stap.no-match.kernel", "kernel.symbols"});
  auto all = log.recognised();
  REQUIRE(log.origin(all[1]) != nullptr);
  CHECK(log.origin(all[1])->line == 2);
  CHECK(log.origin(all[0]) == nullptr);
  CHECK(all[1].text == "semantic error: no match");
}

TEST_CASE("log: debuginfo of the kernel explains nothing of a program's function", "[log]") {
  auto log = read(
      "WARNING: cannot find module kernel debuginfo: No DWARF information found [man warning::debuginfo]\n"
      "semantic error: while resolving probe point: identifier 'process' at <input>:1:7\n"
      "        source: probe process(\"/usr/sbin/x\").function(\"main\") {\n"
      "semantic error: no match\n");
  CHECK(ids(log) == std::vector<std::string>{"stap.no-match.program", "kernel.debuginfo.warning"});
}

TEST_CASE("log: a bare no match is judged by the probe point that stap names before", "[log]") {
  const std::pair<const char*, const char*> cases[] = {
      {"process(\"/usr/bin/x\").provider(\"p\").mark(\"m\")", "stap.no-match.mark"},
      {"process(\"/usr/bin/x\").mark(\"m\") {", "stap.no-match.mark"},
      {"process(\"/usr/bin/x\").function(\"f\"),", "stap.no-match.program"},
      {"kernel.trace(\"signal:nosuch\")", "stap.no-match.tracepoint"},
      {"kprobe.function(\"get_request_wait\")", "stap.no-match.kprobe"},
      {"nd_syscall.kill = kprobe.function(\"sys_kill\")", "stap.no-match.syscall"},
      {"kernel.function(\"tcp_nosuch\")", "stap.no-match.kernel"},
      {"module(\"ext4\").function(\"ext4_sync\")", "stap.no-match.module"},
      {"vfs.read {", "stap.no-match-bare"},
  };
  for (auto [point, id] : cases) {
    INFO(point);
    auto log =
        read("semantic error: while resolving probe point: identifier 'x' at <input>:1:7\n        source: probe " +
             std::string(point) + "\n\nsemantic error: no match\n");
    CHECK(ids(log) == std::vector<std::string>{id});
  }
  // The next probe point is another.
  auto log = read(
      "semantic error: while resolving probe point: identifier 'kprobe' at a.stp:1:7\n"
      "        source: probe kprobe.function(\"x\")\n"
      "semantic error: no match (similar functions: y)\n"
      "semantic error: while resolving probe point: identifier 'a' at a.stp:9:7\n"
      "semantic error: no match\n");
  CHECK(ids(log) == std::vector<std::string>{"stap.no-match", "stap.no-match-bare"});
}

TEST_CASE("log: the tapset, not its consequences", "[log]") {
  auto log = read(
      "parse error: expected statement\n"
      "        saw: /usr/share/systemtap/tapset/uconversions.stp EOF\n"
      "1 parse error.\n"
      "WARNING: tapset \"/usr/share/systemtap/tapset/uconversions.stp\" has errors, and will be skipped\n"
      "semantic error: unresolved function (similar: log): identifier 'f' at /usr/share/systemtap/tapset/a.stp:1:1\n");
  CHECK(ids(log) ==
        std::vector<std::string>{"stap.tapset-parse", "stap.parse", "stap.unresolved-tapset", "stap.tapset-broken"});
  log = read("parse error: expected statement\n\tsaw: operator '}' at my.stp:3:1\n");
  CHECK(ids(log) == std::vector<std::string>{"stap.parse"});
}

namespace {

LogReader pasted(std::string_view text, std::size_t piece = std::string_view::npos) {
  LogReader log(LogSource::pasted);
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) log.take(text.substr(0, piece));
  log.end();
  return log;
}

}  // namespace

TEST_CASE("log: lines that were folded are one again", "[log][fold]") {
  const std::pair<const char*, const char*> cases[] = {
      // at the edge of a terminal, within a word
      {"ERROR: Couldn't insert module '/tmp/stapPu3dP4/stap_60e9ed8117298b3743496b850b4d\nbe36_1046.ko': Operation not "
       "permitted\n",
       "insert.permitted"},
      // by a mail program, at a blank, with a mark of quotation
      {"> semantic error: type definition 'task_struct' not found in\n> 'kernel<linux/sched.h>': operator '@cast' "
       "at\n> "
       "/usr/share/systemtap/tapset/linux/task.stp:74:26\n",
       "stap.type-tapset"},
      // quoted-printable
      {"semantic error: unable to find member 'f_path' for struct file (alternatives=\n: x): operator '->' at "
       "/usr/share/s="
       "\nystemtap/tapset/linux/vfs.stp:5:1\n",
       "stap.member-tapset"},
      {"Systemtap Error at _stp_transport_data_fs_init:321 Not enough free+buffered mem\nory(120MB) for log "
       "buffer(1024MB)\n",
       "dmesg.relay-memory"},
  };
  for (auto [text, id] : cases) {
    INFO(text);
    for (std::size_t piece : {std::string_view::npos, std::size_t{1}}) {
      auto log = pasted(text, piece);
      CHECK(ids(log) == std::vector<std::string>{id});
      REQUIRE(log.cause() != nullptr);
      CHECK(log.cause()->line == 1);
      CHECK_FALSE(log.unknown_error().has_value());
    }
    // A program's own lines are whole.
    CHECK(ids(read(text)) != std::vector<std::string>{id});
  }
}

TEST_CASE("log: a line of its own is not joined with the line above", "[log][fold]") {
  std::string wide = "ERROR: a script's own words that go on until the edge of the terminal, and say a";
  CHECK(ids(pasted(wide + "llocation failed\n")) == std::vector<std::string>{"runtime.no-memory"});
  // A line of its own by a logger's stamp, by a blank line, or by a beginning that SystemTap gives it.
  for (const char* next : {"[ 12.345678] llocation failed\n", "\nllocation failed\n", "source: llocation failed\n"}) {
    INFO(next);
    CHECK(ids(pasted(wide + "\n" + next)) == std::vector<std::string>{"stap.error"});
  }
  CHECK(ids(pasted("ERROR: a\nllocation failed\n")) == std::vector<std::string>{"stap.error"});
  auto log = pasted(std::string(70, 'x') + " error: new\nof nobody's\nno error: two\n");
  CHECK(log.recognised().empty());
  REQUIRE(log.unknown_error().has_value());
  CHECK(log.unknown_error()->line == 1);
}

TEST_CASE("log: what is kept of folded lines does not grow", "[log][fold]") {
  std::string text = "ERROR: MAXACTION exceeded near ";
  for (int i = 0; i < 1000; ++i) text += std::string(200, 'x') + "\n";
  auto log = pasted(text);
  CHECK(log.lines() == 1000);
  REQUIRE(log.cause() != nullptr);
  CHECK(log.cause()->text.size() <= kLongestMessage);
  CHECK(log.cause()->count == 1);
}

TEST_CASE("log: tags of HTML end lines of pasted text", "[log]") {
  const char* text =
      "<p>x\n"
      "WARNING: cannot find module &#47;opt&#47;x debuginfo: No DWARF information found<br>ERROR: MAXACTION exceeded "
      "near identifier &#39;a&#39;<br/>Pass 5: run failed.</p>\n";
  auto log = pasted(text);
  CHECK(ids(log) == std::vector<std::string>{"stap.maxaction", "program.debuginfo"});
  CHECK(log.lines() == 2);
  CHECK(log.failed_pass() == 5);
  REQUIRE(log.cause() != nullptr);
  CHECK(log.cause()->line == 2);
  CHECK(log.cause()->text == "ERROR: MAXACTION exceeded near identifier 'a'");
  // A program's own lines are whole.
  CHECK(ids(read(text)) == std::vector<std::string>{"stap.maxaction"});
}

TEST_CASE("log: stamps, colours and languages do not matter, and are not shown", "[log]") {
  for (const char* line :
       {"2026-11-28T12:00:00.123456Z semantic error: no match",
        "Nov 28 12:00:00 host stap[4711]: semantic error: no match",
        "\033[01;31m\033[Ksemantic error:\033[m\033[K no match", "> > semantic error: no match\r",
        "{\"log\":\"semantic error: no match\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-28T12:00:00Z\"}"}) {
    INFO(line);
    auto log = pasted(line);
    CHECK(ids(log) == std::vector<std::string>{"stap.no-match-bare"});
    REQUIRE(log.cause() != nullptr);
    CHECK(log.cause()->text == "semantic error: no match");
  }
  auto log = pasted("make[1]: *** [scripts/Makefile.build:255：/tmp/stapX/stap_1_src.o] 错误 1\nx.c:1:1: 错误：新的\n");
  CHECK(ids(log) == std::vector<std::string>{"context.make"});
  REQUIRE(log.unknown_error().has_value());
  CHECK(log.unknown_error()->text == "x.c:1:1: 错误：新的");
}

TEST_CASE("log: the pass that failed, after any stamp", "[log]") {
  auto log =
      pasted("12:00:01 Pass 1: parsed\nbuild-1  | Pass 4: compilation failed.  Try again with another '--vp 0001'.\n");
  CHECK(log.failed_pass() == 4);
  CHECK_FALSE(pasted("xPass 4: compilation failed.\n").failed_pass().has_value());
}

TEST_CASE("log: of a struct's members the first stay, and the place after them", "[log]") {
  std::string names = "m0";
  for (int number = 1; number < 1000; ++number) names += ", member_" + std::to_string(number);
  LogReader log;
  log.take("semantic error: unable to find member 'x' for struct s (alternatives: " + names +
           "): operator '->' at a.stp:3:4\n");
  log.end();
  REQUIRE(log.cause());
  CHECK(log.cause()->text ==
        "semantic error: unable to find member 'x' for struct s (alternatives: m0, member_1, member_2, member_3, "
        "member_4, member_5, member_6, member_7, 992 more): operator '->' at a.stp:3:4");
}

TEST_CASE("log: a short list of members stays as it is", "[log]") {
  const std::string line =
      "semantic error: unable to find member 'x' for struct s (alternatives: a, b): operator '->' at a.stp:3:4";
  LogReader log;
  log.take(line + "\n");
  log.end();
  REQUIRE(log.cause());
  CHECK(log.cause()->text == line);
}
