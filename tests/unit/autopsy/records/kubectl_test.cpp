#include "autopsy/records/kubectl.h"

#include "autopsy/records/read_records.h"
#include "autopsy/records/shown.h"
#include "catch.h"

using namespace stapkill;
using shown::Texts;

namespace {

const std::string kA(64, 'a'), kB(64, 'b'), kUid = "2c48a299-e1f2-4f4c-9d7a-0123456789ab";

/// kubectl 1.28, `kubectl describe pod`.
std::string described() {
  return R"(Name:             cart-0
Namespace:        shop
Priority:         0
Service Account:  default
Node:             node1/10.0.0.5
Start Time:       Mon, 30 Nov 2026 18:00:00 +0000
Labels:           app=cart
Status:           Running
IP:               10.1.0.7
Controlled By:    StatefulSet/cart
Init Containers:
  setup:
    Container ID:  containerd://)" +
         kB + R"(
    Image:         setup:1
    State:          Terminated
      Reason:       Completed
      Exit Code:    0
      Started:      Mon, 30 Nov 2026 18:00:01 +0000
      Finished:     Mon, 30 Nov 2026 18:00:02 +0000
    Ready:          True
    Restart Count:  0
Containers:
  web:
    Container ID:   containerd://)" +
         kA + R"(
    Image:          web:1
    Port:           8080/TCP
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
      Started:      Mon, 30 Nov 2026 18:20:00 +0000
      Finished:     Mon, 30 Nov 2026 18:21:21 +0000
    Ready:          False
    Restart Count:  5
    Limits:
      memory:  64Mi
    Environment:
      Reason:     none
      Exit Code:  7
    Mounts:       <none>
Conditions:
  Type              Status
  Ready             False
Volumes:            <none>
QoS Class:          Burstable
Events:
  Type     Reason      Age                   From               Message
  ----     ------      ----                  ----               -------
  Normal   Scheduled   21m                   default-scheduler  Successfully assigned shop/cart-0 to node1
  Warning  Unhealthy   3m12s (x5 over 10m)   kubelet            Liveness probe failed: HTTP probe failed: secret
  Normal   Killing     3m2s (x2 over 9m)     kubelet            Container web failed liveness probe, will be restarted
  Warning  BackOff     12s (x9 over 2m)      kubelet            Back-off restarting failed container web in pod cart-0_shop
)";
}

Texts of(const std::string& text) {
  return shown::lines(read_kubectl_describe(text, "pod.txt").findings);
}

/// kubectl 1.28, `kubectl get pod -o json`, shortened.
const std::string kPod =
    R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"cart-0","namespace":"shop","uid":")" + kUid +
    R"("},"spec":{},"status":{"phase":"Running","containerStatuses":[{"containerID":"containerd://)" + kB +
    R"(","name":"web","restartCount":5,"state":{"waiting":{"reason":"CrashLoopBackOff"}},)"
    R"("lastState":{"terminated":{"containerID":"containerd://)" +
    kA +
    R"(","exitCode":137,"finishedAt":"2026-11-30T18:21:21Z","reason":"OOMKilled",)"
    R"("startedAt":"2026-11-30T18:20:00Z"}}}]}})";

}  // namespace

TEST_CASE("kubectl describe: states and events", "[kubectl]") {
  auto reading = read_kubectl_describe(described(), "pod.txt");
  CHECK(shown::states(reading.notes) == Texts{"kubelet read"});
  REQUIRE(shown::lines(reading.findings) ==
          Texts{"end 2026-11-30T18:00:02 setup status 0", "end 2026-11-30T18:21:21 web status 137",
                "claim 2026-11-30T18:21:21 web: OOMKilled, by the kubelet, which has it ",
                "note - : Unhealthy: Liveness probe failed (3m12s ",
                "kubelet - web: Killing: Container web failed liveness p",
                "note - : BackOff: Back-off restarting failed cont"});
  CHECK(reading.findings[0].subject.container == kB);
  // The id is of the start that waits, not of the one that ended.
  CHECK(reading.findings[1].subject.container.empty());
  CHECK(reading.findings[1].subject.pod == "shop/cart-0");
  CHECK(reading.findings[1].doubt == 1'000'000'000);
  CHECK(reading.findings[4].reason.ends_with("(3m2s (x2 over 9m) before the text was made)"));
  for (const auto& one : reading.findings) CHECK((one.reason + one.quote).find("secret") == std::string::npos);
}

TEST_CASE("kubectl describe: a pod that was evicted, and a second one", "[kubectl]") {
  std::string text = R"(Name:             cart-1
Namespace:        shop
Status:           Failed
Reason:           Evicted
Message:          The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi.
Containers:
  web:
    Container ID:
    State:          Terminated
      Reason:       ContainerStatusUnknown
      Message:      The container could not be located when the pod was terminated
      Exit Code:    137
      Started:      Mon, 01 Jan 0001 00:00:00 +0000
      Finished:     Mon, 01 Jan 0001 00:00:00 +0000
Events:           <none>


Name:             cart-2
Namespace:        shop
Reason:           NodeLost
)";
  auto all = read_kubectl_describe(text, "x").findings;
  // 137 is made up by the kubelet there.
  REQUIRE(shown::lines(all) == Texts{"claim - web: ContainerStatusUnknown: the kubelet lost",
                                     "kubelet - : Evicted: The node was low on resource: m", "note - : NodeLost"});
  CHECK(all[1].subject.pod == "shop/cart-1");
  CHECK(all[2].subject.pod == "shop/cart-2");
}

