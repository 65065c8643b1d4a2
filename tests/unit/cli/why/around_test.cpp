#include "cli/why/around.h"

#include "catch.h"
#include "store/made_history.h"

using namespace stapkill;

namespace {

/// With that process, and its parent's pid, in its record.
StoredDeath family(int pid, int parent, Time time = kNow) {
  auto death = made_death(pid, "p" + std::to_string(pid), time);
  auto process = [](int number) { return R"({"pid":)" + std::to_string(number) + R"(,"comm":"c","start":"s"})"; };
  death.record = R"({"process":)" + process(pid) + R"(,"parent":)" + process(parent) + "}";
  return death;
}

std::vector<int> around(const StoredDeath& death, const std::vector<StoredDeath>& others) {
  std::vector<StoredDeath> all = others;
  all.push_back(death);
  MadeHistory made(all);
  auto history = made.read();
  std::vector<int> pids;
  for (const auto& one : others_around(death, read_record(death.record), history).nearest) pids.push_back(one.pid);
  return pids;
}

using Pids = std::vector<int>;

}  // namespace

TEST_CASE("why around: siblings and children, the nearest in time first", "[why_around]") {
  CHECK(around(family(7, 1), {family(8, 1, kNow + 3 * kSecond), family(9, 7, kNow - kSecond), family(10, 2)}) ==
        Pids{9, 8});
}

TEST_CASE("why around: what ended long before or after does not belong to it", "[why_around]") {
  CHECK(around(family(7, 1), {family(8, 1, kNow + 11 * kSecond), family(9, 1, kNow - 11 * kSecond)}).empty());
}

TEST_CASE("why around: of a unit or container, what is in it", "[why_around]") {
  auto main = family(7, 1), worker = family(8, 7), helper = family(9, 1);
  main.unit = worker.unit = "nginx.service";
  CHECK(around(main, {worker, helper}) == Pids{8});
  main.container = helper.container = std::string(64, 'a');
  CHECK(around(main, {worker, helper}) == Pids{9});
}

TEST_CASE("why around: only the nearest are shown, others counted", "[why_around]") {
  std::vector<StoredDeath> all;
  for (int pid = 7; pid < 17; ++pid) all.push_back(family(pid, 1, kNow + pid));
  MadeHistory made(all);
  auto history = made.read();
  auto found = others_around(all[0], read_record(all[0].record), history);
  CHECK(found.nearest.size() == 5);
  CHECK(found.more == 4);
}
