#include "autopsy/messages/entries.h"
#include "autopsy/messages/readers.h"
#include "catch.h"

using namespace stapkill;

namespace {

using Kind = Finding::Kind;

std::vector<Finding> read(const std::vector<TestEntry>& entries) {
  return read_all(daemon_messages_reader(), entries);
}

Finding said(const std::string& program, const std::string& message) {
  INFO(message);
  auto findings = read({line(program, 3224, message)});
  REQUIRE(findings.size() == 1);
  return findings[0];
}

const std::string kId = "c91436db00920ec961b9d5d6b4859d80a912e862e34fb5c45d8a85684fe6a97e";
const std::string kUid = "25cb986c-3d6c-4ed0-abf3-ee59ed6175f9";

std::string klog(const std::string& text) {
  return "I0507 11:59:34.518822    3224 kuberuntime_container.go:745] " + text;
}

std::string logrus(const std::string& rest) {
  return R"(time="2025-05-19T18:14:43.578084676Z" level=info )" + rest;
}

}  // namespace

TEST_CASE("kubelet: it ends a container", "[autopsy]") {
  // 1.21 to 1.24 (podUID without quotes) and later
  for (const auto& uid : {kUid, "\"" + kUid + "\""}) {
    auto found =
        said("kubelet", klog(R"("Killing container with a grace period" pod="shop/web-0" podUID=)" + uid +
                             R"( containerName="app" containerID="containerd://)" + kId + R"(" gracePeriod=30)"));
    CHECK(found.kind == Kind::kubelet_kill);
    CHECK(found.subject.pod == "shop/web-0");
    CHECK(found.subject.pod_uid == kUid);
    CHECK(found.subject.container_name == "app");
    CHECK(found.subject.container == kId);
    CHECK(found.reason == "grace period, s: 30");
    CHECK(found.through == "kubelet");
    CHECK(found.actor.pid == 3224);
  }
  // 1.16 to 1.20
  auto found = said("kubelet", klog("Killing container \"docker://" + kId + "\" with a 30 second grace period"));
  CHECK(found.kind == Kind::kubelet_kill);
  CHECK(found.subject.container == kId);
  CHECK(found.reason == "grace period, s: 30");
  // OpenShift 4, k3s
  CHECK(said("hyperkube", klog("Killing container \"cri-o://" + kId + "\" with 2 second grace period"))
            .subject.container == kId);
}

TEST_CASE("kubelet: why", "[autopsy]") {
  auto found = said(
      "kubelet",
      klog(R"("Message for Container of pod" containerName="app" containerStatusID={"Type":"containerd","ID":")" + kId +
           R"("} pod="shop/web-0" containerMessage="Container app failed liveness probe, will be restarted")"));
  CHECK(found.kind == Kind::kubelet_kill);
  CHECK(found.reason == "failed liveness probe, will be restarted");
  CHECK(found.subject.container == kId);
  CHECK(found.subject.pod == "shop/web-0");
  found = said("kubelet", klog(R"("Eviction manager: pod is evicted successfully" pod="shop/web-0")"));
  CHECK(found.kind == Kind::kubelet_kill);
  CHECK(found.reason == "evicted: the node ran out of a resource");
  CHECK(said("kubelet", klog(R"("Eviction manager: must evict pod(s) to reclaim" resourceName="memory")")).reason ==
        "the node must evict pods; short of memory");
  CHECK(said("kubelet", klog(R"("Preempting pod to free up resources" pod="shop/web-0" podUID=")" + kUid +
                             R"(" insufficientResources="x" requestingPod="kube-system/critical")"))
            .reason == "preempted: a critical pod needed the room: kube-system/critical");
  CHECK(said("kubelet", klog(R"("Shutdown manager killing pod with gracePeriod" pod="shop/web-0" gracePeriod=20)"))
            .reason == "the node is shutting down");
  found = said("kubelet", klog(R"("Generic (PLEG): container finished" podID=")" + kUid + R"(" containerID=")" + kId +
                               R"(" exitCode=137)"));
  CHECK(found.kind == Kind::container_end);
  CHECK(found.status == 137);
  CHECK(found.subject.container == kId);
  CHECK(found.subject.pod_uid == kUid);
  found = said("kubelet", klog(R"("SyncLoop (PLEG): event for pod" pod="shop/web-0" event={"ID":")" + kUid +
                               R"(","Type":"ContainerDied","Data":")" + kId + R"("})"));
  CHECK(found.kind == Kind::claim);
  CHECK(found.subject.container == kId);
  found = said("kubelet", klog(R"("Probe failed" probeType="Liveness" pod="shop/web-0" podUID=")" + kUid +
                               R"(" containerName="app" probeResult="failure" output="x")"));
  CHECK(found.kind == Kind::note);
  CHECK(read({line("kubelet", 3224, klog(R"("Probe failed" probeType="Readiness" pod="shop/web-0" output="x")"))})
            .empty());
}

