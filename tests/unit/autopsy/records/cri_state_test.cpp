#include "autopsy/records/cri_state.h"

#include "autopsy/records/crio_state.h"
#include "autopsy/records/podman_state.h"
#include "autopsy/records/read_records.h"
#include "autopsy/records/shown.h"
#include "catch.h"
#include "temporary.h"

using namespace stapkill;
using shown::Texts;

namespace {

const std::string kA(64, 'a'), kB(64, 'b'), kC(64, 'c'), kUid = "2c48a299-e1f2-4f4c-9d7a-0123456789ab";

/// containerd 1.7, io.containerd.grpc.v1.cri/containers/ID/status.
std::string status(const std::string& code, const std::string& reason) {
  return R"({"Version":"v1","Pid":0,"CreatedAt":1796062800000000000,"StartedAt":1796062801000000000,)"
         R"("FinishedAt":1796063481123456789,"ExitCode":)" +
         code + R"(,"Reason":")" + reason +
         R"(","Message":"","Resources":{"linux":{"memory_limit_in_bytes":67108864}}})";
}
constexpr std::string_view kContainerd = "var/lib/containerd/io.containerd.grpc.v1.cri/containers/";

std::string read_all(const std::string& root, void (*read)(const Scope&, Reading&)) {
  Reading reading;
  read(shown::scope(root), reading);
  std::string all;
  for (const auto& one : shown::lines(reading.findings)) all += one + "\n";
  for (const auto& one : shown::states(reading.notes)) all += one + "\n";
  return all;
}

/// crictl 1.29 of cri-tools, `crictl inspect` for containerd, shortened.
const std::string kInspect = R"({"info":{"config":{},"pid":0,"runtimeType":"io.containerd.runc.v2","sandboxID":"s"},)"
                             R"("status":{"annotations":{},"createdAt":"2026-11-30T18:00:00Z","exitCode":137,)"
                             R"("finishedAt":"2026-11-30T18:21:21.5+00:00","id":")" +
                             kA +
                             R"(","labels":{"io.kubernetes.container.name":"web","io.kubernetes.pod.name":"cart-0",)"
                             R"("io.kubernetes.pod.namespace":"shop","io.kubernetes.pod.uid":")" +
                             kUid +
                             R"("},"metadata":{"attempt":3,"name":"web"},"reason":"OOMKilled",)"
                             R"("startedAt":"2026-11-30T18:00:01Z","state":"CONTAINER_EXITED"}})";

/// CRI-O 1.28, overlay-containers/ID/userdata/state.json, shortened.
const std::string kCrio =
    R"({"ociVersion":"1.0.2-dev","id":")" + kB +
    R"(","status":"stopped","bundle":"/run/x","annotations":{"io.kubernetes.container.name":"db",)"
    R"("io.kubernetes.pod.name":"db-0","io.kubernetes.pod.namespace":"shop"},)"
    R"("created":"2026-11-30T18:00:00Z","started":"2026-11-30T18:00:01.5Z",)"
    R"("finished":"2026-11-30T18:21:21.123Z","exitCode":137,"oomKilled":true,"initPid":4242,)"
    R"("initStartTime":"123"})";

}  // namespace

