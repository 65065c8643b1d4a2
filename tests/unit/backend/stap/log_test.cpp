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
