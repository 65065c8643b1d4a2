#include "autopsy/records/container_state.h"

#include "model/containers.h"

namespace stapkill {
namespace {

struct Meaning {
  std::string_view runtime, text;
};

// What sets it: moby 29 daemon/monitor.go and containerd 2.0 internal/cri/server/events.go take containerd's TaskOOM
// event: its shim (pkg/oom/v2) sees memory.events' oom_kill grow, on cgroup v1 (pkg/oom/v1) any event of
// memory.oom_control. CRI-O and podman see the file "oom" that conmon 2.1 (src/cgroup.c) makes for the same.
constexpr std::string_view kAny =
    "the out-of-memory killer ended one or more processes of its memory cgroup since its start (on cgroup v1: its "
    "memory ran out, which mostly means that), not necessarily the main one";
constexpr Meaning kMeanings[] = {
    {"docker", "OOMKilled, by dockerd: "},
    {"containerd", "OOMKilled, by containerd: "},
    {"cri-o", "OOMKilled, by CRI-O: "},
    {"podman", "OOMKilled, by podman: "},
    {"kubelet", "OOMKilled, by the kubelet, which has it from the runtime: "},
};

Finding finding_of(const ContainerState& state, Finding::Kind kind) {
  Finding finding;
  finding.kind = kind;
  finding.time = state.finished;
  finding.doubt = state.doubt;
  finding.subject = state.party;
  finding.through = state.through.empty() ? state.source : state.through;
  finding.source = state.source.empty() ? "container-runtime" : state.source;
  finding.place = state.place;
  finding.quote = state.quote;
  return finding;
}

}  // namespace

void add_state(const ContainerState& state, std::vector<Finding>& findings) {
  if (state.ended && (state.status || state.signal || state.finished)) {
    auto end = finding_of(state, Finding::Kind::container_end);
    end.status = state.status;
    end.signal = state.signal;
    end.reason = state.reason;
    findings.push_back(std::move(end));
  }
  auto add = [&](const std::vector<std::string>& texts, Finding::Kind kind) {
    for (const auto& text : texts) {
      findings.push_back(finding_of(state, kind));
      findings.back().reason = text;
      // The state's members are the end's quote; a claim's own words say what it means.
      findings.back().quote = text.substr(0, kLongestQuote);
    }
  };
  add(state.claims, Finding::Kind::claim);
  add(state.notes, Finding::Kind::note);
}

std::string oom_claim(std::string_view runtime) {
  for (const auto& one : kMeanings) {
    if (one.runtime == runtime) return std::string(one.text).append(kAny);
  }
  return std::string("OOMKilled: ").append(kAny);
}

void take_kube_labels(const nlohmann::json& labels, Party& party) {
  auto name = text_of(labels, "io.kubernetes.container.name");
  auto pod = pod_path(text_of(labels, "io.kubernetes.pod.namespace"), text_of(labels, "io.kubernetes.pod.name"));
  auto uid = pod_uid(text_of(labels, "io.kubernetes.pod.uid"));
  if (!name.empty()) party.container_name = name;
  if (!pod.empty()) party.pod = pod;
  if (uid) party.pod_uid = *uid;
}

std::string pod_path(std::string_view name_space, std::string_view name) {
  return name_space.empty() || name.empty() ? "" : std::string(name_space).append("/").append(name);
}

void add_reason(std::string& all, std::string_view one) {
  if (one.empty()) return;
  if (!all.empty()) all += "; ";
  all += one;
}

}  // namespace stapkill
