#include <algorithm>
#include <string>

#include "autopsy/messages/daemons_ids.h"
#include "autopsy/messages/logfmt.h"
#include "autopsy/messages/parts.h"
#include "autopsy/messages/patterns.h"
#include "autopsy/messages/writer.h"
#include "model/containers.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;

/// Programs that are a kubelet, or hold one: OpenShift 4 (kubenswrapper, in its unit) and 3, k3s, RKE2, microk8s, k0s.
constexpr std::string_view kKubelets[] = {"kubelet",   "kubenswrapper", "hyperkube", "atomic-openshift-node",    "k3s",
                                          "k3s-agent", "rke2",          "kubelite",  "microk8s.daemon-kubelite", "k0s"};

/// A structured message (kubernetes 1.21 to 1.33). Its values: pod or pods, podUID, containerName, containerID or
/// containerStatusID.
struct Row {
  std::string_view message;
  Kind kind;
  std::string_view reason;
  std::string_view value = {};  ///< one whose value is a part of the reason
};
constexpr Row kRows[] = {
    // pkg/kubelet/kuberuntime/kuberuntime_container.go, killContainer()
    {"Killing container with a grace period", Kind::kubelet_kill, "grace period, s:", "gracePeriod"},
    {"Killing container with a grace period override", Kind::kubelet_kill, "grace period, s:", "gracePeriod"},
    // kuberuntime_manager.go, computePodActions()
    {"Message for Container of pod", Kind::kubelet_kill, "", "containerMessage"},
    {"Killing unwanted pod", Kind::kubelet_kill, "the pod is not wanted"},
    {"Killing unwanted container for pod", Kind::kubelet_kill, "the pod does not want the container"},
    // kubelet.go, syncLoopIteration()
    {"SyncLoop DELETE", Kind::kubelet_kill, "its pod was deleted"},
    {"SyncLoop REMOVE", Kind::kubelet_kill, "its pod was removed"},
    {"SyncLoop (probe)", Kind::note, "a probe's result:", "status"},
    {"Pod terminating with grace period", Kind::kubelet_kill, "its pod ends; grace period, s:", "gracePeriod"},
    // prober/prober.go
    {"Probe failed", Kind::note, "probe failed:", "probeType"},
    // eviction/eviction_manager.go
    {"Eviction manager: must evict pod(s) to reclaim", Kind::note, "the node must evict pods; short of",
     "resourceName"},
    {"Eviction manager: pod is evicted successfully", Kind::kubelet_kill, "evicted: the node ran out of a resource"},
    {"Eviction manager: pods evicted, waiting for pod to be cleaned up", Kind::kubelet_kill,
     "evicted: the node ran out of a resource"},
    // preemption/preemption.go: 1.24 and later; the other until then
    {"Preempting pod to free up resources", Kind::kubelet_kill, "preempted: a critical pod needed the room",
     "requestingPod"},
    {"Pod evicted successfully", Kind::kubelet_kill, "preempted: a critical pod needed the room"},
    // nodeshutdown/nodeshutdown_manager.go
    {"Shutdown manager killing pod with gracePeriod", Kind::kubelet_kill, "the node is shutting down"},
    // pleg/generic.go
    {"Generic (PLEG): container finished", Kind::container_end, ""},
};

