// Containers and pods as a session reports them, and what --until-death waits for in one.
#include "host/made_node.h"
#include "session/scene.h"

namespace {

const std::string kUid = "01234567-89ab-cdef-0123-456789abcdef";
const std::string kSlice = "/kubepods.slice/kubepods-pod01234567_89ab_cdef_0123_456789abcdef.slice/cri-containerd-";
const std::string kFirst(64, 'a'), kSecond(64, 'b'), kThird(64, 'd'), kPause(64, 'c');
const auto kMain = task(5'000'400, 40, "server"), kProbe = task(5'000'401, 41, "probe"),
           kAgain = task(5'000'402, 50, "server"), kSandbox = task(5'000'403, 39, "pause");

/// A process has run exec in a container.
KernelEvent in_container(const kernel::Task& who, const std::string& cgroup, std::string_view exe = "/server") {
  auto event = events::exec(who, kParent.pid, exe, {"server\0", 7});
  events::image_of(event).cgroup = cgroup;
  return event;
}

const std::string kInFirst = kSlice + kFirst + ".scope", kInSecond = kSlice + kSecond + ".scope",
                  kInThird = kSlice + kThird + ".scope", kInPause = kSlice + kPause + ".scope";

struct PodScene : Scene {
  PodScene() { targets = {.pods = {"shop/cart-0"}, .pod_uids = {kUid}}; }
  std::vector<std::string> states() const {
    std::vector<std::string> found;
    for (const auto& record : all("container")) found.push_back(record["state"]);
    return found;
  }
};

}  // namespace

TEST_CASE("session: a pod's container that ends is followed by the next, and that is counted", "[session]") {
  PodScene scene;
  ContainerRecord known;
  known.container.id = kFirst;
  known.name = "cart";
  known.pod = "shop/cart-0";
  known.last_status = 137;
  scene.options.known_containers = {known};
  scene.options.known_containers.push_back({});
  scene.options.known_containers.back().container.pod_uid = kUid;
  scene.options.known_containers.back().pod = "shop/cart-0";
  scene.run([](FakeBackend& fake) {
    fake.report(in_container(kSandbox, kInPause, "/pause"), in_container(kMain, kInFirst),
                in_container(kProbe, kInFirst), events::exit(kProbe, 0), events::exit(kMain, 1 << 8));
    fake.report(in_container(kAgain, kInSecond), events::exit(kAgain, 0), events::exit(kSandbox, 0));
    fake.end({});
  });
  CHECK(scene.states() == std::vector<std::string>{"started", "ended", "restarted", "ended"});
  CHECK(scene.all("death").size() == 4);
  CHECK(scene.one("summary")["restarts"] == 1);
  auto containers = scene.all("container");
  CHECK(containers[0]["container"] == json{{"runtime", "containerd"}, {"id", kFirst}, {"pod_uid", kUid}});
  CHECK(containers[0]["name"] == "cart");
  CHECK(containers[0]["last_status"].is_null());
  CHECK(containers[2]["name"].is_null());
  CHECK(containers[2]["pod"] == "shop/cart-0");
  CHECK(containers[2]["process"]["pid"] == kAgain.pid);
  CHECK(containers[2]["restarts"] == 1);
}

TEST_CASE("session: the kubelet's directory distinguishes restarts from first starts, and has names", "[session]") {
  MadeNode made;
  PodScene scene;
  scene.node = made.node();
  made.pod("shop", "cart-0", kUid);
  scene.run([&](FakeBackend& fake) {
    made.run(kUid, "setup", 0);  // an init container
    fake.report(in_container(kProbe, kInFirst), events::exit(kProbe, 0));
    made.run(kUid, "cart", 0);
    fake.report(in_container(kMain, kInSecond), events::exit(kMain, 1 << 8));
    made.run(kUid, "cart", 1);
    fake.report(in_container(kAgain, kInThird), events::exit(kAgain, 0));
    fake.end({});
  });
  CHECK(scene.states() == std::vector<std::string>{"started", "ended", "started", "ended", "restarted", "ended"});
  std::vector<json> names;
  for (const auto& record : scene.all("container")) names.push_back(record["name"]);
  CHECK(names == std::vector<json>{"setup", "setup", "cart", "cart", "cart", "cart"});
  CHECK(scene.one("summary")["restarts"] == 1);
}

