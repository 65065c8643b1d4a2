#include "autopsy/records/docker_state.h"

#include "autopsy/records/read_records.h"
#include "autopsy/records/shown.h"
#include "catch.h"
#include "temporary.h"

using namespace stapkill;
using shown::Texts;

namespace {

const std::string kA(64, 'a'), kB(64, 'b');

std::string with(std::string text, const std::string& old, const std::string& now) {
  auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), now);
}

/// moby 20.10 to 27, containers/ID/config.v2.json, shortened.
const std::string kKilled =
    R"({"StreamConfig":{},"State":{"Running":false,"Paused":false,"Restarting":false,)"
    R"("OOMKilled":false,"RemovalInProgress":false,"Dead":false,"Pid":0,"ExitCode":137,"Error":"",)"
    R"("StartedAt":"2026-11-30T18:00:00.1Z","FinishedAt":"2026-11-30T18:21:21.123456789Z","Health":null},)"
    R"("ID":")" +
    kA +
    R"(","Created":"2026-11-30T18:00:00Z","Config":{"Image":"web:1","Labels":{}},)"
    R"("Name":"/web","RestartCount":0,"HasBeenManuallyStopped":false})";

Texts of(const std::string& json) {
  return shown::lines(read_docker_inspect(json, "config.v2.json").findings);
}

}  // namespace

TEST_CASE("docker state: an end with its status and time", "[docker_state]") {
  auto reading = read_docker_inspect(kKilled, "config.v2.json");
  REQUIRE(shown::lines(reading.findings) == Texts{"end 2026-11-30T18:21:21 web status 137"});
  const auto& end = reading.findings[0];
  CHECK(end.subject.container == kA);
  CHECK(end.signal == 0);  // 137 is also what a process can exit with
  CHECK(end.source == "docker");
  CHECK(end.through == "docker");
  CHECK(end.place == "config.v2.json");
  CHECK(end.quote.find(R"("ExitCode":137)") != std::string::npos);
  CHECK(shown::states(reading.notes) == Texts{"docker read"});
}

TEST_CASE("docker state: OOMKilled is a claim about any process", "[docker_state]") {
  auto all = of(with(kKilled, R"("OOMKilled":false)", R"("OOMKilled":true)"));
  CHECK(all == Texts{"end 2026-11-30T18:21:21 web status 137",
                     "claim 2026-11-30T18:21:21 web: OOMKilled, by dockerd: the out-of-memory"});
}

TEST_CASE("docker state: OOMKilled of a child, and a main process that exits later", "[docker_state]") {
  // docker 20.10.24 of Debian 12 on cgroup v1: sh -c 'tail /dev/zero; sleep 1; exit 4' with --memory 16m.
  std::string kid =
      R"({"Id":")" + kB +
      R"(","State":{"Status":"exited","Running":false,"Paused":false,"Restarting":false,"OOMKilled":true,"Dead":false,)"
      R"("Pid":0,"ExitCode":4,"Error":"","StartedAt":"2026-11-30T19:03:23.160735389Z",)"
      R"("FinishedAt":"2026-11-30T19:03:24.276918222Z"},"Name":"/kid"})";
  auto all = read_docker_inspect(kid, "x").findings;
  REQUIRE(all.size() == 2);
  CHECK(all[0].status == 4);
  CHECK(all[1].reason.find("not necessarily the main one") != std::string::npos);
}

TEST_CASE("docker state: a signal by request, and no time for it", "[docker_state]") {
  auto manual = with(kKilled, R"("HasBeenManuallyStopped":false)", R"("HasBeenManuallyStopped":true)");
  CHECK(of(manual)[1] == "claim 2026-11-30T18:21:21 web: HasBeenManuallyStopped: dockerd was aske");
}

TEST_CASE("docker state: one that runs again has no status of its earlier end", "[docker_state]") {
  // setRunning() sets ExitCode to 0 and leaves FinishedAt.
  auto again =
      with(with(with(kKilled, R"("Running":false)", R"("Running":true)"), R"("ExitCode":137)", R"("ExitCode":0)"),
           R"("StartedAt":"2026-11-30T18:00:00.1Z")", R"("StartedAt":"2026-11-30T18:30:00Z")");
  CHECK(of(again) == Texts{"end 2026-11-30T18:21:21 web: it was started again after that: the exi"});
  // Its OOMKilled is of the life that goes on.
  CHECK(of(with(again, R"("OOMKilled":false)", R"("OOMKilled":true)"))[1].starts_with("claim - web: OOMKilled"));
  // The same is no word on the end where a signal was asked for since.
  CHECK(of(with(again, R"("HasBeenManuallyStopped":false)", R"("HasBeenManuallyStopped":true)")).size() == 1);
}

