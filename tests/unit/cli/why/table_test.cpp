#include "cli/why/table.h"

#include "catch.h"
#include "cli/times.h"
#include "store/made_history.h"

using namespace stapkill;

TEST_CASE("why table: columns are aligned", "[why_table]") {
  auto killed = made_death(7, "web\x1b"), ended = made_death(1234, "postgres");
  killed.initiator = "systemctl(812)";
  ended.cause = "exit";
  ended.signal = 0;
  auto time = date_and_time(kNow);
  CHECK(why_table({killed, ended}, {.color = false, .utf8 = true, .terminal = false, .width = 0}) ==
        "TIME                 PROCESS         CAUSE         INITIATOR\n" + time +
            "  web\\x1b(7)      kill SIGKILL  systemctl(812)\n" + time + "  postgres(1234)  exit          -\n");
}

TEST_CASE("why table: rows are cut at the terminal's width", "[why_table]") {
  auto text = why_table({made_death(7, "web")}, {.color = false, .utf8 = false, .terminal = true, .width = 30});
  CHECK(text == "TIME                 PROCES...\n" + date_and_time(kNow) + "  web(7)...\n");
}