TEST_CASE("session: how a container that does not run ended before is reported at once", "[session]") {
  PodScene scene;
  auto known = [&](const std::string& id, const std::string& name, std::optional<int> status) {
    ContainerRecord one;
    one.container.id = id;
    one.name = name;
    one.pod = "shop/cart-0";
    one.last_status = status;
    one.last_reason = "OOMKilled";
    scene.options.known_containers.push_back(one);
  };
  known(kSecond, "cart", 137);
  known(kFirst, "cart", 1);  // an earlier start of the same
  for (auto& one : scene.options.known_containers) one.what = ContainerRecord::What::ended;
  known(kPause, "runs", 3);  // its own last run
  known(kThird, "sidecar", std::nullopt);
  scene.run([&](FakeBackend& fake) { fake.end({}); });
  auto record = scene.one("container");
  CHECK(record["container"]["id"] == kSecond);
  CHECK(record["state"] == "ended");
  CHECK(record["process"].is_null());
  CHECK(record["last_status"] == 137);
  CHECK(record["last_reason"] == "OOMKilled");
}

TEST_CASE("session: a container that had crashed before the watch and comes again is a restart", "[session]") {
  MadeNode made;
  PodScene scene;
  scene.node = made.node();
  made.pod("shop", "cart-0", kUid, {"cart"});
  scene.run([&](FakeBackend& fake) {
    made.run(kUid, "cart", 1);
    fake.report(in_container(kMain, kInFirst), events::exit(kMain, 1 << 8));
    fake.end({});
  });
  CHECK(scene.states() == std::vector<std::string>{"restarted", "ended"});
}

TEST_CASE("session: two that start at once have no name, and what is not known stays as before", "[session]") {
  MadeNode made;
  PodScene scene;
  scene.node = made.node();
  made.pod("shop", "cart-0", kUid);
  scene.run([&](FakeBackend& fake) {
    made.run(kUid, "cart", 0);
    made.run(kUid, "sidecar", 0);
    fake.report(in_container(kMain, kInFirst), in_container(kProbe, kInSecond), events::exit(kMain, 0));
    fake.report(in_container(kAgain, kInThird), events::exit(kAgain, 0), events::exit(kProbe, 0));
    fake.end({});
  });
  auto record = scene.all("container");
  CHECK(record[0]["name"].is_null());
  CHECK(scene.states() == std::vector<std::string>{"started", "started", "ended", "restarted", "ended", "ended"});
}

TEST_CASE("session: processes that come and go in a container do not end --until-death", "[session]") {
  PodScene scene;
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    fake.report(in_container(kMain, kInFirst), in_container(kProbe, kInFirst), events::exit(kProbe, 0));
    fake.report(events::exit(kMain, 0));
  });
  CHECK(scene.result == 0);
  CHECK(scene.all("death").size() == 2);
  CHECK(scene.stops == 1);
}

TEST_CASE("session: a killed process of a container does", "[session]") {
  PodScene scene;
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    fake.report(in_container(kMain, kInFirst), in_container(kProbe, kInFirst), signal_event(kKiller, kProbe, SIGKILL),
                returned(kKiller, 0), events::exit(kProbe, SIGKILL));
  });
  CHECK(scene.result == 0);
  CHECK(scene.one("death")["process"]["pid"] == kProbe.pid);
}

namespace {

/// A unit's first process and one that helps it, which exits first.
struct UnitScene : Scene {
  const kernel::Task first = task(5'000'501, 50, "main"), helper = task(5'000'502, 51, "helper");

  UnitScene() {
    targets = {.units = {"web.service"}};
    options.until_death = true;
  }
  static KernelEvent there(const kernel::Task& who, std::string_view cgroup = "/system.slice/web.service") {
    auto event = events::exec(who, 1, "/usr/bin/web", "web");
    events::image_of(event).cgroup = cgroup;
    return event;
  }
  std::vector<int> dead() const {
    std::vector<int> pids;
    for (const auto& death : all("death")) pids.push_back(death["process"]["pid"]);
    return pids;
  }
};

}  // namespace

TEST_CASE("session: a helper of a unit or cgroup that exits does not end --until-death", "[session]") {
  for (bool cgroup : {false, true}) {
    UnitScene scene;
    if (cgroup) scene.targets = {.cgroups = {"/system.slice/web.service"}};
    scene.run([&](FakeBackend& fake) {
      fake.report(scene.there(scene.first), scene.there(scene.helper), events::exit(scene.helper, 0),
                  events::exit(scene.first, 1 << 8));
    });
    CHECK(scene.result == 0);
    CHECK(scene.dead() == std::vector<int>{scene.helper.pid, scene.first.pid});
  }
}