TEST_CASE("docker state: one that waits for its restart has ended", "[docker_state]") {
  auto waits = with(
      with(with(kKilled, R"("Running":false)", R"("Running":true)"), R"("Restarting":false)", R"("Restarting":true)"),
      R"("RestartCount":0)", R"("RestartCount":4)");
  CHECK(of(waits) == Texts{"end 2026-11-30T18:21:21 web status 137: restarted 4 times by its policy"});
}

TEST_CASE("docker state: a start that failed is no end", "[docker_state]") {
  auto failed = with(with(kKilled, R"("ExitCode":137)", R"("ExitCode":127)"), R"("Error":"")",
                     R"("Error":"exec: \"wbe\": executable file not found in $PATH")");
  // The time is that of an earlier end, the status of the start.
  CHECK(of(failed) == Texts{"end 2026-11-30T18:21:21 web",
                            "claim 2026-11-30T18:21:21 web: the last error of its start, stop or rem"});
  auto never =
      with(failed, R"("FinishedAt":"2026-11-30T18:21:21.123456789Z")", R"("FinishedAt":"0001-01-01T00:00:00Z")");
  CHECK(of(never) == Texts{"claim - web: the last error of its start, stop or rem"});
}

TEST_CASE("docker state: 255 is also what dockerd writes for one that is gone", "[docker_state]") {
  CHECK(of(with(kKilled, ":137", ":255"))[0] ==
        "end 2026-11-30T18:21:21 web status 255: 255: dockerd also writes this for one th");
}

TEST_CASE("docker state: a pod's container, of cri-dockerd", "[docker_state]") {
  auto pod =
      with(kKilled, R"("Labels":{})",
           R"("Labels":{"io.kubernetes.container.name":"web","io.kubernetes.pod.name":"cart-0",)"
           R"("io.kubernetes.pod.namespace":"shop","io.kubernetes.pod.uid":"2c48a299-e1f2-4f4c-9d7a-0123456789ab"})");
  auto all = read_docker_inspect(pod, "x").findings;
  REQUIRE(all.size() == 1);
  CHECK(all[0].subject.pod == "shop/cart-0");
  CHECK(all[0].subject.pod_uid == "2c48a299-e1f2-4f4c-9d7a-0123456789ab");
}

TEST_CASE("docker inspect: a list; unhealthy is a note", "[docker_state]") {
  // docker 24, docker inspect, shortened.
  std::string list =
      R"([{"Id":")" + kA +
      R"(","State":{"Status":"exited","Running":false,"Restarting":false,"OOMKilled":true,"ExitCode":137,)"
      R"("FinishedAt":"2026-11-30T18:21:21Z","Health":{"Status":"unhealthy","FailingStreak":3,)"
      R"("Log":[{"Output":"secret"}]}},"Name":"/db","HostConfig":{"Memory":67108864}},{"Id":7},null,[]])";
  auto reading = read_docker_inspect(list, "inspect.json");
  REQUIRE(shown::lines(reading.findings) ==
          Texts{"end 2026-11-30T18:21:21 db status 137",
                "claim 2026-11-30T18:21:21 db: OOMKilled, by dockerd: the out-of-memory",
                "note 2026-11-30T18:21:21 db: health check: unhealthy, 3 failures in a"});
  CHECK(reading.findings[1].reason.ends_with("(memory limit 64.0 MiB)"));
  for (const auto& one : reading.findings) CHECK((one.reason + one.quote).find("secret") == std::string::npos);
}

TEST_CASE("podman inspect: is podman's, and no OOMKilled says nothing", "[docker_state]") {
  // podman 4.3.1 of Debian 12, `podman inspect` of `podman run --memory 16m … tail /dev/zero` on cgroup v1: the
  // kernel's out-of-memory killer ended it.
  std::string list = R"([{"Id":")" + kB +
                     R"(","State":{"OciVersion":"1.0.2-dev","Status":"exited","Running":false,"Paused":false,)"
                     R"("Restarting":false,"OOMKilled":false,"Dead":false,"Pid":0,"ExitCode":137,"Error":"",)"
                     R"("StartedAt":"2026-11-30T18:35:40.978618442Z","FinishedAt":"2026-11-30T18:35:41.062784117Z",)"
                     R"("Health":{"Status":"","FailingStreak":0,"Log":null},"CheckpointedAt":"0001-01-01T00:00:00Z"},)"
                     R"("Name":"hog","RestartCount":0,"HostConfig":{"Memory":16777216}}])";
  auto reading = read_docker_inspect(list, "x");
  CHECK(shown::lines(reading.findings) == Texts{"end 2026-11-30T18:35:41 hog status 137"});
  CHECK(reading.findings[0].source == "podman");
  CHECK(of(with(list, ":137", ":-1")) ==
        Texts{"end 2026-11-30T18:35:41 hog: its exit status is not known: conmon lef"});
  CHECK(of(with(list, R"("Status":"exited")", R"("StoppedByUser":true)"))[1] ==
        "claim 2026-11-30T18:35:41 hog: StoppedByUser: podman was asked to stop ");
}