TEST_CASE("kubelet: several pods in one message", "[autopsy]") {
  for (const char* list :
       {R"(["shop/web-0","shop/web-1"])", R"([shop/web-0 shop/web-1])", R"("[shop/web-0 shop/web-1]")"}) {
    auto findings = read({line("kubelet", 3224, klog(R"("SyncLoop DELETE" source="api" pods=)" + std::string(list)))});
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].subject.pod == "shop/web-0");
    CHECK(findings[1].subject.pod == "shop/web-1");
    CHECK(findings[1].reason == "its pod was deleted");
  }
  auto findings = read({line(
      "kubelet", 3224, klog("SyncLoop (DELETE, \"api\"): \"web-0_shop(" + kUid + "), web-1_shop(" + kUid + ")\""))});
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].subject.pod == "shop/web-0");
  CHECK(findings[0].subject.pod_uid == kUid);
}

TEST_CASE("kubelet: older texts", "[autopsy]") {
  auto found = said("kubelet",
                    klog("eviction manager: pods web-0_shop(" + kUid + ") evicted, waiting for pod to be cleaned up"));
  CHECK(found.kind == Kind::kubelet_kill);
  CHECK(found.subject.pod == "shop/web-0");
  CHECK(said("kubelet", klog("eviction manager: pod web-0_shop(" + kUid + ") is evicted successfully")).subject.pod ==
        "shop/web-0");
  CHECK(said("kubelet", klog("eviction manager: must evict pod(s) to reclaim memory")).kind == Kind::note);
  CHECK(said("kubelet", klog("preemption: pod web-0_shop(" + kUid + ") evicted successfully")).kind ==
        Kind::kubelet_kill);
  found = said("kubelet", klog("Container \"app\" ({\"docker\" \"" + kId + "\"}) of pod web-0_shop(" + kUid +
                               "): Container app failed liveness probe, will be restarted"));
  CHECK(found.kind == Kind::kubelet_kill);
  found = said("kubelet", klog("SyncLoop (PLEG): \"web-0_shop(" + kUid + ")\", event: &pleg.PodLifecycleEvent{ID:\"" +
                               kUid + "\", Type:\"ContainerDied\", Data:\"" + kId + "\"}"));
  CHECK(found.kind == Kind::claim);
  CHECK(found.subject.container == kId);
  found = said("kubelet", klog("Liveness probe for \"web-0_shop(" + kUid + "):app\" failed (failure): Get http://x"));
  CHECK(found.kind == Kind::note);
  CHECK(found.subject.container_name == "app");
}

TEST_CASE("kubelet: events and out of memory", "[autopsy]") {
  auto found = said(
      "kubelet",
      klog(
          R"("Event occurred" object="shop/web-0" fieldPath="spec.containers{app}" kind="Pod" apiVersion="v1" type="Normal" reason="Killing" message="Container app failed liveness probe, will be restarted")"));
  CHECK(found.kind == Kind::kubelet_kill);
  CHECK(found.subject.container_name == "app");
  CHECK(found.reason == "failed liveness probe, will be restarted");
  found = said(
      "kubelet",
      klog(
          R"("Event occurred" object="node1" kind="Node" reason="SystemOOM" message="System OOM encountered, victim process: java, pid: 4711")"));
  CHECK(found.kind == Kind::claim);
  CHECK(found.subject.pid == 4711);
  CHECK(found.subject.comm == "java");
  CHECK(
      said(
          "kubelet",
          klog(
              R"("Got sys oom event" event=&{Pid:4711 ProcessName:java TimeOfDeath:2025-05-19 ContainerName:/ VictimContainerName:/})"))
          .subject.pid == 4711);
}

