#include "host/pods.h"

#include "catch.h"
#include "host/made_node.h"

using namespace stapkill;

namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

const std::string kUid = "2c48a299-e1f2-4f4c-9d7a-0123456789ab", kOther = "2c48a299-e1f2-4f4c-9d7a-ba9876543210";
const std::string kStatic = "0123456789abcdef0123456789abcdef", kA(64, 'a'), kB(64, 'b'), kC(64, 'c');

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Pod found(const Node& node, const std::string& word) {
  auto result = find_pod(node, word);
  INFO((result ? "" : (result.error().message + " / " + result.error().remedy).english()));
  REQUIRE(result.has_value());
  return *result;
}

Error error_of(const Node& node, const std::string& word) {
  auto result = find_pod(node, word);
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

std::string cri_pod(const std::string& name_space, const std::string& name, const std::string& uid) {
  return R"({"id":"s","metadata":{"name":")" + name + R"(","uid":")" + uid + R"(","namespace":")" + name_space +
         R"(","attempt":0},"state":"SANDBOX_READY","createdAt":"1719931500784052855","labels":{},"annotations":{}})";
}

std::string cri_container(const std::string& id, const std::string& name, const std::string& state, int attempt,
                          const std::string& uid = kUid) {
  return R"({"id":")" + id + R"(","metadata":{"name":")" + name + R"(","attempt":)" + std::to_string(attempt) +
         R"(},"state":")" + state + R"(","labels":{"io.kubernetes.pod.uid":")" + uid + R"("}})";
}

/// A crictl whose answers are files: ps.json, and ID.json for inspect.
void make_crictl(const MadeNode& made, const std::string& containers) {
  std::ofstream(made / "ps.json") << R"({"containers":[)" << containers << "]}";
  made.tool("crictl", "case $1 in ps) cat \"$HERE/ps.json\";; inspect) cat \"$HERE/$4.json\";; esac");
}

std::string inspected(const std::string& id, int code, const std::string& reason) {
  return R"({"status":{"id":")" + id + R"(","metadata":{"attempt":1,"name":"server"},"state":"CONTAINER_EXITED",)" +
         R"("finishedAt":"2026-11-20T19:22:30.5Z","exitCode":)" + std::to_string(code) + R"(,"reason":")" + reason +
         R"(","message":""},"info":{"pid":0}})";
}

}  // namespace

TEST_CASE("pods: by the kubelet's directories", "[pods]") {
  MadeNode made;
  made.pod("default", "web-7d4-x8k2p", kUid, {"server", "sidecar"});
  made.pod("kube-system", "etcd-node1", kStatic, {"etcd"});
  made.tool_prints("crictl", "");
  auto pod = found(made.node(), "web-7d4-x8k2p");
  CHECK(pod.name_space == "default");
  CHECK(pod.name == "web-7d4-x8k2p");
  CHECK(pod.uids == Texts{kUid});
  CHECK(pod.containers == Texts{"server", "sidecar"});
  CHECK(found(made.node(), "kube-system/etcd-node1").uids == Texts{kStatic});
  CHECK(made.read("crictl.asked").empty());
}

TEST_CASE("pods: a name in two namespaces is ambiguous, one that was created again is not", "[pods]") {
  MadeNode made;
  made.pod("a", "db-0", kUid);
  made.pod("b", "db-0", kOther);
  auto error = error_of(made.node(), "db-0");
  CHECK(error.id == "pod.ambiguous");
  CHECK(contains(error.message, "a/db-0, b/db-0"));
  CHECK(found(made.node(), "b/db-0").uids == Texts{kOther});
  made.pod("b", "db-0", kStatic);
  CHECK(found(made.node(), "b/db-0").uids.size() == 2);
}

TEST_CASE("pods: a part of a name is no name, but near", "[pods]") {
  MadeNode made;
  made.pod("default", "server-7d4-x8k2p", kUid);
  auto error = error_of(made.node(), "server-7d4");
  CHECK(error.id == "pod.unknown");
  CHECK(contains(error.message, "/var/log/pods: has none of that name among 1"));
  CHECK(contains(error.message, "crictl pods: not installed"));
  CHECK(error.remedy == "did you mean server-7d4-x8k2p?");
  CHECK(error_of(made.node(), "other/server-7d4-x8k2p").remedy == "did you mean default/server-7d4-x8k2p?");
  CHECK(contains(error_of(made.node(), "nothing-like-it").remedy, "kubectl get pods -A -o wide"));
}

