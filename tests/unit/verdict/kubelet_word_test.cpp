#include "verdict/kubelet_word.h"

#include <csignal>

#include "catch.h"

using namespace stapkill;

namespace {

const std::string kId(64, 'a');
const std::string kUid = "0b5f7b6e-2f52-4c37-9d0e-6a3a0c5f9d11";

ProcessPtr process(int pid, std::string comm, std::string cgroup = "/system.slice/containerd.service") {
  auto made = std::make_shared<Process>();
  made->pid = pid;
  made->comm = std::move(comm);
  made->cgroup = std::move(cgroup);
  return made;
}

const auto kDead = process(100, "web", "/kubepods/burstable/pod" + kUid + "/" + kId);

/// A chain of signals from `runc kill`, as containerd's shim runs it.
Verdict verdict_of(std::initializer_list<int> numbers, const ProcessPtr& parent = process(9, "containerd-shim")) {
  Verdict verdict;
  verdict.summary = "web(100) was killed by runc(10)";
  for (int number : numbers) {
    auto& step = verdict.chain.emplace_back();
    step.process = process(10, "runc");
    step.ancestry = std::make_shared<std::vector<ProcessPtr>>(1, parent);
    step.number = number;
  }
  return verdict;
}

struct Said {
  std::vector<std::string> lines;
  Surroundings around;

  explicit Said(std::vector<std::string> text) : lines(std::move(text)) {
    around.kubelet_said = &lines;
    around.lookups.pod_name = [](const std::string& uid) {
      return uid == kUid ? std::optional<std::string>("shop/web-0") : std::nullopt;
    };
    around.lookups.kubelet = [] { return process(7, "kubelet", "/system.slice/kubelet.service"); };
  }
  bool add(Verdict& verdict) { return add_kubelets_word(verdict, *kDead, around); }
};

/// As kubernetes 1.21 and later write it; 1.20 and earlier.
const std::string kKilling =
    "I0516 18:34:49.885264    4052 kuberuntime_container.go:745] \"Killing container with a grace "
    "period\" pod=\"shop/web-0\" podUID=\"" +
    kUid +
    "\" containerName=\"web\" "
    "containerID=\"containerd://" +
    kId + "\" gracePeriod=30";
const std::string kKillingOld =
    "I0101 10:00:00.000000     300 kuberuntime_container.go:635] Killing container \"containerd://" + kId +
    "\" with a 12 second grace period";

}  // namespace

TEST_CASE("kubelet's word: why it ends a container", "[kubelet_word]") {
  struct {
    std::string line;
    const char* through;
    bool certain = true;
  } const rows[] = {
      {R"(kuberuntime_manager.go:1027] "Message for Container of pod" containerName="web" containerStatusID={"Type":"containerd","ID":")" +
           kId + R"("} pod="shop/web-0" containerMessage="Container web failed liveness probe, will be restarted")",
       "livenessProbe"},
      {R"(kuberuntime_manager.go:650] Container "web" ({"containerd" ")" + kId + R"("}) of pod web-0_shop()" + kUid +
           "): Container web failed startup probe, will be restarted",
       "startupProbe"},
      {R"(kubelet.go:2449] "SyncLoop DELETE" source="api" pods=["shop/web-0"])", "pod deletion"},
      {R"(kubelet.go:1904] SyncLoop (DELETE, "api"): "web-0_shop()" + kUid + ")\"", "pod deletion"},
      {R"(kubelet.go:2458] "SyncLoop REMOVE" source="file" pods=["shop/web-0"])", "pod deletion"},
      {R"(kubelet.go:1898] SyncLoop (REMOVE, "file"): "web-0_shop()" + kUid + ")\"", "pod deletion"},
      {R"(nodeshutdown_manager_linux.go:330] "Shutdown manager killing pod with gracePeriod" pod="shop/web-0" gracePeriod=20)",
       "node shutdown"},
      {R"(eviction_manager.go:575] "Eviction manager: pod is evicted successfully" pod="shop/web-0")", "eviction"},
      {R"(eviction_manager.go:374] "Eviction manager: pods ranked for eviction" pods="[shop/web-0 kube-system/dns-1]")",
       "eviction", false},
      {R"(eviction_manager.go:368] "Eviction manager: pods ranked for eviction" pods=[shop/web-0 kube-system/dns-1])",
       "eviction", false},
      {R"(eviction_manager.go:368] "Eviction manager: pods ranked for eviction" pods=["shop/web-0","kube-system/dns-1"])",
       "eviction", false},
      {"eviction_manager.go:364] eviction manager: pods ranked for eviction: web-0_shop(" + kUid +
           "), dns-1_kube-system(x)",
       "eviction", false},
      {R"(preemption.go:98] preemption: attempting to evict pods [web-0_shop], in order to free up resources: [cpu])",
       "preemption"},
  };
  for (const auto& row : rows) {
    INFO(row.line);
    Said said({R"("SyncLoop ADD" source="api" pods=["shop/web-0"])", row.line, kKilling});
    auto verdict = verdict_of({SIGTERM});
    CHECK(said.add(verdict));
    REQUIRE(verdict.chain.size() == 2);
    CHECK(verdict.chain[0].what == ChainStep::What::limit);
    CHECK(verdict.chain[0].through == row.through);
    CHECK((verdict.chain[0].confidence == Confidence::certain) == row.certain);
    CHECK(verdict.initiator->comm == "kubelet");
    CHECK(verdict.summary.english().find("; asked by kubelet(7): ") != std::string::npos);
    CHECK(verdict.summary.english().ends_with("(" + std::string(row.through) + ")"));
    REQUIRE(verdict.evidence.size() == 1);
    CHECK(verdict.evidence[0] == "the kubelet's log: " + row.line);
  }
}