TEST_CASE("kubectl describe: a signal, a start that failed", "[kubectl]") {
  std::string text =
      "Name:  x\nNamespace:  y\nContainers:\n  web:\n    State:  Terminated\n      Reason:  Error\n"
      "      Exit Code:  0\n      Signal:  9\n      Finished:  Mon, 30 Nov 2026 18:21:21 +0000\n"
      "    Last State:  Terminated\n      Reason:  StartError\n      Message:  no such file\n      Exit Code:  128\n";
  CHECK(of(text) == Texts{"end 2026-11-30T18:21:21 web status 0 signal 9",
                          "claim - web: StartError: it could not be started: no "});
}

TEST_CASE("kubectl describe: the killers' events", "[kubectl]") {
  std::string text =
      "Name:  x\nNamespace:  y\nEvents:\n  Type  Reason  Age  From  Message\n"
      "  Warning  Evicted  2m  kubelet  The node was low on resource: memory.\n"
      "  Normal  Preempted  2m  default-scheduler  Preempted by pod 1234 on node node1\n"
      "  Warning  OOMKilling  2m  kernel-monitor  Memory cgroup out of memory: Killed process 4242 (web) total-vm:1kB\n"
      "  Warning  SystemOOM  2m  kubelet  System OOM encountered, victim process: web, pid: 4243\n"
      "  Normal  Killing  2m  kubelet  Stopping container web\n"
      "  Normal  Killing  2m  somebody  Stopping container web\n";
  CHECK(of(text) == Texts{"kubelet - : Evicted: The node was low on resource: m",
                          "stop - : Preempted: Preempted by pod 1234 on node",
                          "claim -  pid 4242: OOMKilling: Memory cgroup out of memory:",
                          "claim -  pid 4243: SystemOOM: System OOM encountered, victi",
                          "kubelet - web: Killing: Stopping container web (2m befo"});
}

TEST_CASE("kubectl get pod -o json: with uid and the id of the start that ended", "[kubectl]") {
  auto all = read_kubectl_describe(kPod, "pod.json").findings;
  REQUIRE(shown::lines(all) == Texts{"end 2026-11-30T18:21:21 web status 137",
                                     "claim 2026-11-30T18:21:21 web: OOMKilled, by the kubelet, which has it "});
  CHECK(all[0].subject.container == kA);
  CHECK(all[0].subject.pod_uid == kUid);
  CHECK(of(R"({"apiVersion":"v1","items":[)" + kPod + "," + kPod + R"(],"kind":"List"})").size() == 4);
}

TEST_CASE("kubectl get pod -o json: a static pod has the uid of its file", "[kubectl]") {
  auto text = kPod;
  const std::string hash(32, 'c');
  text.insert(text.find("\"name\""), R"("annotations":{"kubernetes.io/config.mirror":")" + hash + R"("},)");
  CHECK(read_kubectl_describe(text, "x").findings[0].subject.pod_uid == hash);
}

TEST_CASE("kubectl get events -o json: with their times", "[kubectl]") {
  std::string text =
      R"({"apiVersion":"v1","items":[{"apiVersion":"v1","kind":"Event","type":"Normal","reason":"Killing",)"
      R"("message":"Stopping container web","lastTimestamp":"2026-11-30T18:21:21Z","source":{"component":"kubelet"},)"
      R"("involvedObject":{"kind":"Pod","namespace":"shop","name":"cart-0","uid":")" +
      kUid +
      R"(","fieldPath":"spec.containers{web}"}},{"kind":"Event","reason":"Pulled","involvedObject":{}}],"kind":"List"})";
  auto all = read_kubectl_describe(text, "x").findings;
  REQUIRE(shown::lines(all) == Texts{"kubelet 2026-11-30T18:21:21 web: Killing: Stopping container web"});
  CHECK(all[0].subject.pod == "shop/cart-0");
}

TEST_CASE("kubectl: YAML and damage are said", "[kubectl]") {
  std::string yaml = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: cart-0\n";
  auto reading = read_kubectl_describe(yaml, "x");
  CHECK(shown::states(reading.notes) == Texts{"kubelet broken"});
  CHECK(reading.notes[0].detail.english().find("-o json") != std::string::npos);
  CHECK(looks_like_kubectl_describe(yaml));
  CHECK(looks_like_kubectl_describe(kPod));
  CHECK(looks_like_kubectl_describe(described()));
  CHECK_FALSE(looks_like_kubectl_describe("Name: x\n"));
  CHECK_FALSE(looks_like_kubectl_describe("{\"State\":{}}"));
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("{}"), kPod.substr(0, 200), std::string("\xff\n\n:"),
        std::string("{\"kind\":\"Pod\",\"status\":{\"containerStatuses\":7}}")}) {
    auto broken = read_kubectl_describe(text, "x");
    CHECK(broken.findings.empty());
    CHECK(shown::states(broken.notes) == Texts{"kubelet broken"});
  }
}