TEST_CASE("pods: crictl knows those without a directory", "[pods]") {
  MadeNode made;
  made.tool_prints("crictl", R"({"items":[)" + cri_pod("default", "web", kUid) + "]}");
  CHECK(found(made.node(), "default/web").uids == Texts{kUid});
  CHECK(made.read("crictl.asked") == "pods --output json\n");
  auto error = error_of(made.node(), "default/wbe");
  CHECK(contains(error.message, "/var/log/pods: is not there"));
  CHECK(contains(error.message, "crictl pods: has none of that name among 1"));
  CHECK(error.remedy == "did you mean default/web?");
}

TEST_CASE("pods: what crictl must not say", "[pods]") {
  MadeNode made;
  for (const auto& text : {std::string("garbage"), std::string("[]"), std::string(R"({"items":3})"),
                           R"({"items":[)" + cri_pod("default", "web", "../../etc") + "]}", std::string(100000, '[')}) {
    made.tool_prints("crictl", text);
    CHECK(contains(error_of(made.node(), "web").message, "crictl pods: its answer is not a list of pods"));
  }
  made.tool("crictl", "sleep 600");
  CHECK(contains(error_of(made.node(300ms), "web").message, "crictl pods: did not answer within 0.3 s"));
}

TEST_CASE("pods: hostile directories and words", "[pods]") {
  MadeNode made;
  for (const char* name : {"default_web", "default_web_notauid", "default_we\nb_", "_web_", "x", "default_web_.."}) {
    std::filesystem::create_directories(made / ("var/log/pods/" + std::string(name)));
  }
  std::filesystem::create_directories(made / ("var/log/pods/default_\xff_" + kUid));
  CHECK(contains(error_of(made.node(), "web").message, "has none of that name among 0"));
  for (const char* word : {"", "/", "a/", "/a", "a/b/c", "-h/x_y", "../etc", "A", "a b", "\n", "\xff"}) {
    INFO(word);
    auto error = error_of(made.node(), word);
    CHECK((error.kind == ErrorKind::usage || std::string(word) == "../etc"));
    CHECK(error.message.english().find_first_of("\n\xff") == std::string::npos);
  }
}

TEST_CASE("pods: what became of the containers", "[pods]") {
  MadeNode made;
  make_crictl(made, cri_container(kA, "server", "CONTAINER_EXITED", 1) + "," +
                        cri_container(kB, "server", "CONTAINER_RUNNING", 2) + "," +
                        cri_container(kC, "other", "CONTAINER_EXITED", 0, kOther));
  std::ofstream(made / (kA + ".json")) << inspected(kA, 137, "OOMKilled");
  auto status = pod_status(made.node(), {"default", "web", {kUid}, {}});
  CHECK(status.why.empty());
  REQUIRE(status.containers.size() == 2);
  CHECK(status.containers[0].id == kB);
  CHECK(status.containers[0].restart == 2);
  CHECK(status.containers[0].state == "CONTAINER_RUNNING");
  CHECK_FALSE(status.containers[0].exit_code);
  CHECK(status.containers[1].id == kA);
  CHECK(status.containers[1].exit_code == 137);
  CHECK(status.containers[1].reason == "OOMKilled");
  CHECK(status.containers[1].finished == "2026-11-20T19:22:30.5Z");
}

TEST_CASE("pods: what is not known of the containers is said", "[pods]") {
  MadeNode made;
  Pod pod{"default", "web", {kUid}, {}};
  CHECK(pod_status(made.node(), pod).why == "crictl ps: not installed");
  make_crictl(made, cri_container(kA, "server", "CONTAINER_EXITED", 1));
  std::ofstream(made / (kA + ".json")) << inspected(kB, 0, "Completed");
  auto status = pod_status(made.node(), pod);
  CHECK(status.why == "crictl inspect aaaaaaaaaaaa: its answer is not about that container");
  REQUIRE(status.containers.size() == 1);
  CHECK_FALSE(status.containers[0].exit_code);
}

TEST_CASE("pods: how often a container was started", "[pods]") {
  MadeNode made;
  made.pod("shop", "cart-0", kUid, {"server", "sidecar"});
  made.pod("shop", "cart-1", kOther, {"server"});
  for (int number : {2, 10}) made.run(kUid, "server", number);
  for (const char* file : {"server/11.log.20261127-101010", "server/12.log.gz", "server/x.log", "server/-1.log",
                           "server/.log", "server/99999999999999999999.log", "Bad_Name/3.log", "file"}) {
    auto path = made / ("var/log/pods/shop_cart-0_" + kUid + '/' + file);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream{path};
  }
  CHECK(pod_runs(made.node(), kUid) == PodRuns{{"server", 10}, {"sidecar", 0}});
  CHECK(pod_runs(made.node(), kOther) == PodRuns{{"server", 0}});
  CHECK(pod_runs(made.node(), kStatic).empty());
  CHECK(pod_runs(Node{.root = "/nonexistent"}, kUid).empty());
}
