#include "autopsy/records/podman_state.h"

#include <fmt/format.h>

#include <map>

#include "autopsy/records/exit_files.h"
#include "autopsy/records/foreign_json.h"
#include "autopsy/records/podman_database.h"
#include "autopsy/records/state_files.h"
#include "autopsy/records/state_times.h"
#include "model/containers.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;
using Kind = Finding::Kind;

/// An event's Status, and what it says. "remove" and "restart" also follow an end of the container's own (--rm, a
/// restart policy): they say nothing of who ended it.
struct Row {
  std::string_view status;
  Kind kind;
  std::string_view reason;
};
constexpr Row kRows[] = {
    {"died", Kind::container_end, ""},
    {"kill", Kind::container_stop,
     "podman sent it a signal (podman kill, or what its failing health check asks for); which one is not kept"},
    {"stop", Kind::container_stop,
     "podman has stopped it (podman stop, restart, rm -f, or what its failing health check asks for)"},
};

const Row* row_of(std::string_view status) {
  for (const auto& row : kRows) {
    if (row.status == status) return &row;
  }
  return nullptr;
}

ContainerState state_of(const Json& event) {
  ContainerState state;
  state.source = "podman";
  if (auto id = text_of(event, "ID"); is_container_id(id)) state.party.container = id;
  state.party.container_name = text_of(event, "Name");
  state.finished = rfc3339_time(text_of(event, "Time")).value_or(0);
  state.quote = quoted_members(event, {"Status", "ContainerExitCode", "OOMKilled", "Name", "Time"});
  return state;
}

void take_event(const Json& event, const std::string& place, std::vector<Finding>& findings) {
  const auto* row = row_of(text_of(event, "Status"));
  auto state = state_of(event);
  if (!row || text_of(event, "Type") != "container" || !state.finished || state.party.container.empty()) return;
  state.place = place;
  state.ended = true;
  state.reason = row->reason;
  if (row->kind == Kind::container_end) {
    // podman 4 leaves out a 0 (json:",omitempty" of an int).
    const auto& code = member(event, "ContainerExitCode");
    state.status = code.is_null() ? std::optional(0) : status_of(event, "ContainerExitCode");
    if (truth_of(event, "OOMKilled")) state.claims.push_back(oom_claim("podman"));
  }
  auto first = findings.size();
  add_state(state, findings);
  if (findings.size() > first) findings[first].kind = row->kind;
}

/// Names by id in containers.json of the storage (containers/storage 1.45, containers.go).
std::map<std::string, std::string> names_in(StateFiles& files, const std::string& storage) {
  std::map<std::string, std::string> names;
  int error = 0;
  for (const auto& directory : files.scope().files.list(storage, error)) {
    if (!directory.ends_with("-containers")) continue;
    auto list = files.json(fmt::format("{}/{}/containers.json", storage, directory));
    if (!list || !list->is_array()) continue;
    for (const auto& one : *list) {
      const auto& called = member(one, "names");
      if (called.is_array() && !called.empty() && called[0].is_string())
        names[text_of(one, "id")] = called[0].get<std::string>();
    }
  }
  return names;
}

/// Where one user's podman keeps things (libpod's "tmpdir", containers.conf(5): tmp_dir; storage.conf(5)).
struct Place {
  std::string temporary, storage;  ///< "": none
};

std::vector<Place> places(const Scope& scope) {
  std::vector<Place> all = {{"/run/libpod", "/var/lib/containers/storage"}};
  int error = 0;
  for (const auto& uid : scope.files.list("/run/user", error, 64)) {
    auto own = fmt::format("/run/user/{}/libpod/tmp", uid);
    // That such a directory is closed says nothing of podman.
    if (!scope.files.outside(own).empty()) all.push_back({own, ""});
  }
  for (const auto& user : scope.files.list("/home", error, 64)) {
    auto own = fmt::format("/home/{}/.local/share/containers/storage", user);
    if (!scope.files.outside(own).empty()) all.push_back({"", own});
  }
  return all;
}

/// exits/ID, and persist/ID/exit with persist/ID/oom since podman 5.2 (libpod/oci_conmon_common.go).
void read_exits(StateFiles& files, const Place& place) {
  auto names = place.storage.empty() ? std::map<std::string, std::string>() : names_in(files, place.storage);
  auto take = [&](const std::string& path, const std::string& id, bool oom) {
    auto state = exit_file_state(files, path, id);
    if (!state) return;
    if (auto name = names.find(id); name != names.end()) state->party.container_name = name->second;
    if (oom) state->claims.push_back(oom_claim("podman"));
    files.take(*state);
  };
  for (const auto& name : files.list(place.temporary + "/exits")) {
    if (files.full()) return;
    auto id = name.ends_with("-old") ? name.substr(0, name.size() - 4) : name;
    if (is_container_id(id)) take(fmt::format("{}/exits/{}", place.temporary, name), id, false);
  }
  for (const auto& id : files.list(place.temporary + "/persist")) {
    if (files.full()) return;
    auto directory = fmt::format("{}/persist/{}", place.temporary, id);
    if (is_container_id(id)) take(directory + "/exit", id, files.written(directory + "/oom") != 0);
  }
}

/// podman(1), --events-backend=file.
void read_events(StateFiles& files, const std::string& path) {
  auto lines = files.text(path);
  if (lines) files.take(podman_events(*lines, path));
}

}  // namespace

std::vector<Finding> podman_events(std::string_view lines, const std::string& name) {
  std::vector<Finding> findings;
  for (std::size_t number = 1; !lines.empty(); ++number) {
    auto end = std::min(lines.find('\n'), lines.size());
    if (auto event = foreign_json(lines.substr(0, end)))
      take_event(*event, fmt::format("{}:{}", name, number), findings);
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return findings;
}

void read_podman(const Scope& scope, Reading& reading) {
  StateFiles files(scope, "podman", reading);
  auto all = places(scope);
  for (const auto& place : all) {
    if (!place.storage.empty()) read_podman_database(files, place.storage + "/db.sql");
    if (place.temporary.empty()) continue;
    read_exits(files, place);
    read_events(files, place.temporary + "/events/events.log");
  }
  files.finish(all.front().temporary);
}

}  // namespace stapkill
