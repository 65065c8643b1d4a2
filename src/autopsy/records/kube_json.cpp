#include "autopsy/records/foreign_json.h"
#include "autopsy/records/kubectl.h"
#include "autopsy/records/state_times.h"
#include "model/containers.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostObjects = 10'000;

/// A static pod's cgroup and log directory have the hash of its file for a uid (kubernetes,
/// pkg/kubelet/types/pod_update.go).
std::string uid_of(const Json& metadata) {
  auto mirrored = text_of(member(metadata, "annotations"), "kubernetes.io/config.mirror");
  auto uid = pod_uid(mirrored.empty() ? text_of(metadata, "uid") : mirrored);
  return uid.value_or("");
}

Party pod_of(const Json& metadata) {
  Party party;
  party.pod = pod_path(text_of(metadata, "namespace"), text_of(metadata, "name"));
  party.pod_uid = uid_of(metadata);
  return party;
}

void take_state(const Json& status, const char* which, const Party& pod, const std::string& place,
                std::vector<Finding>& findings) {
  const auto& ended = member(member(status, which), "terminated");
  if (!ended.is_object()) return;
  ContainerState state;
  state.source = "kubelet";
  state.place = place;
  state.party = pod;
  state.party.container_name = text_of(status, "name");
  state.party.container = id_of_url(text_of(ended, "containerID"));
  state.quote = quoted_members(ended, {"reason", "exitCode", "signal", "message", "startedAt", "finishedAt"});
  Terminated end{text_of(ended, "reason"), text_of(ended, "message"), status_of(ended, "exitCode")};
  end.signal = status_of(ended, "signal").value_or(0);
  end.finished = rfc3339_time(text_of(ended, "finishedAt")).value_or(0);
  take_terminated(end, state);
  add_state(state, findings);
}

bool take_pod(const Json& object, const std::string& place, std::vector<Finding>& findings) {
  const auto& status = member(object, "status");
  auto pod = pod_of(member(object, "metadata"));
  if (pod.pod.empty()) return false;
  if (auto reason = pod_reason(pod, text_of(status, "reason"), text_of(status, "message"))) {
    reason->place = place;
    findings.push_back(std::move(*reason));
  }
  for (const auto* list : {"initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"}) {
    const auto& all = member(status, list);
    if (!all.is_array()) continue;
    for (const auto& one : all) {
      take_state(one, "lastState", pod, place, findings);
      take_state(one, "state", pod, place, findings);
    }
  }
  return true;
}

/// The container in "spec.containers{web}".
std::string container_in(const std::string& path) {
  auto open = path.find('{');
  return open != std::string::npos && path.ends_with('}') ? path.substr(open + 1, path.size() - open - 2) : "";
}

Time time_of(const Json& event) {
  for (const auto* text : {"lastTimestamp", "eventTime", "firstTimestamp"}) {
    if (auto time = rfc3339_time(text_of(event, text))) return *time;
  }
  return 0;
}

bool take_event(const Json& object, const std::string& place, std::vector<Finding>& findings) {
  const auto& about = member(object, "involvedObject");
  if (!about.is_object()) return false;
  KubeEvent event;
  event.type = text_of(object, "type");
  event.reason = text_of(object, "reason");
  event.message = text_of(object, "message");
  event.component = text_of(member(object, "source"), "component");
  if (event.component.empty()) event.component = text_of(object, "reportingComponent");
  event.time = time_of(object);
  if (text_of(about, "kind") == "Pod") {
    event.party.pod = pod_path(text_of(about, "namespace"), text_of(about, "name"));
    event.party.pod_uid = pod_uid(text_of(about, "uid")).value_or("");
    event.party.container_name = container_in(text_of(about, "fieldPath"));
  }
  auto finding = event_finding(event);
  if (!finding) return true;
  finding->place = place;
  findings.push_back(std::move(*finding));
  return true;
}

bool take_object(const Json& object, const std::string& place, std::vector<Finding>& findings) {
  auto kind = text_of(object, "kind");
  return kind == "Pod"     ? take_pod(object, place, findings)
         : kind == "Event" ? take_event(object, place, findings)
                           : false;
}

}  // namespace

std::optional<std::vector<Finding>> kube_json(const Json& whole, const std::string& place) {
  std::vector<Finding> findings;
  if (take_object(whole, place, findings)) return findings;
  const auto& items = member(whole, "items");
  if (!items.is_array() || !text_of(whole, "kind").ends_with("List")) return std::nullopt;
  std::size_t objects = 0;
  for (const auto& one : items) {
    if (++objects > kMostObjects) break;
    // A PodList of the API itself leaves out the kind of each.
    bool pod = text_of(whole, "kind") == "PodList" && text_of(one, "kind").empty();
    if (pod) take_pod(one, place, findings);
    if (!pod) take_object(one, place, findings);
  }
  return findings;
}

}  // namespace stapkill
