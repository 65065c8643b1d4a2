#include "host/containers.h"

#include <sys/stat.h>

#include <chrono>

#include "catch.h"
#include "host/made_node.h"

using namespace stapkill;

namespace {

const std::string kA(64, 'a'), kB(64, 'b'), kC(64, 'c'), kD(64, 'd'), kUid = "2c48a299-e1f2-4f4c-9d7a-0123456789ab";

/// "RUNTIME ID-OR-NAME POD PROCESSES", in the order given.
std::vector<std::string> listed(const MadeNode& node) {
  std::vector<std::string> all;
  for (const auto& [container, processes] : living_containers(node.proc())) {
    auto id = is_container_id(container.id) ? container.id.substr(0, 2) : container.id;
    all.push_back(std::string(container.runtime) + ' ' + id + ' ' + container.pod_uid + ' ' +
                  std::to_string(processes));
  }
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("living containers: each runtime on each version of cgroups", "[living]") {
  MadeNode node;
  node.process(1, MadeNode::v2("/init.scope"));
  node.process(10, MadeNode::v1(MadeNode::docker_v1(kA)));
  node.process(11, MadeNode::v1(MadeNode::docker_v1(kA)));
  node.process(20, MadeNode::v2(MadeNode::containerd(kUid, kB)));
  node.process(30, MadeNode::v2(MadeNode::podman_rootless(kC)));
  node.process(40, MadeNode::v2(MadeNode::lxc("web\xff%s")));
  node.process(50, MadeNode::v2(MadeNode::crio(kUid, kD)));
  CHECK(listed(node) == Texts{"docker aa  2", "containerd bb " + kUid + " 1", "podman cc  1", "cri-o dd " + kUid + " 1",
                              "lxc web\xff%s  1"});
}

TEST_CASE("living containers: one in another counts in both", "[living]") {
  MadeNode node;
  node.process(10, MadeNode::v2(MadeNode::docker_v2(kA) + "/init.scope"));
  node.process(20, MadeNode::v2(MadeNode::kind(kA, kUid, kB)));
  CHECK(listed(node) == Texts{"docker aa  2", "containerd bb " + kUid + " 1"});
}

TEST_CASE("living containers: a runtime that uses version 1 on a host with both", "[living]") {
  MadeNode node;
  node.process(10, MadeNode::hybrid(MadeNode::docker_v1(kA)));
  CHECK(listed(node) == Texts{"docker aa  1"});
}

TEST_CASE("living containers: what is not a process, and what says nothing", "[living]") {
  MadeNode node;
  std::filesystem::create_directories(node / "proc/7");
  std::filesystem::create_directories(node / "proc/sys");
  node.process(8, "");
  node.process(9, "0::" + std::string(70000, 'a') + "/docker/" + kA + '\n');
  node.process(10, std::string("\0::/\0\xff:/docker", 15) + kA);
  node.process(11, "0:/docker/" + kA.substr(1) + "\n0::/docker/" + kA + "a\n");
  std::filesystem::create_directories(node / "proc/12");
  REQUIRE(::mkfifo((node / "proc/12/cgroup").c_str(), 0600) == 0);  // must not be waited for
  CHECK(listed(node) == Texts{});
  CHECK(living_containers(node / "no such place").empty());
}

TEST_CASE("living containers: of this machine's own /proc nothing is lost", "[living]") {
  for (const auto& [container, processes] : living_containers()) {
    CHECK_FALSE(container.id.empty());
    CHECK(processes > 0);
  }
}

TEST_CASE("living containers: 5,000 processes", "[.bench][living]") {
  MadeNode node;
  for (int pid = 1; pid <= 5000; ++pid) {
    std::string id = std::to_string(1000 + pid % 200);
    node.process(pid, MadeNode::v2(MadeNode::containerd(kUid, std::string(60, 'a') + id)));
  }
  auto from = std::chrono::steady_clock::now();
  CHECK(living_containers(node.proc()).size() == 200);
  std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - from;
  WARN("took " << took.count() << " ms");
}
