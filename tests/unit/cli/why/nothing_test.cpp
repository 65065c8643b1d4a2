#include "cli/why/nothing.h"

#include "catch.h"
#include "cli/times.h"
#include "store/made_history.h"

using namespace stapkill;

namespace {

Error nothing(const MadeHistory& made, const std::string& word, const DeathQuery& query = {},
              const std::optional<Living>& living = {}) {
  auto history = made.read();
  return nothing_found(word, query, history, living, "");
}

}  // namespace

TEST_CASE("why nothing: what the history covers, what was not seen, and what is near", "[why_nothing]") {
  MadeHistory made({made_death(1, "nginx")},
                   {{kNow, kNow + kSecond, BlindInterval::Why::not_armed, 0},
                    {kNow - 60 * kSecond, kNow, BlindInterval::Why::counted, 5}},
                   kNow + 2 * kSecond);
  auto error = nothing(made, "ngnix");
  CHECK(error.message == "no death of 'ngnix' is in the history, which covers " + date_and_time(kNow - 60 * kSecond) +
                             " to " + date_and_time(kNow + 2 * kSecond) + "; the recorder did not watch from " +
                             date_and_time(kNow) + " to " + date_and_time(kNow + kSecond) +
                             "; 5 clean ends of short lives were only counted");
  CHECK(error.remedy == "near it: nginx");
}

TEST_CASE("why nothing: the time asked for is outside", "[why_nothing]") {
  MadeHistory made({made_death(1, "nginx")});
  DeathQuery query;
  query.since = kNow + kSecond;
  CHECK(nothing(made, "", query).message.english().find("it ends before the time that was asked for") !=
        std::string::npos);
  query = {};
  query.until = kNow - kSecond;
  CHECK(nothing(made, "", query).message.english().find("it begins after the time that was asked for") !=
        std::string::npos);
}

TEST_CASE("why nothing: a number that a container has", "[why_nothing]") {
  auto web = made_death(1, "web");
  web.container = std::string(64, '1');
  CHECK(nothing(MadeHistory({web}), "1111").remedy ==
        "a number is a pid; as a container: stapkill why --container 1111");
  CHECK(nothing(MadeHistory({web}), "2222").remedy.empty());
}

TEST_CASE("why nothing: it is alive", "[why_nothing]") {
  Living living;
  living.process.pid = 7;
  living.process.comm = "nginx";
  living.process.started = kNow;
  CHECK(nothing(MadeHistory(), "nginx", {}, living)
            .message.english()
            .starts_with("nginx(7) is alive since " + date_and_time(kNow) +
                         "; no death of a predecessor is in the history"));
}