TEST_CASE("kubelet: what it did not write", "[autopsy]") {
  auto kill = klog(R"("Killing container with a grace period" pod="shop/web-0" containerName="app" gracePeriod=30)");
  CHECK(read({line("kubelet", 3224, kill)}).size() == 1);
  CHECK(read({line("kubelet", 99, kill)}).empty());  // another process in its header
  CHECK(read({line("web", 3224, kill)}).empty());
  CHECK(read({line("kubelet", 3224, "\t" + kill)}).empty());  // a further line of a probe's output
  CHECK(read({journal("kubelet", 3224, kill, {{"_UID", "1000"}, {"_PID", "3224"}})}).empty());
  CHECK(read({journal("kubelet", 3224, kill, {{"_UID", "0"}, {"_PID", "3224"}})}).size() == 1);
  // The words as the output of a probe, which is quoted.
  auto found = said(
      "kubelet",
      klog(
          R"("Probe failed" probeType="Liveness" pod="shop/web-0" output="\"Killing container with a grace period\" pod=\"shop/db-0\"")"));
  CHECK(found.kind == Kind::note);
  CHECK(found.subject.pod == "shop/web-0");
}

TEST_CASE("dockerd: stops and kills", "[autopsy]") {
  for (const auto& message : {
           "msg=\"Container " + kId + " failed to exit within 10 seconds of SIGTERM - using the force\"",    // 1.10
           "msg=\"Container " + kId + " failed to exit within 10 seconds of signal 15 - using the force\"",  // 18.09
           "msg=\"Container failed to exit within 10s of signal 15 - using the force\" container=" + kId,    // 20.10 on
           "msg=\"Container failed to exit within 10s of kill - trying direct SIGKILL\" container=" + kId,   // 24, 28
       }) {
    auto found = said("dockerd", logrus(message));
    CHECK(found.kind == Kind::container_stop);
    CHECK(found.signal == 9);
    CHECK(found.subject.container == kId);
    CHECK(found.through == "dockerd");
  }
  auto found =
      said("dockerd-current",
           logrus("msg=\"Container 4f5cc91436db failed to exit within 10 seconds of kill - trying direct SIGKILL\""));
  CHECK(found.subject.container == "4f5cc91436db");
  found = said("dockerd", logrus("msg=\"Calling POST /v1.41/containers/web/kill?signal=KILL\""));
  CHECK(found.kind == Kind::container_stop);
  CHECK(found.subject.container_name == "web");
  found =
      said("dockerd", logrus("msg=\"ignoring event\" container=" + kId +
                             " module=libcontainerd namespace=moby topic=/tasks/delete type=\"*events.TaskDelete\""));
  CHECK(found.kind == Kind::claim);
  CHECK(found.subject.container == kId);
  CHECK(read({line("dockerd", 9, logrus("msg=\"ignoring event\" container=" + kId + " topic=/tasks/exit"))}).empty());
  CHECK(said("dockerd", logrus("msg=\"shim disconnected\" id=" + kId)).kind == Kind::claim);
  // A container's name is no id.
  found =
      said("dockerd", logrus("msg=\"Handler for POST /v1.41/containers/web/kill returned error: no such container\""));
  CHECK(found.kind == Kind::note);
  CHECK(read({journal("dockerd", 9, logrus("msg=\"shim disconnected\" id=" + kId), {{"_UID", "1000"}, {"_PID", "9"}})})
            .empty());
}

TEST_CASE("daemons: quotes are for people", "[autopsy]") {
  auto found = said("containerd", logrus("msg=\"StopContainer for \\\"" + kId + "\\\" with timeout 30 (s)\""));
  CHECK(found.quote == "StopContainer for \"c91436db0092\" with timeout 30 (s)");
  found = said(
      "kubelet",
      klog(R"("Message for Container of pod" containerName="app" containerStatusID={"Type":"containerd","ID":")" + kId +
           R"("} pod="shop/app-0" containerMessage="Container app failed liveness probe, will be restarted")"));
  CHECK(
      found.quote ==
      R"(Message for Container of pod containerName=app pod=shop/app-0 containerMessage="Container app failed liveness probe, will be restarted")");
  // One line for the end of a shim: what follows it has no more to say.
  CHECK(read({line("containerd", 9,
                   logrus("msg=\"cleaning up after shim disconnected\" id=" + kId + " namespace=k8s.io"))})
            .empty());
  CHECK(said("microk8s.daemon-containerd", logrus("msg=\"shim disconnected\" id=" + kId)).kind == Kind::claim);
}