TEST_CASE("docker state: below a root, where daemon.json says", "[docker_state]") {
  Temporary root;
  root.write("srv/docker/containers/" + kA + "/config.v2.json", kKilled);
  root.write("srv/docker/containers/" + kA + "/hostconfig.json", R"({"Memory":67108864})");
  root.write("srv/docker/containers/" + kB + "/config.v2.json", "{\"State\":{\"Ru");
  root.write("srv/docker/containers/short/config.v2.json", kKilled);
  auto scope = shown::scope(root.path());
  Reading none;
  read_docker(scope, none);
  CHECK(shown::states(none.notes) == Texts{"docker absent"});
  root.write("etc/docker/daemon.json", R"({"data-root":"/srv/docker"})");
  Reading all;
  read_docker(scope, all);
  CHECK(shown::lines(all.findings) == Texts{"end 2026-11-30T18:21:21 web status 137"});
  CHECK(all.findings[0].place == "/srv/docker/containers/" + kA + "/config.v2.json");
  CHECK(shown::states(all.notes) == Texts{"docker broken"});
  CHECK(all.notes[0].detail.english().find("1 of 4 files") != std::string::npos);
  scope.since = scope.until - 1;
  Reading late;
  read_docker(scope, late);
  CHECK(late.findings.empty());
}

TEST_CASE("docker state: of a user namespace, and no further than the deadline", "[docker_state]") {
  Temporary root;
  root.write("var/lib/docker/100000.100000/containers/" + kA + "/config.v2.json", kKilled);
  auto scope = shown::scope(root.path());
  Reading all;
  read_docker(scope, all);
  CHECK(all.findings.size() == 1);
  scope.deadline = std::chrono::steady_clock::now();
  Reading late;
  read_docker(scope, late);
  CHECK(late.findings.empty());
  CHECK(shown::states(late.notes) == Texts{"docker cut"});
}

TEST_CASE("docker state: links stay in the root", "[docker_state]") {
  Temporary root, outside;
  outside.write("containers/" + kA + "/config.v2.json", kKilled);
  std::filesystem::create_directories(root / "var/lib");
  std::filesystem::create_symlink(outside.path(), root / "var/lib/docker");
  Reading all;
  read_docker(shown::scope(root.path()), all);
  CHECK(all.findings.empty());
}

TEST_CASE("docker state: damaged and hostile JSON", "[docker_state]") {
  const std::string deep(100'000, '[');
  for (const std::string& text : {std::string(), std::string("{"), std::string("[]"), std::string("null"), deep,
                                  std::string("{\"State\":7,\"Name\":\"/x\"}"), std::string("\xff\xfe{}"),
                                  kKilled.substr(0, kKilled.size() / 2)}) {
    auto reading = read_docker_inspect(text, "x");
    CHECK(reading.findings.empty());
    CHECK(shown::states(reading.notes) == Texts{"docker broken"});
  }
  // Impossible numbers and times are left out.
  CHECK(of(with(kKilled, ":137", ":99999999999999999999")) == Texts{"end 2026-11-30T18:21:21 web"});
  CHECK(of(with(kKilled, "2026-11-30T18:21:21", "9999-11-30T18:21:21")).empty());
  CHECK(of(with(kKilled, "2026-11-30T18:21:21", "2026-11-30 18:21:21")).empty());
}

TEST_CASE("docker inspect: is recognised", "[docker_state]") {
  CHECK(looks_like_docker_inspect(kKilled));
  CHECK(looks_like_docker_inspect("\n[" + kKilled));
  CHECK_FALSE(looks_like_docker_inspect("ExitCode FinishedAt"));
  CHECK_FALSE(looks_like_docker_inspect(R"({"status":{"exitCode":137}})"));
}