TEST_CASE("session: a unit's helper that a signal ends does", "[session]") {
  UnitScene scene;
  scene.run([&](FakeBackend& fake) {
    fake.report(scene.there(scene.first), scene.there(scene.helper), signal_event(kKiller, scene.helper, SIGKILL),
                returned(kKiller, 0), events::exit(scene.helper, SIGKILL));
  });
  CHECK(scene.result == 0);
  CHECK(scene.dead() == std::vector<int>{scene.helper.pid});
}

TEST_CASE("session: a unit that forks into the background lives on in its child", "[session]") {
  UnitScene scene;
  scene.run([&](FakeBackend& fake) {
    fake.report(scene.there(scene.first), events::fork(scene.first, scene.helper), scene.there(scene.helper),
                events::exit(scene.first, 0), events::exit(scene.helper, 0));
  });
  CHECK(scene.result == 0);
  CHECK(scene.dead() == std::vector<int>{scene.first.pid, scene.helper.pid});
}

TEST_CASE("session: a command of systemd for a unit is not its main process", "[session]") {
  UnitScene scene;
  scene.run([&](FakeBackend& fake) {
    fake.report(scene.there(scene.helper, "/system.slice/web.service/.control"), scene.there(scene.first),
                events::exit(scene.helper, 0), events::exit(scene.first, 0));
  });
  CHECK(scene.result == 0);
  CHECK(scene.dead() == std::vector<int>{scene.helper.pid, scene.first.pid});
}

TEST_CASE("session: what runc starts on the way is not the container's program", "[session]") {
  const auto step = task(5'000'404, 38, "runc:[1:CHILD]");
  PodScene scene;
  scene.options.until_death = true;
  scene.run([&](FakeBackend& fake) {
    fake.report(in_container(step, kInFirst), in_container(kMain, kInFirst), events::exit(step, 0));
    fake.report(events::exit(kMain, 0));
  });
  CHECK(scene.result == 0);
  CHECK(scene.all("death").size() == 2);
}

TEST_CASE("session: a target that no process matches now is reported, with near names", "[session]") {
  Scene scene;
  scene.targets = {.units = {"no-such-unit-stapkill.service"}};
  scene.run([](FakeBackend& fake) { fake.end({}); });
  REQUIRE(scene.diagnostics.size() == 1);
  CHECK(scene.diagnostics[0].id == "target.none");
  CHECK(scene.diagnostics[0].message.english().find("no-such-unit-stapkill.service") != std::string::npos);
}

TEST_CASE("session: other sessions report nothing of containers", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    fake.report(events::fork(kParent, kVictim), in_container(kVictim, kInFirst), events::exit(kVictim, 0));
    fake.end({});
  });
  CHECK(scene.all("container").empty());
  CHECK_FALSE(scene.one("summary").contains("restarts"));
  CHECK(scene.one("death")["process"]["container"]["id"] == kFirst);
}

TEST_CASE("session: a forked worker that is a target itself ends the wait, also with --children", "[session]") {
  const auto worker = task(5'000'405, 42, "server");
  Scene scene;
  scene.targets = {.names = {"^server$"}, .children = true};
  scene.options.until_death = true;
  scene.run([&](FakeBackend& fake) {
    fake.report(events::fork(kParent, kMain), events::fork(kMain, worker), events::exit(worker, 1 << 8));
  });
  CHECK(scene.result == 0);
  CHECK(scene.one("death")["process"]["pid"] == worker.pid);
}

TEST_CASE("session: a process that has become another user's is reported at its end", "[session]") {
  Scene scene;
  scene.targets = {.uids = {"4242"}};
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    auto changed = kVictim;
    changed.uid = 4242;
    fake.report(events::fork(kParent, kVictim), events::exit(changed, 1 << 8));
  });
  CHECK(scene.result == 0);
  CHECK(scene.one("death")["process"]["uid"] == 4242);
}

TEST_CASE("session: a process that leaves a container does not keep it alive, and stays watched", "[session]") {
  const std::string elsewhere = "/system.slice/other.service";
  PodScene scene;
  scene.run([&](FakeBackend& fake) {
    fake.report(in_container(kMain, kInFirst), events::moved(kMain, elsewhere), in_container(kAgain, kInSecond));
    fake.report(events::exit(kMain, 0), events::exit(kAgain, 0));
    fake.end({});
  });
  CHECK(scene.states() == std::vector<std::string>{"started", "ended", "restarted", "ended"});
  CHECK(scene.all("death").size() == 2);
}

TEST_CASE("session: each unit without processes is reported", "[session]") {
  Scene scene;
  scene.targets = {.units = {"no-such-one.service", "no-such-other.service"}};
  scene.run([](FakeBackend& fake) { fake.end({}); });
  CHECK(scene.diagnostics.size() == 2);
}