TEST_CASE("containerd: the CRI's stops and ends", "[autopsy]") {
  auto quoted = "\\\"" + kId + "\\\"";
  auto found = said("containerd", logrus("msg=\"StopContainer for " + quoted + " with timeout 30 (s)\""));
  CHECK(found.kind == Kind::container_stop);
  CHECK(found.subject.container == kId);
  CHECK(found.reason == "the CRI was asked to stop it; timeout, s: 30");
  CHECK(said("containerd", logrus("msg=\"Stop container " + quoted + " with signal terminated\"")).signal == 15);
  CHECK(said("containerd", logrus("msg=\"Kill container " + quoted + "\"")).signal == 9);
  for (const auto& message : {"msg=\"TaskOOM event &TaskOOM{ContainerID:" + kId + ",XXX_unrecognized:[],}\"",  // 1.4
                              "msg=\"TaskOOM event container_id:" + quoted + "\""}) {                          // 1.7
    found = said("containerd", logrus(message));
    CHECK(found.kind == Kind::claim);
    CHECK(found.subject.container == kId);
  }
  // 2.0
  found = said("containerd", logrus("msg=\"received exit event container_id:" + quoted + "  id:" + quoted +
                                    "  pid:7620  exit_status:137  exited_at:{seconds:1747649683  nanos:725415123}\""));
  CHECK(found.kind == Kind::container_end);
  CHECK(found.status == 137);
  CHECK(found.subject.pid == 7620);
  CHECK(found.time == 1'747'649'683'725'415'123);
  // 1.6
  found = said("containerd",
               logrus("msg=\"TaskExit event &TaskExit{ContainerID:" + kId + ",ID:" + kId +
                      ",Pid:7620,ExitStatus:1,ExitedAt:2022-03-15 09:22:41 +0000 UTC,XXX_unrecognized:[],}\""));
  CHECK(found.kind == Kind::container_end);
  CHECK(found.status == 1);
  // A status of 0 is left out.
  CHECK(said("containerd", logrus("msg=\"received exit event container_id:" + quoted + "  id:" + quoted +
                                  "  pid:7620  exited_at:{seconds:1747649683}\""))
            .status == 0);
  // A process of exec: the container goes on.
  found = said("containerd", logrus("msg=\"received exit event container_id:" + quoted +
                                    "  id:\\\"ab12\\\"  pid:8000  exit_status:137\""));
  CHECK(found.kind == Kind::note);
  CHECK(found.subject.pid == 8000);
}

TEST_CASE("CRI-O, podman, conmon", "[autopsy]") {
  auto found = said("crio", logrus("msg=\"Stopping container: " + kId +
                                   " (timeout: 30s)\" id=ab name=/runtime.v1.RuntimeService/StopContainer"));
  CHECK(found.kind == Kind::container_stop);
  CHECK(found.subject.container == kId);
  found = said("crio", logrus("msg=\"Stopped container " + kId + ": shop/web-0/app\" id=ab"));
  CHECK(found.kind == Kind::claim);
  CHECK(found.subject.pod == "shop/web-0");
  CHECK(found.subject.container_name == "app");
  CHECK(said("crio", logrus("msg=\"Stopping container " + kId + " with stop signal timed out. Killing...\"")).signal ==
        9);
  CHECK(said("crio", logrus("msg=\"Stopping container " + kId + " with stop signal(TERM) timed out. Killing...\""))
            .signal == 9);

  found = said("podman", "2023-11-14 22:13:20.123456789 +0000 UTC m=+0.051 container died " + kId +
                             " (image=docker.io/x/y:1, name=web, com.x=name=db)");
  CHECK(found.kind == Kind::container_end);
  CHECK(found.subject.container == kId);
  CHECK(found.subject.container_name == "web");
  CHECK(!found.status);
  Fields fields = {
      {"_UID", "0"},      {"_PID", "9"},          {"PODMAN_TYPE", "container"}, {"PODMAN_EVENT", "died"},
      {"PODMAN_ID", kId}, {"PODMAN_NAME", "web"}, {"PODMAN_EXIT_CODE", "137"},  {"PODMAN_OOM_KILLED", "true"}};
  auto findings = read({journal("podman", 9, "…", fields)});
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].kind == Kind::container_end);
  CHECK(findings[0].status == 137);
  CHECK(findings[1].kind == Kind::claim);
  CHECK(findings[1].reason == "OOMKilled");
  // A user's podman: that user's claim.
  fields["_UID"] = "1000";
  findings = read({journal("podman", 9, "…", fields)});
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].kind == Kind::claim);
  CHECK(findings[0].actor.uid == 1000);
  CHECK(
      said(
          "podman",
          R"(time="2024-01-01T00:00:00Z" level=warning msg="StopSignal SIGTERM failed to stop container web in 10 seconds, resorting to SIGKILL")")
          .signal == 9);

  found = said("conmon", "conmon c91436db00920ec961b9 <ninfo>: container 4711 exited with status 137");
  CHECK(found.kind == Kind::container_end);
  CHECK(found.subject.pid == 4711);
  CHECK(found.subject.container == "c91436db0092");
  CHECK(found.status == 137);
  CHECK(said("conmon", "conmon c91436db00920ec961b9 <ninfo>: OOM received").kind == Kind::claim);
  // Its own unit is the container's where it is a service's.
  const std::string exited = "conmon c91436db00920ec961b9 <ninfo>: container 4711 exited with status 137";
  for (const auto& [unit, known] : {std::pair("web.service", "web.service"),
                                    std::pair("libpod-conmon-c91436.scope", ""), std::pair("user@1000.service", "")}) {
    findings = read({journal("conmon", 9, exited, {{"_UID", "0"}, {"_PID", "9"}, {"_SYSTEMD_UNIT", unit}})});
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].subject.unit == known);
  }
}

