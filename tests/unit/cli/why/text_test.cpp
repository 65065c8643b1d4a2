#include "cli/why/text.h"

#include "catch.h"
#include "cli/times.h"
#include "store/made_history.h"

using namespace stapkill;

namespace {

constexpr Appearance kPlain{.color = false, .utf8 = true, .terminal = false, .width = 0};

std::string text_of(const MadeHistory& made, const StoredDeath& death, const Beside& beside = {},
                    bool verbose = false) {
  auto history = made.read();
  return why_text(death, history, beside, kPlain, verbose);
}

}  // namespace

TEST_CASE("why text: the answer first, then the life, what came since, and what was not seen", "[why_text]") {
  auto web = made_death(7, "web");
  web.cmdline = "/web --port 80";
  web.unit = "docker-aa.scope";
  web.container = std::string(64, 'a');
  web.name = "front";
  web.pod = "shop/cart-0";
  web.record = R"({"verdict":{"evidence":["wait status 0x09","before: SIGHUP ignored"]},
                   "ancestry":[{"pid":5,"comm":"sh","start":"s"}]})";
  auto next = web, last = web;
  next.time = kNow + 60 * kSecond;
  last.time = kNow + 90 * kSecond;
  next.container = last.container = std::string(64, 'b');
  MadeHistory made({web, next, last}, {{kNow - kSecond, kNow - kSecond, BlindInterval::Why::lost, 3}});
  CHECK(text_of(made, web, {"", "web(9) is alive", "no recorder has watched since then"}) ==
        date_and_time(kNow) +
            "  web was killed.\n"
            "  process   /web --port 80\n"
            "  unit      docker-aa.scope\n"
            "  container front (aaaaaaaaaaaa)\n"
            "  pod       shop/cart-0\n"
            "  time line " +
            clock_time(kNow - 100 * kSecond) +
            "  started; it lived for 1 min 40 s\n"
            "            " +
            clock_time(kNow) +
            "  ended by SIGKILL\n"
            "  earlier   SIGHUP ignored\n"
            "  since     web of front ended 2 more times; the latest at " +
            date_and_time(last.time) +
            "\n"
            "  now       web(9) is alive\n"
            "  not seen  events lost at " +
            date_and_time(kNow - kSecond) +
            ": 3\n"
            "  not seen  no recorder has watched since then\n");
  auto verbose = text_of(made, web, {"it is alive:", "", ""}, true);
  CHECK(verbose.starts_with("it is alive:\n"));
  CHECK(verbose.ends_with("  evidence  wait status 0x09\n  parents   sh(5)\n"));
}

TEST_CASE("why text: a damaged record still has its columns", "[why_text]") {
  auto web = made_death(7, "web");
  web.record = "{";
  CHECK(text_of(MadeHistory({web}), web, {}, true).find("web was killed.") != std::string::npos);
}