/// A message without form (kubernetes 1.8 to 1.20).
struct OldRow {
  const char* pattern;
  Kind kind;
  const char* reason;
  struct Where {
    int pods = 0, container = 0, name = 0;
  } where = {};
};
constexpr OldRow kOldRows[] = {
    {R"r(Killing container "([^"]{1,300})" with (?:a )?(\d{1,9}) second grace period)r",
     Kind::kubelet_kill,
     "grace period, s: $2",
     {.container = 1}},
    {R"r(Killing container "([^"]{1,300})", but using (?:a )?(\d{1,9}) second grace period override)r",
     Kind::kubelet_kill,
     "grace period, s: $2",
     {.container = 1}},
    {R"r(Container "([^"]{1,80})" \((.{1,200}?)\) of pod ([^ ]{1,600}): (?:Container [^ ]{1,80} )?((?:failed|definition) [^"]{1,200}))r",
     Kind::kubelet_kill,
     "$4",
     {.pods = 3, .container = 2, .name = 1}},
    {R"r(SyncLoop \(DELETE, "[a-z]{1,20}"\): "?([^"]+)"?)r", Kind::kubelet_kill, "its pod was deleted", {.pods = 1}},
    {R"r(SyncLoop \(REMOVE, "[a-z]{1,20}"\): "?([^"]+)"?)r", Kind::kubelet_kill, "its pod was removed", {.pods = 1}},
    {R"r(eviction manager: must evict pod\(s\) to reclaim ([a-z.-]{1,60}))r", Kind::note,
     "the node must evict pods; short of $1"},
    {R"r(eviction manager: pods? ([^ ,]+(?:, [^ ,]+)*) (?:is evicted successfully|evicted, waiting for pod to be cleaned up))r",
     Kind::kubelet_kill,
     "evicted: the node ran out of a resource",
     {.pods = 1}},
    {R"r(preemption: pod ([^ ]{1,600}) evicted successfully)r",
     Kind::kubelet_kill,
     "preempted: a critical pod needed the room",
     {.pods = 1}},
    {R"r(Shutdown manager killing pod "([^" ]{1,600})" with gracePeriod: .*)r",
     Kind::kubelet_kill,
     "the node is shutting down",
     {.pods = 1}},
    {R"r((Liveness|Startup) probe for "([^":]{1,600}):([^"]{1,80})" failed .*)r",
     Kind::note,
     "probe failed: $1",
     {.pods = 2, .name = 3}},
    {R"r(SyncLoop \(PLEG\): "([^"]{1,600})", event: &pleg\.PodLifecycleEvent\{ID:"[^"]*", Type:"ContainerDied", Data:"([0-9a-f]{64})"\})r",
     Kind::claim,
     "ContainerDied",
     {.pods = 1, .container = 2}},
};

Finding of_kubelet(const LogEntry& entry, Kind kind) {
  auto finding = finding_at(entry, kind);
  finding.through = "kubelet";
  if (kind == Kind::kubelet_kill) {
    finding.actor.comm = entry.program;
    finding.actor.pid = entry.pid;
  }
  return finding;
}

void add_for_each(std::vector<Party> pods, const Finding& finding, std::vector<Finding>& findings) {
  if (pods.empty()) pods.emplace_back();
  for (auto& pod : pods) {
    auto one = finding;
    if (!pod.pod.empty()) one.subject.pod = pod.pod;
    if (!pod.pod_uid.empty()) one.subject.pod_uid = pod.pod_uid;
    findings.push_back(std::move(one));
  }
}

/// What klog's values say of whom it is about.
void set_subject(Party& subject, const NamedValues& said) {
  subject.container_name = said["containerName"].substr(0, 255);
  auto id = said["containerID"];
  subject.container = container_id_in(id.empty() ? said["containerStatusID"] : id);
  auto uid = said["podUID"];
  subject.pod_uid = pod_uid(uid.empty() ? said["podID"] : uid).value_or("");
}

/// "Container app failed liveness probe, will be restarted" without what the finding has.
std::string_view without_name(std::string_view message, std::string_view name) {
  auto start = "Container " + std::string(name) + " ";
  return message.starts_with(start) ? message.substr(start.size()) : message;
}

std::string reason_of(const Row& row, const NamedValues& said) {
  std::string reason(row.reason);
  auto value = row.value.empty() ? std::string_view() : said[row.value];
  if (row.value == "containerMessage") value = without_name(value, said["containerName"]);
  if (row.value == "requestingPod" && !value.empty()) reason += ":";
  if (value.empty()) return reason;
  return (reason.empty() ? "" : reason + " ") + std::string(value.substr(0, 200));
}

bool take_row(const LogEntry& entry, const NamedValues& said, std::vector<Finding>& findings) {
  const auto* row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& one) { return one.message == said.message; });
  if (row == std::end(kRows)) return false;
  // Readiness ends nothing.
  if (said["probeType"] == "Readiness" || said["probe"] == "readiness") return true;
  auto finding = of_kubelet(entry, row->kind);
  set_subject(finding.subject, said);
  finding.reason = reason_of(*row, said);
  if (row->kind == Kind::container_end) finding.status = whole_number(said["exitCode"]);
  if (said.message == "SyncLoop (probe)" && said["probe"].size() < 40)
    finding.reason = std::string(said["probe"]) + " probe: " + finding.reason;
  auto list = said["pods"];
  add_for_each(pods_in(list.empty() ? said["pod"] : list), finding, findings);
  return true;
}

/// An event of the API that it logs (client-go, tools/record/event.go, at -v=3): of a pod, or of the node.
bool take_event(const LogEntry& entry, const NamedValues& said, std::vector<Finding>& findings) {
  if (said.message != "Event occurred") return false;
  auto reason = said["reason"], message = said["message"];
  static const Patterns oom({R"(System OOM encountered, victim process: (.{0,64}), pid: (\d{1,10}))"});
  if (reason == "SystemOOM") {
    auto match = oom.match(message);
    auto finding = of_kubelet(entry, Kind::claim);
    finding.reason = "SystemOOM";
    if (match) {
      finding.subject.comm = (*match)[1];
      finding.subject.pid = pid_in((*match)[2]);
    }
    findings.push_back(std::move(finding));
    return true;
  }
  bool kills = reason == "Killing" || reason == "Evicted" || reason == "Preempting";
  if (!kills && reason != "Unhealthy") return true;
  if (message.starts_with("Readiness")) return true;
  auto finding = of_kubelet(entry, kills ? Kind::kubelet_kill : Kind::note);
  auto path = said["fieldPath"];  // spec.containers{app}
  if (auto brace = path.find('{'); brace != std::string_view::npos && path.ends_with('}'))
    finding.subject.container_name = path.substr(brace + 1, path.size() - brace - 2);
  finding.reason = without_name(message, finding.subject.container_name).substr(0, 200);
  add_for_each(pods_in(said["object"]), finding, findings);
  return true;
}

/// The kubelet's own reading of the kernel's log (pkg/kubelet/oom/oom_watcher_linux.go); klog writes the struct as Go's
/// %+v or as JSON.
bool take_oom(const LogEntry& entry, const NamedValues& said, std::vector<Finding>& findings) {
  if (said.message != "Got sys oom event") return false;
  static const Patterns patterns({
      R"(&?\{Pid:(\d{1,10}) ProcessName:(.{0,64}) TimeOfDeath:.*)",
      R"r(\{"Pid":(\d{1,10}),"ProcessName":"([^"\\]{0,64})".*)r",
  });
  auto match = patterns.match(said["event"]);
  if (!match) return true;
  auto finding = of_kubelet(entry, Kind::claim);
  finding.reason = "the kubelet saw an out-of-memory kill";
  finding.subject.pid = pid_in((*match)[1]);
  finding.subject.comm = (*match)[2];
  findings.push_back(std::move(finding));
  return true;
}

bool take_pleg(const LogEntry& entry, const NamedValues& said, std::vector<Finding>& findings) {
  if (said.message != "SyncLoop (PLEG): event for pod") return false;
  auto event = said["event"];
  if (event.find("ContainerDied") == std::string_view::npos) return true;
  auto finding = of_kubelet(entry, Kind::claim);
  finding.reason = "ContainerDied";  // the pod's sandbox is a container too
  finding.subject.container = container_id_in(event);
  add_for_each(pods_in(said["pod"]), finding, findings);
  return true;
}

bool take_old(const LogEntry& entry, std::string_view text, std::vector<Finding>& findings) {
  static const Patterns patterns = patterns_of(kOldRows);
  auto match = patterns.match(text);
  if (!match) return false;
  const auto& row = kOldRows[match->row];
  auto group = [&](int number) { return number > 0 ? (*match)[static_cast<std::size_t>(number)] : std::string_view(); };
  auto finding = of_kubelet(entry, row.kind);
  finding.reason = with_groups(row.reason, *match);
  finding.subject.container = container_id_in(group(row.where.container));
  finding.subject.container_name = group(row.where.name);
  add_for_each(pods_in(group(row.where.pods)), finding, findings);
  return true;
}

class KubeletReader : public MessageReader {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) override {
    if (std::find(std::begin(kKubelets), std::end(kKubelets), entry.program) == std::end(kKubelets)) return false;
    if (!may_be_roots(entry)) return false;
    auto said = parse_klog(first_line(entry.message), entry.pid);
    if (!said) return false;
    auto before = findings.size();
    bool taken = take_said(entry, *said, findings);
    for (; before < findings.size(); ++before) findings[before].quote = quote_of(*said);
    return taken;
  }

 private:
  static bool take_said(const LogEntry& entry, const NamedValues& said, std::vector<Finding>& findings) {
    if (!said.structured) return take_old(entry, said.message, findings);
    return take_row(entry, said, findings) || take_event(entry, said, findings) || take_oom(entry, said, findings) ||
           take_pleg(entry, said, findings);
  }
};

}  // namespace

std::unique_ptr<MessageReader> kubelet_messages_reader() {
  return std::make_unique<KubeletReader>();
}

}  // namespace stapkill
