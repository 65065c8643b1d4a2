#include "autopsy/records/docker_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "autopsy/records/foreign_json.h"
#include "autopsy/records/state_times.h"
#include "model/containers.h"
#include "verdict/evidence.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kManual =
    "HasBeenManuallyStopped: dockerd was asked to send it a signal since its start (docker stop, restart, kill or rm "
    "-f, or an API call); which signal and when is not kept";
constexpr std::string_view kByUser = "StoppedByUser: podman was asked to stop it since its start";
constexpr std::string_view kEarlier = "it was started again after that: the exit status of that end is not kept";
constexpr std::string_view kLost = "255: dockerd also writes this for one that it finds gone when it starts itself";
constexpr std::string_view kNoExitFile = "its exit status is not known: conmon left no exit file";

Party party_of(const Json& container) {
  Party party;
  auto id = text_of(container, "Id");
  if (id.empty()) id = text_of(container, "ID");
  if (is_container_id(id)) party.container = id;
  auto name = text_of(container, "Name");
  party.container_name = name.starts_with('/') ? name.substr(1) : name;
  return party;
}

/// One that was started after the end that it remembers. docker sets Running also while it waits to restart one. podman
/// makes one "exited" that ran when the machine went down (libpod/container_internal.go, resetContainerState). A short
/// life can look as if it ended before it began: the end's time is that of a file.
bool lives(const Json& state) {
  constexpr Time slack = 1'000'000'000;
  if (truth_of(state, "Running") && !truth_of(state, "Restarting")) return true;
  auto started = rfc3339_time(text_of(state, "StartedAt")), finished = rfc3339_time(text_of(state, "FinishedAt"));
  return started && finished && *started > *finished + slack;
}

/// dockerd sets these for a start that failed, beside the time of an earlier end (moby 29, daemon/start.go,
/// setExitCodeFromError, exitUnknown).
bool failed_start(const Json& state, std::optional<int> status) {
  return !text_of(state, "Error").empty() && status && *status >= 125 && *status <= 128;
}

std::string oom_words(const std::string& runtime, const Json& host_config) {
  auto limit = number_of(host_config, "Memory").value_or(0);
  auto claim = oom_claim(runtime);
  if (limit > 0) claim += fmt::format(" (memory limit {})", size_text(static_cast<std::uint64_t>(limit)).english());
  return claim;
}

void take_health(const Json& state, ContainerState& all) {
  const auto& health = member(state, "Health");
  if (text_of(health, "Status") != "unhealthy") return;
  all.notes.push_back(
      fmt::format("health check: unhealthy, {} failures in a row", number_of(health, "FailingStreak").value_or(0)));
}

/// moby 29, daemon/container/state.go, setRunning: a start clears ExitCode and OOMKilled, and keeps FinishedAt.
void take_end(const Json& container, const Json& state, ContainerState& all) {
  bool again = lives(state);
  auto status = status_of(state, "ExitCode");
  all.finished = rfc3339_time(text_of(state, "FinishedAt")).value_or(0);
  all.ended = all.finished != 0;
  if (again) {
    all.reason = kEarlier;
  } else if (!failed_start(state, status)) {
    all.status = status;
    if (all.source == "docker" && status == 255) all.reason = kLost;
    if (all.source == "podman" && number_of(state, "ExitCode") == -1) all.reason = kNoExitFile;
  }
  if (auto restarts = number_of(container, "RestartCount").value_or(0); restarts > 0)
    add_reason(all.reason, fmt::format("restarted {} times by its policy", restarts));
}

void take_claims(const Json& container, const Json& state, const Json& host_config, ContainerState& all) {
  if (truth_of(state, "OOMKilled")) all.claims.push_back(oom_words(all.source, host_config));
  if (truth_of(container, "HasBeenManuallyStopped") && !lives(state)) all.claims.emplace_back(kManual);
  if (truth_of(state, "StoppedByUser") && !lives(state)) all.claims.emplace_back(kByUser);
  if (auto error = text_of(state, "Error"); !error.empty())
    all.claims.push_back(fmt::format("the last error of its start, stop or removal: {}", error.substr(0, 300)));
  take_health(state, all);
}

constexpr auto kQuoted = {"ExitCode", "OOMKilled",  "Error", "FinishedAt", "StartedAt",
                          "Running",  "Restarting", "Dead",  "Pid"};

/// The directories that hold containers/ below a data root: itself, and those of user namespaces (dockerd(8),
/// userns-remap: UID.GID).
std::vector<std::string> with_remapped(StateFiles& files, const std::string& data) {
  std::vector<std::string> all = {data};
  for (const auto& name : files.list(data)) {
    bool remapped = name.find('.') != name.npos && name.find_first_not_of("0123456789.") == name.npos;
    if (remapped && all.size() < 16) all.push_back(fmt::format("{}/{}", data, name));
  }
  return all;
}

/// dockerd(8), data-root; "graph" before 17.05.
std::vector<std::string> data_roots(StateFiles& files, const std::string& usual) {
  auto config = files.json("/etc/docker/daemon.json").value_or(Json());
  auto named = text_of(config, "data-root");
  if (named.empty()) named = text_of(config, "graph");
  auto all = with_remapped(files, named.starts_with('/') ? named : usual);
  all.emplace_back("/var/snap/docker/common/var-lib-docker");
  int error = 0;
  for (const auto& user : files.scope().files.list("/home", error, 64)) {
    auto own = fmt::format("/home/{}/.local/share/docker", user);  // docs.docker.com, rootless mode
    // That a home is closed says nothing of docker.
    if (!files.scope().files.outside(own).empty()) all.push_back(std::move(own));
  }
  return all;
}

void read_one(StateFiles& files, const std::string& directory) {
  auto path = directory + "/config.v2.json";
  auto container = files.json(path);
  if (!container) return;
  auto host_config = files.json(directory + "/hostconfig.json").value_or(Json());
  auto states = docker_states(*container, host_config);
  if (states.empty()) files.damaged(path);
  for (auto& state : states) {
    state.place = path;
    files.take(state);
  }
}

}  // namespace

std::vector<ContainerState> docker_states(const Json& container, const Json& host_config) {
  const auto& state = member(container, "State");
  ContainerState all;
  all.source = member(state, "OciVersion").is_string() ? "podman" : "docker";
  all.party = party_of(container);
  if (!state.is_object() || (all.party.container.empty() && all.party.container_name.empty())) return {};
  take_kube_labels(member(member(container, "Config"), "Labels"), all.party);
  all.quote = quoted_members(state, kQuoted);
  take_end(container, state, all);
  if (!lives(state)) {
    take_claims(container, state, host_config, all);
    return {all};
  }
  // What it says besides is of the life that goes on, not of the end that it remembers.
  ContainerState now = all;
  now.ended = false;
  now.finished = 0;
  take_claims(container, state, host_config, now);
  return {all, now};
}

void read_docker(const Scope& scope, Reading& reading) {
  StateFiles files(scope, "docker", reading);
  const std::string usual = "/var/lib/docker";
  auto roots = data_roots(files, usual);
  for (const auto& root : roots) {
    for (const auto& id : files.list(root + "/containers")) {
      if (files.full()) break;
      if (is_container_id(id)) read_one(files, fmt::format("{}/containers/{}", root, id));
    }
  }
  files.finish(roots.front() + "/containers");
}

}  // namespace stapkill
