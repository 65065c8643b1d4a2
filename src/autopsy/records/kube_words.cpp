#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "autopsy/records/kubectl.h"
#include "model/containers.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;

constexpr std::size_t kLongestWords = 300;

/// Reasons of a pod's status by which the kubelet ends it (kubernetes 1.28: pkg/kubelet/eviction/helpers.go,
/// preemption/preemption.go, nodeshutdown/nodeshutdown_manager_linux.go, active_deadline.go).
constexpr std::string_view kEnding[] = {"Evicted", "Preempting", "Terminated", "NodeShutdown", "DeadlineExceeded"};

struct Row {
  std::string_view reason, component;  ///< component "": any
  Kind kind;
  bool words = true;  ///< its message can be repeated; that of a probe can hold what the container answered
};
/// kubernetes 1.28, pkg/kubelet/events/event.go; scheduler's and controllers' events; node-problem-detector 0.8,
/// config/kernel-monitor.json.
constexpr Row kEvents[] = {
    {"Killing", "kubelet", Kind::kubelet_kill},
    {"Evicted", "kubelet", Kind::kubelet_kill},
    {"Preempting", "kubelet", Kind::kubelet_kill},
    {"ExceededGracePeriod", "kubelet", Kind::kubelet_kill},
    {"DeadlineExceeded", "kubelet", Kind::kubelet_kill},
    {"Preempted", "", Kind::container_stop},
    {"TaintManagerEviction", "", Kind::container_stop},
    {"EvictedByVPA", "", Kind::container_stop},
    {"SystemOOM", "kubelet", Kind::claim},
    {"OOMKilling", "", Kind::claim},
    {"Unhealthy", "kubelet", Kind::note, false},
    {"BackOff", "kubelet", Kind::note},
    {"NodeNotReady", "", Kind::note},
    {"Rebooted", "kubelet", Kind::note},
};

const Row* row_of(const KubeEvent& event) {
  for (const auto& row : kEvents) {
    if (row.reason == event.reason && (row.component.empty() || event.component.starts_with(row.component)))
      return &row;
  }
  return nullptr;
}

/// The container that "Stopping container web" and "Container web failed liveness probe, will be restarted" name
/// (pkg/kubelet/kuberuntime/kuberuntime_manager.go and kuberuntime_container.go).
void take_container(const std::string& message, Party& party) {
  static const re2::RE2 form("(?:Stopping container|Container) ([a-z0-9-]{1,63})(?:$|[ ,])");
  std::string name;
  if (party.container_name.empty() && re2::RE2::PartialMatch(message, form, &name)) party.container_name = name;
}

/// "Killed process 1234 (web) …", and the kubelet's "victim process: web, pid: 1234"
/// (pkg/kubelet/oom/oom_watcher_linux.go).
void take_victim(const std::string& message, Party& party) {
  static const re2::RE2 kernel("Kill(?:ed)? process (\\d{1,7}) \\((.{1,15})\\)");
  static const re2::RE2 kubelet("victim process: (.{1,64}), pid: (\\d{1,7})$");
  if (!re2::RE2::PartialMatch(message, kernel, &party.pid, &party.comm))
    re2::RE2::PartialMatch(message, kubelet, &party.comm, &party.pid);
}

}  // namespace

void take_terminated(const Terminated& end, ContainerState& state) {
  state.ended = true;
  state.finished = end.finished;
  state.doubt = 1'000'000'000;  // metav1.Time has whole seconds
  if (end.reason == "ContainerStatusUnknown") {
    state.ended = end.finished != 0;
    state.claims.emplace_back(
        "ContainerStatusUnknown: the kubelet lost the container, and makes up the exit status 137");
    return;
  }
  if (end.reason == "ContainerCannotRun" || end.reason == "StartError") {
    state.ended = false;
    state.claims.push_back(end.reason + ": it could not be started: " + end.message.substr(0, kLongestWords));
    return;
  }
  if (end.reason == "Unknown") {  // containerd's, with 255
    state.reason = "its exit status is not known: the runtime found it gone when it started itself";
    return;
  }
  state.status = end.exit_code;
  state.signal = end.signal;
  if (end.reason == "OOMKilled") state.claims.push_back(oom_claim("kubelet"));
  if (end.reason == "DeadlineExceeded") state.reason = end.reason;
}

std::string id_of_url(std::string_view url) {
  auto at = url.find("://");
  auto id = at == std::string_view::npos ? url : url.substr(at + 3);
  return is_container_id(id) ? std::string(id) : "";
}

std::optional<Finding> pod_reason(const Party& pod, std::string_view reason, std::string_view message) {
  if (reason.empty()) return std::nullopt;
  Finding finding;
  bool ends = std::find(std::begin(kEnding), std::end(kEnding), reason) != std::end(kEnding);
  finding.kind = ends ? Kind::kubelet_kill : Kind::note;
  finding.subject = pod;
  finding.through = "kubelet";
  finding.source = "kubelet";
  finding.reason = std::string(reason.substr(0, kLongestWords));
  if (!message.empty()) finding.reason.append(": ").append(message.substr(0, kLongestWords));
  finding.quote = finding.reason.substr(0, kLongestQuote);
  return finding;
}

std::optional<Finding> event_finding(const KubeEvent& event) {
  const auto* row = row_of(event);
  if (!row) return std::nullopt;
  Finding finding;
  finding.kind = row->kind;
  finding.time = event.time;
  finding.doubt = event.time ? 1'000'000'000 : 0;
  finding.subject = event.party;
  finding.through = event.component.substr(0, event.component.find(','));
  finding.source = "kubelet";
  auto words = row->words ? event.message : event.message.substr(0, event.message.find(':'));
  finding.reason = fmt::format("{}: {}", event.reason, words.substr(0, kLongestWords));
  if (!event.age.empty()) finding.reason += fmt::format(" ({} before the text was made)", event.age);
  finding.quote = fmt::format("{}  {}  {}  {}", event.type, event.reason, event.component, words);
  if (finding.quote.size() > kLongestQuote) finding.quote.resize(kLongestQuote);
  if (row->kind == Kind::kubelet_kill) take_container(event.message, finding.subject);
  if (row->kind == Kind::claim) take_victim(event.message, finding.subject);
  return finding;
}

}  // namespace stapkill