TEST_CASE("systemd-oomd", "[autopsy]") {
  auto found = said("systemd-oomd",
                    "Killed /system.slice/web.service due to memory pressure for /system.slice being 62.41% > 50.00% "
                    "for > 20s with reclaim activity");
  CHECK(found.kind == Kind::userspace_oom);
  CHECK(found.subject.cgroup == "/system.slice/web.service");
  CHECK(found.subject.unit == "web.service");
  CHECK(found.actor.comm == "systemd-oomd");
  CHECK(found.actor.pid == 3224);
  CHECK(found.signal == 9);
  CHECK(found.reason == "memory pressure for /system.slice being 62.41% > 50.00% for > 20s with reclaim activity");
  // 249 and later; 248 names swap alone.
  CHECK(said("systemd-oomd",
             "Killed /user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope due to memory used (33421312) "
             "/ total (33554432) and swap used (1900) / total (2000) being more than 90.00%")
            .subject.unit == "user@1000.service");
  CHECK(said("systemd-oomd",
             "Killed /system.slice/web.service due to swap used (1900) / total (2000) being more than 90.00%")
            .kind == Kind::userspace_oom);
  // main
  CHECK(said("systemd-oomd",
             "Marked /system.slice/web.service for killing due to memory pressure for /system.slice being 85.03% > "
             "80.00% for > 2s with reclaim activity")
            .subject.unit == "web.service");
  // A user's cgroup with the words in its name is still below that user's.
  found = said("systemd-oomd",
               "Killed /user.slice/user-1000.slice/user@1000.service/ssh.service due to memory pressure for /x being "
               "1.00% > 1.00% for > 2s with reclaim activity due to memory pressure for /user.slice being 62.41% > "
               "50.00% for > 20s with reclaim activity");
  CHECK(found.subject.unit == "user@1000.service");
  CHECK(read({journal("systemd-oomd", 9,
                      "Killed /system.slice/web.service due to swap used (1900) / total (2000) being more than 90.00%",
                      {{"_UID", "1000"}, {"_PID", "9"}, {"_SYSTEMD_UNIT", "session-1.scope"}})})
            .empty());
  CHECK(read({journal("systemd-oomd", 9,
                      "Killed /system.slice/web.service due to swap used (1900) / total (2000) being more than 90.00%",
                      {{"_UID", "998"}, {"_PID", "9"}, {"_SYSTEMD_UNIT", "systemd-oomd.service"}})})
            .size() == 1);
}