TEST_CASE("kubelet's word: another pod that is first in the list was evicted", "[kubelet_word]") {
  for (const char* list : {" pods=[\"shop/web-00\",\"shop/web-0\"]", " pods=\"[kube-system/dns-1 shop/web-0]\"",
                           ": ods-1_p(x), web-0_shop(y)"}) {
    INFO(list);
    Said said({std::string("Eviction manager: pods ranked for eviction") + list});
    auto verdict = verdict_of({SIGTERM});
    CHECK_FALSE(said.add(verdict));
    CHECK(verdict.chain.size() == 1);
  }
}

TEST_CASE("kubelet's word: what the probe got, and the grace period", "[kubelet_word]") {
  const std::string probe = R"(prober.go:107] "Probe failed" probeType="Liveness" pod="shop/web-0" output="HTTP 500")";
  const std::string cause = "\"Container web failed liveness probe, will be restarted\"";
  for (const auto& killing : {kKilling, kKillingOld}) {
    Said said({R"("Probe failed" probeType="Readiness" pod="shop/web-0" output="no")", probe, cause, killing});
    auto verdict = verdict_of({SIGTERM, SIGKILL});
    CHECK(said.add(verdict));
    REQUIRE(verdict.chain.size() == 4);
    CHECK(verdict.chain[2].through == "terminationGracePeriodSeconds");
    auto seconds = killing == kKilling ? "30" : "12";
    CHECK(verdict.summary.english().find(std::string("within its grace period of ") + seconds + " s") !=
          std::string::npos);
    CHECK(verdict.evidence.back() == "the kubelet's log: " + probe);
  }
}

TEST_CASE("kubelet's word: it may end what is left of a pod itself", "[kubelet_word]") {
  Said said({R"("SyncLoop REMOVE" source="file" pods=["shop/web-0"])"});
  auto verdict = verdict_of({SIGTERM, SIGKILL});
  verdict.chain[1].process = verdict.killer = process(7, "kubelet", "/system.slice/kubelet.service");
  CHECK(said.add(verdict));
  CHECK(verdict.summary == "web(100) was killed by runc(10); its pod was removed (pod deletion)");
}

TEST_CASE("kubelet's word: nothing where the log is silent, or no runtime sent the signal", "[kubelet_word]") {
  Said silent({kKilling}), said({"failed liveness probe"});
  auto verdict = verdict_of({SIGTERM});
  CHECK_FALSE(silent.add(verdict));
  auto by_shell = verdict_of({SIGTERM}, process(9, "bash"));
  CHECK_FALSE(said.add(by_shell));
  said.around.kubelet_said = nullptr;
  CHECK_FALSE(said.add(verdict));
  CHECK(verdict.summary == "web(100) was killed by runc(10)");
}