TEST_CASE("containerd: the status file, with the kubelet's names", "[cri_state]") {
  Temporary root;
  root.write(std::string(kContainerd) + kA + "/status", status("137", "OOMKilled"));
  root.write(std::string(kContainerd) + kB + "/status", status("0", ""));
  root.write("var/log/pods/shop_cart-0_" + kUid + "/web/0.log", "");
  root.write("var/log/containers/cart-0_shop_web-" + kA + ".log", "");
  Reading reading;
  read_containerd(shown::scope(root.path()), reading);
  CHECK(shown::lines(reading.findings) ==
        Texts{"end 2026-11-30T18:31:21 web status 137",
              "claim 2026-11-30T18:31:21 web: OOMKilled, by containerd: the out-of-mem",
              "end 2026-11-30T18:31:21 bbbbbbbbbbbb status 0"});
  CHECK(reading.findings[0].subject.pod == "shop/cart-0");
  CHECK(reading.findings[0].subject.pod_uid == kUid);
  CHECK(reading.findings[0].time % 1'000'000'000 == 123456789);
  // Two pods of one name: whose uid it is, is unknown.
  root.write("var/log/pods/shop_cart-0_3c48a299-e1f2-4f4c-9d7a-0123456789ab/web/0.log", "");
  Reading again;
  read_containerd(shown::scope(root.path()), again);
  CHECK(again.findings[0].subject.pod_uid.empty());
}

TEST_CASE("containerd: what 255 and 128 are", "[cri_state]") {
  Temporary root;
  root.write(std::string(kContainerd) + kA + "/status", status("255", "Unknown"));
  CHECK(read_all(root.path(), read_containerd) ==
        "end 2026-11-30T18:31:21 aaaaaaaaaaaa: its exit status is not known: containerd\ncontainerd read\n");
  root.write(std::string(kContainerd) + kA + "/status", status("128", "StartError"));
  CHECK(read_all(root.path(), read_containerd) ==
        "claim 2026-11-30T18:31:21 aaaaaaaaaaaa: it could not be started: \ncontainerd read\n");
}

TEST_CASE("containerd: a running one, other versions and damage", "[cri_state]") {
  Temporary root;
  auto path = std::string(kContainerd) + kA + "/status";
  root.write(path, R"({"Version":"v1","Pid":42,"StartedAt":1796062801000000000,"FinishedAt":0,"ExitCode":0})");
  CHECK(read_all(root.path(), read_containerd) == "containerd read\n");
  root.write(path, R"({"Version":"v1","Pid":42,"FinishedAt":0,"ExitCode":0,"Reason":"OOMKilled"})");
  CHECK(read_all(root.path(), read_containerd) ==
        "claim - aaaaaaaaaaaa: OOMKilled, by containerd: the out-of-mem\ncontainerd read\n");
  for (const char* text : {"", "{}", R"({"Version":"v2"})", "[1]", "\xff"}) {
    root.write(path, text);
    CHECK(read_all(root.path(), read_containerd) == "containerd broken\n");
  }
  Temporary none;
  CHECK(read_all(none.path(), read_containerd) == "containerd absent\n");
}

TEST_CASE("crictl inspect: an end, its claim and names", "[cri_state]") {
  auto reading = read_crictl_inspect(kInspect, "inspect.json");
  REQUIRE(shown::lines(reading.findings) ==
          Texts{"end 2026-11-30T18:21:21 web status 137",
                "claim 2026-11-30T18:21:21 web: OOMKilled, by containerd: the out-of-mem"});
  CHECK(reading.findings[0].subject.pod == "shop/cart-0");
  CHECK(reading.findings[0].source == "containerd");
  CHECK(read_crictl_inspect("[" + kInspect + "," + kInspect + "]", "x").findings.size() == 4);
  CHECK(looks_like_crictl_inspect(R"({"info":{"config":{"annotations":{"io.kubernetes.container.hash":"1"}}}})"));
  CHECK(looks_like_crictl_inspect(kInspect));
  CHECK_FALSE(looks_like_docker_inspect(kInspect));
}

TEST_CASE("crictl inspect: one that runs did not end", "[cri_state]") {
  auto runs = kInspect;
  runs.replace(runs.find("CONTAINER_EXITED"), 16, "CONTAINER_RUNNING");
  CHECK(read_crictl_inspect(runs, "x").findings.empty());
  CHECK(shown::states(read_crictl_inspect(kInspect.substr(0, 300), "x").notes) == Texts{"crictl broken"});
}

TEST_CASE("CRI-O: state.json, and exit files of others", "[cri_state]") {
  Temporary root;
  root.write("var/lib/containers/storage/overlay-containers/" + kB + "/userdata/state.json", kCrio);
  root.write("var/lib/containers/storage/overlay-containers/" + kC + "/userdata/config.json", "{}");
  root.write("var/run/crio/exits/" + kB, "137");
  auto file = root.write("var/run/crio/exits/" + kC, "1");
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now());
  Reading reading;
  read_crio(shown::scope(root.path()), reading);
  auto all = shown::lines(reading.findings);
  REQUIRE(all.size() == 3);
  CHECK(all[0] == "end 2026-11-30T18:21:21 db status 137 pid 4242");
  CHECK(all[1] == "claim 2026-11-30T18:21:21 db pid 4242: OOMKilled, by CRI-O: the out-of-memory k");
  CHECK(all[2].find("cccccccccccc status 1") != std::string::npos);
  CHECK(reading.findings[2].time > 0);
  CHECK(shown::states(reading.notes) == Texts{"cri-o read"});
}