TEST_CASE("earlyoom", "[autopsy]") {
  struct Case {
    const char* message;
    int signal;
    std::optional<std::int64_t> uid;
  };
  for (
      const auto& [message, signal, uid] : {
          Case{
              R"(sending SIGTERM to process 1234 uid 1000 "chrome": oom_score 900, VmRSS 2048 MiB, cmdline "chrome --token=abcd")",
              15, 1000},  // 1.8
          Case{
              R"(sending SIGKILL to process 1234 uid 1000 "chrome": oom_score 900, oom_score_adj 300, VmRSS 2048 MiB, cmdline "chrome")",
              9, 1000},  // 1.9
          Case{R"(sending SIGTERM to process 1234 uid 1000 "chrome": badness 900, VmRSS 2048 MiB)", 15,
               1000},  // 1.4 to 1.7
          Case{R"(sending SIGTERM to process 1234 "chrome": badness 900, VmRSS 2048 MiB)", 15, std::nullopt},  // 1.3
          Case{"Killing process 'chrome' with signal 15, pid: 1234, badness: 900, VmRSS: 2048 MiB", 15,
               std::nullopt},                                                                          // 1.2
          Case{"Killing process: chrome, pid: 1234, badness: 900, VmRSS: 2048 MiB", 0, std::nullopt},  // 1.1
          Case{"Killing process 1234 chrome", 0, std::nullopt},                                        // 1.0
      }) {
    auto found = said("earlyoom", message);
    CHECK(found.kind == Kind::userspace_oom);
    CHECK(found.subject.pid == 1234);
    CHECK(found.subject.comm == "chrome");
    CHECK(found.subject.uid == uid);
    CHECK(found.signal == signal);
    CHECK(found.actor.comm == "earlyoom");
    CHECK(found.quote.find("abcd") == std::string::npos);
  }
  // A command line with the words in it.
  auto found =
      said("earlyoom",
           R"(sending SIGTERM to process 1234 uid 0 "a": oom_score 9, VmRSS 1 MiB, cmdline "a": oom_score 1, b")");
  CHECK(found.subject.comm == "a");
}

TEST_CASE("earlyoom: what became of it", "[autopsy]") {
  const auto sending =
      line("earlyoom", 7,
           R"(sending SIGTERM to process 1234 uid 1000 "chrome": oom_score 900, VmRSS 2048 MiB, cmdline "chrome")");
  auto findings = read({sending, line("earlyoom", 7, "escalating to SIGKILL after 0.503 seconds"),
                        line("earlyoom", 7, "process 1234 exited after 0.601 seconds")});
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].signal == 15);
  CHECK(findings[1].signal == 9);
  CHECK(findings[1].subject.pid == 1234);
  findings = read({sending, line("earlyoom", 7, "kill failed: Operation not permitted")});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].kind == Kind::note);
  findings = read({sending, line("earlyoom", 7, "kill failed: Timer expired")});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].kind == Kind::userspace_oom);
  CHECK(read({sending, line("earlyoom", 7, "dryrun, not actually sending any signal")}).empty());
  CHECK(read({line("earlyoom", 7, "escalating to SIGKILL after 0.503 seconds")}).empty());
  CHECK(read({sending, sending}).size() == 2);
}

TEST_CASE("nohang", "[autopsy]") {
  auto findings =
      read({line("nohang", 7, "Victim status (found in 10ms):"),
            line("nohang", 7,
                 "  PID:       1234, name: stress, state: R (running), EUID: 1000, SID: 900 (bash), lifetime: 5s"),
            line("nohang", 7, "  cmdline: PID: 1, name: x, state: R, EUID: 0"),
            line("nohang", 7, "Implementing a corrective action:"),
            line("nohang", 7, "  Sending SIGTERM to the victim"), line("nohang", 7, "OK; total response time: 12ms")});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].kind == Kind::userspace_oom);
  CHECK(findings[0].subject.pid == 1234);
  CHECK(findings[0].subject.comm == "stress");
  CHECK(findings[0].subject.uid == 1000);
  CHECK(findings[0].signal == 15);
  findings = read({line("nohang", 7, "  Sending SIGKILL to the victim"),
                   line("nohang", 7, "Cannot send a signal: PermissionError")});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].kind == Kind::note);
}

TEST_CASE("daemons: damaged text", "[autopsy]") {
  for (const char* program :
       {"kubelet", "dockerd", "containerd", "crio", "podman", "conmon", "earlyoom", "nohang", "systemd-oomd", ""}) {
    for (const auto& message : {std::string(), std::string("msg="), std::string("msg=\""), klog(""), klog("\""),
                                klog("\"SyncLoop DELETE\" pods=["), logrus("msg=\"TaskExit event container_id:\\\""),
                                std::string("\xff\xfe\x80"), std::string(100000, '[')}) {
      INFO(program << message.substr(0, 50));
      CHECK(read({line(program, 3224, message)}).size() <= 1);
    }
  }
}
