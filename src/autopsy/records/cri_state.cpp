#include "autopsy/records/cri_state.h"

#include <fmt/format.h>

#include "autopsy/records/foreign_json.h"
#include "autopsy/records/pods.h"
#include "autopsy/records/state_files.h"
#include "autopsy/records/state_times.h"
#include "model/containers.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kLost =
    "its exit status is not known: containerd found it gone when it started itself, and writes 255 at that time";
constexpr std::string_view kLostByCrio = "255: CRI-O also writes this where conmon left no exit file";

/// The runtime of a crictl's answer: containerd tells its runtimeType, CRI-O's containers have its annotations.
std::string runtime_of(const Json& info) {
  if (text_of(info, "runtimeType").starts_with("io.containerd.")) return "containerd";
  const auto& annotations = member(member(info, "runtimeSpec"), "annotations");
  if (annotations.is_object() && annotations.contains("io.kubernetes.cri-o.ContainerID")) return "cri-o";
  return annotations.is_object() && annotations.contains("io.kubernetes.cri.container-type") ? "containerd" : "";
}

/// Takes an exit status with the reason that goes with it. containerd 2.0, internal/cri/server/helpers.go: "StartError"
/// (128) is no end, and "Unknown" (255) no status.
void take_exit(const Json& status, const char* code, const std::string& reason, const std::string& message,
               ContainerState& all) {
  if (reason == "StartError") {
    all.ended = false;
    all.claims.push_back("it could not be started: " + message.substr(0, 300));
    return;
  }
  if (reason == "Unknown") {
    all.reason = kLost;
    return;
  }
  all.status = status_of(status, code);
  if (all.source == "cri-o" && all.status == 255) all.reason = kLostByCrio;
  if (reason == "OOMKilled") all.claims.push_back(oom_claim(all.source));
  if (reason == "seccomp killed") all.claims.push_back("CRI-O stopped it for forbidden system calls: " + message);
  if (!reason.empty() && reason != "OOMKilled" && reason != "Error" && reason != "Completed")
    add_reason(all.reason, reason);
}

struct Root {
  std::string_view path;
};
// containerd(8) `root`; k3s and RKE2 (pkg/agent/config), MicroK8s (containerd-template.toml).
constexpr Root kRoots[] = {{"/var/lib/containerd"},
                           {"/var/lib/rancher/k3s/agent/containerd"},
                           {"/var/lib/rancher/rke2/agent/containerd"},
                           {"/var/snap/microk8s/common/var/lib/containerd"}};
constexpr std::string_view kContainers = "/io.containerd.grpc.v1.cri/containers";

}  // namespace

std::vector<ContainerState> crictl_states(const Json& inspected) {
  const auto& status = member(inspected, "status");
  auto id = text_of(status, "id");
  if (!is_container_id(id) || !member(status, "state").is_string()) return {};
  ContainerState all;
  const auto& info = member(inspected, "info");
  all.source = runtime_of(info);
  all.party.container = id;
  all.party.container_name = text_of(member(status, "metadata"), "name");
  take_kube_labels(member(status, "labels"), all.party);
  all.quote = quoted_members(status, {"state", "exitCode", "reason", "message", "finishedAt", "startedAt"});
  all.ended = text_of(status, "state") == "CONTAINER_EXITED";
  if (!all.ended) return {all};
  all.finished = rfc3339_time(text_of(status, "finishedAt")).value_or(0);
  all.party.pid = pid_of(info, "pid");
  take_exit(status, "exitCode", text_of(status, "reason"), text_of(status, "message"), all);
  return {all};
}

std::vector<ContainerState> containerd_states(const Json& status) {
  if (text_of(status, "Version") != "v1") return {};
  ContainerState all;
  all.source = "containerd";
  all.quote = quoted_members(status, {"ExitCode", "Reason", "Message", "FinishedAt", "StartedAt", "Pid"});
  all.finished = nanoseconds_time(number_of(status, "FinishedAt")).value_or(0);
  all.ended = all.finished != 0;
  if (all.ended) take_exit(status, "ExitCode", text_of(status, "Reason"), text_of(status, "Message"), all);
  // One that lives on after the killer took another process of it.
  if (!all.ended && text_of(status, "Reason") == "OOMKilled") all.claims.push_back(oom_claim(all.source));
  return {all};
}

void read_containerd(const Scope& scope, Reading& reading) {
  StateFiles files(scope, "containerd", reading);
  auto names = kube_names(scope);
  for (const auto& root : kRoots) {
    auto directory = std::string(root.path).append(kContainers);
    for (const auto& id : files.list(directory)) {
      if (files.full()) break;
      if (!is_container_id(id)) continue;
      auto path = fmt::format("{}/{}/status", directory, id);
      auto status = files.json(path);
      if (!status) continue;
      auto states = containerd_states(*status);
      if (states.empty()) files.damaged(path);
      for (auto& state : states) {
        state.place = path;
        state.party.container = id;
        add_names(names, state.party);
        files.take(state);
      }
    }
  }
  files.finish(std::string(kRoots[0].path).append(kContainers));
}

}  // namespace stapkill
