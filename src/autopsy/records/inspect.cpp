#include <algorithm>
#include <string>

#include "autopsy/records/cri_state.h"
#include "autopsy/records/docker_state.h"
#include "autopsy/records/foreign_json.h"
#include "autopsy/records/read_records.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostContainers = 2'000;

SourceNote note_of(SourceNote::State state, const std::string& source, const std::string& name, Phrase detail) {
  SourceNote note;
  note.state = state;
  note.source = source;
  note.path = name;
  note.detail = std::move(detail);
  return note;
}

/// Gives each object of a JSON text, alone or in a list, to `states`, and notes the result.
template <typename States>
Reading read_objects(std::string_view bytes, const std::string& name, const std::string& source, States states) {
  using State = SourceNote::State;
  Reading reading;
  auto whole = foreign_json(bytes);
  if (!whole) {
    reading.notes.push_back(note_of(State::broken, source, name, phrase("it is no JSON, or was cut off")));
    return reading;
  }
  const Json list = whole->is_array() ? std::move(*whole) : Json::array({std::move(*whole)});
  std::size_t containers = 0;
  for (const auto& one : list) {
    auto all = states(one);
    if (all.empty() || ++containers > kMostContainers) continue;
    for (auto& state : all) {
      state.place = name;
      add_state(state, reading.findings);
    }
  }
  bool cut = containers > kMostContainers;
  auto state = containers == 0 ? State::broken : cut ? State::cut : State::read;
  reading.notes.push_back(note_of(state, reading.findings.empty() ? source : reading.findings[0].source, name,
                                  containers == 0 ? phrase("it describes no container")
                                                  : phrase("{} containers", std::min(containers, kMostContainers))));
  return reading;
}

bool has_all(std::string_view text, std::initializer_list<std::string_view> parts) {
  for (auto part : parts) {
    if (text.find(part) == std::string_view::npos) return false;
  }
  return true;
}

bool begins_json(std::string_view head) {
  auto first = head.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (head[first] == '[' || head[first] == '{');
}

}  // namespace

Reading read_docker_inspect(std::string_view bytes, const std::string& name) {
  return read_objects(bytes, name, "docker",
                      [](const Json& one) { return docker_states(one, member(one, "HostConfig")); });
}

Reading read_crictl_inspect(std::string_view bytes, const std::string& name) {
  return read_objects(bytes, name, "crictl", crictl_states);
}

bool looks_like_docker_inspect(std::string_view head) {
  return begins_json(head) && has_all(head, {"\"State\"", "\"ExitCode\"", "\"FinishedAt\"", "\"OOMKilled\""});
}

bool looks_like_crictl_inspect(std::string_view head) {
  // Newer ones begin with "info" (cri-tools 1.29, cmd/crictl/util.go, outputStatusData), which can be long.
  return begins_json(head) && (has_all(head, {"\"status\"", "\"metadata\"", "\"attempt\"", "\"finishedAt\""}) ||
                               has_all(head, {"\"info\"", "\"config\"", "\"io.kubernetes."}) ||
                               has_all(head, {"\"info\"", "\"runtimeSpec\""}));
}

}  // namespace stapkill