TEST_CASE("CRI-O: names from config.json's labels; a running one", "[cri_state]") {
  Temporary root;
  auto directory = "var/lib/containers/storage/overlay-containers/" + kB + "/userdata/";
  root.write(directory + "state.json",
             R"({"ociVersion":"1.0","status":"stopped","finished":"2026-11-30T18:21:21Z","exitCode":255})");
  root.write(directory + "config.json",
             R"({"annotations":{"io.kubernetes.cri-o.Labels":"{\"io.kubernetes.container.name\":\"api\"}"}})");
  CHECK(read_all(root.path(), read_crio) ==
        "end 2026-11-30T18:21:21 api status 255: 255: CRI-O also writes this where conmon\ncri-o read\n");
  root.write(directory + "state.json", R"({"ociVersion":"1.0","status":"running","finished":"0001-01-01T00:00:00Z"})");
  CHECK(read_all(root.path(), read_crio) == "cri-o read\n");
  root.write("var/run/crio/exits/" + kC, "137x");
  CHECK(read_all(root.path(), read_crio) == "cri-o broken\n");
}

TEST_CASE("podman: its log of events", "[cri_state]") {
  // podman 4.3.1 of Debian 12, --events-backend=file.
  std::string log =
      R"({"ID":")" + kA +
      R"(","Image":"localhost/web-img:latest","Name":"web","Status":"kill","Time":"2026-11-30T18:35:29.59882436Z","Type":"container","Attributes":{}})"
      "\n" +
      R"({"ContainerExitCode":137,"ID":")" + kA +
      R"(","Image":"localhost/web-img:latest","Name":"web","Status":"died","Time":"2026-11-30T18:35:29.628289526Z","Type":"container","Attributes":{}})"
      "\n" +
      R"({"ID":")" + kB +
      R"(","Name":"stp","Status":"died","Time":"2026-11-30T18:35:44.020806278Z","Type":"container","Attributes":{}})"
      "\n" +
      R"({"ID":")" + kA +
      R"(","Name":"web","Status":"remove","Time":"2026-11-30T18:36:00Z","Type":"container"})"
      "\n" +
      R"({"Name":"web-img","Status":"pull","Time":"2026-11-30T18:35:42.633924589Z","Type":"image","Attributes":null})"
      "\n" +
      R"({"ContainerExitCode":137,"OOMKilled":true,"ID":")" + kC +
      R"(","Name":"hog","Status":"died","Time":"2026-11-30T18:37:00Z","Type":"container"})"
      "\n" +
      "not JSON\n{\"Status\":\"died\"";
  auto all = podman_events(log, "events.log");
  CHECK(shown::lines(all) == Texts{"stop 2026-11-30T18:35:29 web: podman sent it a signal (podman kill, or",
                                   "end 2026-11-30T18:35:29 web status 137", "end 2026-11-30T18:35:44 stp status 0",
                                   "end 2026-11-30T18:37:00 hog status 137",
                                   "claim 2026-11-30T18:37:00 hog: OOMKilled, by podman: the out-of-memory "});
  CHECK(all[1].place == "events.log:2");
}

TEST_CASE("podman: exit files with the storage's names", "[cri_state]") {
  Temporary root;
  root.write("run/libpod/exits/" + kA, "137");
  root.write("run/libpod/persist/" + kB + "/exit", "1");
  root.write("run/libpod/persist/" + kB + "/oom", "");
  root.write("var/lib/containers/storage/overlay-containers/containers.json",
             R"([{"id":")" + kA + R"(","names":["web"]}])");
  Reading reading;
  read_podman(shown::scope(root.path()), reading);
  REQUIRE(reading.findings.size() == 3);
  CHECK(reading.findings[0].subject.container_name == "web");
  CHECK(reading.findings[0].status == 137);
  CHECK(reading.findings[2].kind == Finding::Kind::claim);
}

TEST_CASE("containers: every source has its note", "[cri_state]") {
  Temporary none;
  CHECK(shown::states(read_containers(shown::scope(none.path())).notes) ==
        Texts{"docker absent", "containerd absent", "cri-o absent", "podman absent", "kubelet-logs absent"});
}
