#include "backend/stap/staprun.h"

#include "base/signals.h"
#include "catch.h"

using namespace stapkill;

TEST_CASE("staprun: its output is cut into lines, whatever pieces it comes in", "[stap]") {
  const std::string text = "one\n\nthree\nrest";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    INFO(piece);
    ToolLines lines;
    std::vector<std::string> found;
    for (std::size_t at = 0; at < text.size(); at += piece)
      lines.take(std::string_view(text).substr(at, piece), [&](const std::string& line) { found.push_back(line); });
    CHECK(found == std::vector<std::string>{"one", "", "three"});
    CHECK(lines.rest() == "rest");
    CHECK(lines.rest().empty());
  }
}

TEST_CASE("staprun: a line without an end is not kept", "[stap]") {
  ToolLines lines;
  std::size_t count = 0;
  for (int at = 0; at < 100; ++at) lines.take(std::string(1000, 'x'), [&](const std::string&) { ++count; });
  CHECK(lines.rest().size() <= 17384);
  CHECK(count == 0);
}

TEST_CASE("staprun: an error says what staprun did and what to do, with doctor's check where the words are known",
          "[stap]") {
  auto known = staprun_error(1 << 8, " while watching",
                             "ERROR: Couldn't insert module '/tmp/x.ko': Key was rejected by service");
  CHECK_THAT(known.message,
             Catch::Matchers::StartsWith("staprun exited with status 1 while watching: ERROR: Couldn't"));
  CHECK_FALSE(known.id == "stap.staprun");
  CHECK_FALSE(known.check.empty());
  CHECK_THAT(known.remedy, Catch::Matchers::Contains("stapkill doctor"));
  auto unknown = staprun_error(9, "", "");
  CHECK(unknown.message.english() == "staprun " + describe_status(9).english());
  CHECK(unknown.id == "stap.staprun");
  CHECK(unknown.check.empty());
}

TEST_CASE("staprun: a verbose one's own lines differ from the module's", "[stap]") {
  CHECK(staprun_word("stapio:stp_main_loop:690 systemtap_module_init() returned 0") == StaprunWord::armed);
  CHECK(staprun_word("stapio:stp_main_loop:690 systemtap_module_init() returned -12") == StaprunWord::own);
  CHECK(staprun_word("staprun:insert_module:188 inserting module x") == StaprunWord::own);
  CHECK(staprun_word("execing: /usr/libexec/systemtap/stapio -v -v x.ko") == StaprunWord::own);
  for (const char* line : {"WARNING: x", "ERROR: y", "", "stapio", "stapio: x", "systemtap_module_init() returned 0"}) {
    INFO(line);
    CHECK(staprun_word(line) == StaprunWord::module);
  }
}
