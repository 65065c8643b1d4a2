#include "engine/container_tracker.h"

#include "catch.h"

using namespace stapkill;
using Change = ContainerTracker::Change;
using Key = ProcessKey;

namespace {

Container in_pod(std::string id, std::string pod = "p") {
  return {"containerd", std::move(id), std::move(pod)};
}

}  // namespace

TEST_CASE("containers: begin with their first process and end with their last", "[containers]") {
  ContainerTracker tracker;
  auto one = in_pod("a");
  CHECK(tracker.joined(one, {1, 10}) == Change::started);
  CHECK(tracker.joined(one, {2, 20}) == Change::none);
  CHECK(tracker.is_main(one, {1, 10}));
  CHECK_FALSE(tracker.is_main(one, {2, 20}));
  CHECK(tracker.left(one, {1, 10}) == Change::none);
  CHECK(tracker.left(one, {1, 10}) == Change::none);
  CHECK(tracker.left(one, {2, 20}) == Change::ended);
  CHECK(tracker.left(one, {2, 20}) == Change::none);
  CHECK(tracker.left(in_pod("b"), {2, 20}) == Change::none);
  CHECK(tracker.restarts() == 0);
}

TEST_CASE("containers: the next one of a pod is a restart, one of another pod is not", "[containers]") {
  ContainerTracker tracker;
  tracker.joined(in_pod("a"), {1, 1});
  tracker.joined(in_pod("sidecar"), {2, 2});
  tracker.left(in_pod("a"), {1, 1});
  CHECK(tracker.joined(in_pod("x", "other"), {3, 3}) == Change::started);
  CHECK(tracker.joined(in_pod("b"), {4, 4}) == Change::restarted);
  CHECK(tracker.joined(in_pod("c"), {5, 5}) == Change::started);
  CHECK(tracker.restarts() == 1);
  CHECK(tracker.restarts(in_pod("c")) == 1);
  CHECK(tracker.restarts(in_pod("x", "other")) == 0);
}

TEST_CASE("containers: what the kubelet says counts more", "[containers]") {
  ContainerTracker tracker;
  auto says = [](bool again, std::string name) { return [=] { return ContainerTracker::Run{again, name}; }; };
  CHECK(tracker.joined(in_pod("init"), {1, 1}, says(false, "setup")) == Change::started);
  CHECK(tracker.left(in_pod("init"), {1, 1}) == Change::ended);
  CHECK(tracker.joined(in_pod("a"), {2, 2}, says(false, "server")) == Change::started);
  CHECK(tracker.name_of(in_pod("a")) == "server");
  CHECK(tracker.name_of(in_pod("z")).empty());
  bool asked = false;
  tracker.joined(in_pod("a"), {3, 3}, [&] { return asked = true, ContainerTracker::Run{}; });
  CHECK_FALSE(asked);
  CHECK(tracker.joined(in_pod("b"), {4, 4}, says(true, "sidecar")) == Change::restarted);
  CHECK(tracker.restarts() == 1);
}

TEST_CASE("containers: outside a pod it is the same id that comes again", "[containers]") {
  ContainerTracker tracker;
  auto one = in_pod("a", "");
  for (int round = 0; round < 3; ++round) {
    Key key{round, 100};
    CHECK(tracker.joined(one, key) == (round ? Change::restarted : Change::started));
    CHECK(tracker.is_main(one, key));
    CHECK(tracker.left(one, key) == Change::ended);
  }
  CHECK(tracker.joined(in_pod("b", ""), {9, 9}) == Change::started);
  CHECK(tracker.restarts(one) == 2);
}

TEST_CASE("containers: the oldest that ended are forgotten", "[containers]") {
  ContainerTracker tracker;
  for (int at = 0; at < 2000; ++at) {
    auto one = in_pod(std::to_string(at), "");
    CHECK(tracker.joined(one, {at, 1}) == Change::started);
    CHECK(tracker.left(one, {at, 1}) == Change::ended);
  }
  CHECK(tracker.joined(in_pod("0", ""), {1, 1}) == Change::started);
  CHECK(tracker.joined(in_pod("1999", ""), {1, 1}) == Change::restarted);
}
