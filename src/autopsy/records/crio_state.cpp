#include "autopsy/records/crio_state.h"

#include <fmt/format.h>

#include <set>

#include "autopsy/records/exit_files.h"
#include "autopsy/records/foreign_json.h"
#include "autopsy/records/pods.h"
#include "autopsy/records/state_files.h"
#include "autopsy/records/state_times.h"
#include "model/containers.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kStorage = "/var/lib/containers/storage";
// crio.conf(5), container_exits_dir.
constexpr std::string_view kExits = "/var/run/crio/exits";

void take_claims(const Json& state, ContainerState& all) {
  auto error = text_of(state, "error").substr(0, 300);
  if (truth_of(state, "oomKilled")) all.claims.push_back(oom_claim("cri-o"));
  // server/server_linux.go: its seccomp notifier, where an annotation of the pod asks to stop such a container.
  if (truth_of(state, "seccompKilled")) all.claims.push_back("CRI-O stopped it for its system calls: " + error);
  if (!truth_of(state, "seccompKilled") && !error.empty()) all.claims.push_back("CRI-O: " + error);
}

/// One directory of storage: ID/userdata. Podman's have no state.json.
void read_one(StateFiles& files, const std::string& directory, const std::string& id, std::set<std::string>& ended) {
  auto path = directory + "/" + id + "/userdata/state.json";
  auto state = files.json(path);
  if (!state) return;
  auto states = crio_states(*state);
  if (states.empty()) files.damaged(path);
  for (auto& one : states) {
    if (one.party.container_name.empty()) {
      auto config = files.json(fmt::format("{}/{}/userdata/config.json", directory, id)).value_or(Json());
      take_crio_names(member(config, "annotations"), one.party);
    }
    one.party.container = id;
    one.place = path;
    if (one.ended) ended.insert(id);
    files.take(one);
  }
}

}  // namespace

void take_crio_names(const Json& annotations, Party& party) {
  take_kube_labels(annotations, party);
  // All labels as a JSON text of its own.
  auto labels = foreign_json(text_of(annotations, "io.kubernetes.cri-o.Labels"));
  if (labels) take_kube_labels(*labels, party);
}

std::vector<ContainerState> crio_states(const Json& state) {
  constexpr std::string_view lost = "255: CRI-O also writes this where conmon left no exit file";
  if (!member(state, "ociVersion").is_string() || !member(state, "status").is_string()) return {};
  ContainerState all;
  all.source = "cri-o";
  if (auto id = text_of(state, "id"); is_container_id(id)) all.party.container = id;
  take_crio_names(member(state, "annotations"), all.party);
  all.quote = quoted_members(
      state, {"status", "exitCode", "oomKilled", "seccompKilled", "error", "finished", "started", "initPid"});
  all.finished = rfc3339_time(text_of(state, "finished")).value_or(0);
  all.ended = all.finished != 0 && text_of(state, "status") == "stopped";
  if (!all.ended) all.finished = 0;
  if (all.ended) {
    all.status = status_of(state, "exitCode");
    all.party.pid = pid_of(state, "initPid");
    if (all.status == 255) all.reason = lost;
  }
  take_claims(state, all);
  return {all};
}

void read_crio(const Scope& scope, Reading& reading) {
  StateFiles files(scope, "cri-o", reading);
  std::set<std::string> ended;
  int error = 0;
  for (const auto& name : scope.files.list(kStorage, error)) {
    if (!name.ends_with("-containers")) continue;
    auto directory = fmt::format("{}/{}", kStorage, name);
    for (const auto& id : files.list(directory, false)) {
      if (files.full()) break;
      if (is_container_id(id)) read_one(files, directory, id, ended);
    }
  }
  auto names = kube_names(scope);
  for (const auto& id : files.list(std::string(kExits))) {
    if (files.full()) break;
    if (!is_container_id(id) || ended.contains(id)) continue;
    auto state = exit_file_state(files, fmt::format("{}/{}", kExits, id), id);
    if (!state) continue;
    add_names(names, state->party);
    files.take(*state);
  }
  files.finish(std::string(kStorage));
}

}  // namespace stapkill
