#include "host/pods.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include "base/nearest.h"
#include "base/text.h"
#include "host/crictl.h"
#include "model/containers.h"

namespace stapkill {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPodLogs = "/var/log/pods";  // kubernetes, pkg/kubelet/apis/config: podLogsDir's default
constexpr std::size_t kMostAsked = 16;
constexpr std::size_t kLongestName = 253;  // RFC 1123 subdomain, apimachinery's validation
constexpr std::string_view kListPods = "crictl pods";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == text.npos;
}

using Pods = std::map<std::pair<std::string, std::string>, Pod>;  // by namespace and name

Pod& pod_of(Pods& pods, const std::string& name_space, const std::string& name) {
  auto& pod = pods[{name_space, name}];
  pod.name_space = name_space;
  pod.name = name;
  return pod;
}

void add_once(std::vector<std::string>& all, std::string one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(std::move(one));
}

void take_directory(Pods& pods, const fs::path& directory) {
  auto parts = pod_directory(directory.filename().native());
  if (!parts) return;
  Pod& pod = pod_of(pods, parts->name_space, parts->name);
  add_once(pod.uids, parts->uid);
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    std::string container = at->path().filename();
    if (is_name(container) && at->is_directory(error)) add_once(pod.containers, container);
  }
  std::sort(pod.containers.begin(), pod.containers.end());
}

/// Adds the pods that have a directory of the kubelet; returns what to report about the search.
Phrase read_directories(const Node& node, Pods& pods) {
  std::string path = node.root + std::string(kPodLogs);
  std::error_code error;
  std::size_t before = pods.size();
  fs::directory_iterator at(path, error);
  if (error)
    return phrase("{}: {}", kPodLogs,
                  error == std::errc::no_such_file_or_directory ? phrase("is not there") : Phrase(error.message()));
  for (fs::directory_iterator end; !error && at != end; at.increment(error)) take_directory(pods, at->path());
  return phrase("{}: has none of that name among {}", kPodLogs, pods.size() - before);
}

Phrase ask_runtime(const Node& node, Pods& pods) {
  auto answer =
      ask_tools(node, {{"crictl", {"pods", "--output", "json"}}}, std::chrono::steady_clock::now() + node.limit)[0];
  if (!answer.why.empty()) return phrase("{}: {}", kListPods, answer.why);
  auto all = parse_cri_pods(answer.out);
  if (!all) return phrase("{}: its answer is not a list of pods", kListPods);
  for (auto& one : *all) {
    if (is_name(one.name) && is_name(one.name_space)) add_once(pod_of(pods, one.name_space, one.name).uids, one.uid);
  }
  return phrase("{}: has none of that name among {}", kListPods, all->size());
}

struct Wanted {
  std::string name_space, name;  ///< namespace "": any
  bool fits(const Pod& pod) const { return pod.name == name && (name_space.empty() || pod.name_space == name_space); }
  std::string shown() const { return (name_space.empty() ? "" : name_space + "/") + name; }
};

std::vector<Pod> fitting(const Pods& pods, const Wanted& wanted) {
  std::vector<Pod> all;
  for (const auto& [key, pod] : pods) {
    if (wanted.fits(pod)) all.push_back(pod);
  }
  return all;
}

/// "a or b or c".
Phrase either(const std::vector<std::string>& names) {
  Phrase all;
  for (const auto& name : names) all += (all.empty() ? Phrase() : phrase(" or ")) + name;
  return all;
}

tl::unexpected<Error> unknown(const Wanted& wanted, const Pods& pods, const Phrase& said) {
  std::vector<std::string> names, elsewhere;
  for (const auto& [key, pod] : pods) {
    names.push_back(wanted.name_space.empty() ? pod.name : pod.name_space + '/' + pod.name);
    if (pod.name == wanted.name) elsewhere.push_back(pod.name_space + '/' + pod.name);
  }
  auto near = elsewhere.empty() ? nearest(wanted.shown(), names, 3) : elsewhere;
  return fail(phrase("there is no pod '{}' on this node: {}", wanted.shown(), said),
              near.empty() ? phrase("kubectl get pods -A -o wide shows on which node a pod is")
                           : phrase("did you mean {}?", either(near)),
              "pod.unknown", ErrorKind::not_found);
}

/// These pods' containers in crictl's list, in the order of PodStatus.
std::optional<std::vector<PodContainer>> containers_of(std::string_view json, const Pod& pod) {
  auto all = parse_cri_containers(json);
  if (!all) return std::nullopt;
  std::vector<PodContainer> own;
  for (auto& one : *all) {
    if (std::find(pod.uids.begin(), pod.uids.end(), one.pod_uid) == pod.uids.end()) continue;
    own.push_back({one.name, one.id, one.state, one.attempt, {}, {}, {}});
  }
  std::sort(own.begin(), own.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, b.restart, a.id) < std::tie(b.name, a.restart, b.id);
  });
  return own;
}

void ask_exits(const Node& node, PodStatus& status, Deadline until) {
  std::vector<PodContainer*> ended;
  for (auto& one : status.containers) {
    if (one.state == "CONTAINER_EXITED") ended.push_back(&one);
  }
  // The last start of each container first: earlier ones matter less.
  std::stable_sort(ended.begin(), ended.end(), [](auto* a, auto* b) { return a->restart > b->restart; });
  ended.resize(std::min(ended.size(), kMostAsked));
  std::vector<Question> questions;
  questions.reserve(ended.size());
  for (const auto* one : ended) questions.push_back({"crictl", {"inspect", "--output", "json", one->id}});
  auto answers = ask_tools(node, questions, until);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto exit = parse_cri_exit(answers[i].out, ended[i]->id);
    if (!exit) {
      auto why = answers[i].why.empty() ? phrase("its answer is not about that container") : answers[i].why;
      status.why = phrase("{}: {}", fmt::format("crictl inspect {:.12}", ended[i]->id), why);
      continue;
    }
    ended[i]->exit_code = exit->code;
    ended[i]->reason = exit->reason;
    ended[i]->finished = exit->finished;
  }
}

void take_runs(const fs::directory_entry& directory, PodRuns& runs) {
  std::string container = directory.path().filename();
  std::error_code error;
  if (!is_name(container) || !directory.is_directory(error)) return;
  for (fs::directory_iterator at(directory.path(), error), end; !error && at != end; at.increment(error)) {
    if (auto run = run_of_log(at->path().filename().native())) {
      auto& latest = runs.try_emplace(container, *run).first->second;
      latest = std::max(latest, *run);
    }
  }
}

}  // namespace

std::optional<PodDirectory> pod_directory(std::string_view whole) {
  auto first = whole.find('_'), last = whole.rfind('_');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  auto uid = pod_uid(whole.substr(last + 1));
  PodDirectory parts{std::string(whole.substr(0, first)), std::string(whole.substr(first + 1, last - first - 1)),
                     uid.value_or("")};
  return uid && is_name(parts.name_space) && is_name(parts.name) ? std::optional(parts) : std::nullopt;
}

std::optional<std::int64_t> run_of_log(std::string_view file) {
  constexpr std::string_view kEnding = ".log";
  if (!file.ends_with(kEnding)) return std::nullopt;
  file.remove_suffix(kEnding.size());
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(file.data(), file.data() + file.size(), number);
  bool whole = error == std::errc() && end == file.data() + file.size() && number >= 0;
  return whole ? std::optional(number) : std::nullopt;
}

Result<Pod> find_pod(const Node& node, const std::string& word) {
  auto slash = word.find('/');
  Wanted wanted{slash == std::string::npos ? "" : word.substr(0, slash),
                slash == std::string::npos ? word : word.substr(slash + 1)};
  if (!is_name(wanted.name) || (slash != std::string::npos && !is_name(wanted.name_space))) {
    return usage_error(phrase("'{}' cannot be a pod's name", printable(word.substr(0, kLongestName))),
                       phrase("give NAME or NAMESPACE/NAME, as kubectl get pods -A prints them"));
  }
  Pods pods;
  Phrase said = read_directories(node, pods);
  auto found = fitting(pods, wanted);
  if (found.empty()) {
    said += phrase("; ") + ask_runtime(node, pods);
    found = fitting(pods, wanted);
  }
  if (found.empty()) return unknown(wanted, pods, said);
  if (found.size() == 1) return found.front();
  std::vector<std::string> list;
  list.reserve(found.size());
  for (const auto& pod : found) list.push_back(pod.name_space + '/' + pod.name);
  return fail(
      phrase("'{}' is the name of {} pods: {}", wanted.name, list.size(), fmt::to_string(fmt::join(list, ", "))),
      phrase("name one with its namespace"), "pod.ambiguous");
}

std::vector<std::string> known_pods(const Node& node) {
  Pods pods;
  read_directories(node, pods);
  std::vector<std::string> names;
  names.reserve(pods.size());
  for (const auto& [key, pod] : pods) names.push_back(pod.name_space + '/' + pod.name);
  return names;
}

std::optional<std::string> pod_name_of(const Node& node, std::string_view uid) {
  std::error_code error;
  fs::directory_iterator at(node.root + std::string(kPodLogs), error);
  for (fs::directory_iterator end; !error && at != end; at.increment(error)) {
    auto parts = pod_directory(at->path().filename().native());
    if (parts && parts->uid == uid) return parts->name_space + '/' + parts->name;
  }
  return std::nullopt;
}

PodRuns pod_runs(const Node& node, std::string_view uid) {
  PodRuns runs;
  std::error_code error;
  for (fs::directory_iterator at(node.root + std::string(kPodLogs), error), end; !error && at != end;
       at.increment(error)) {
    auto parts = pod_directory(at->path().filename().native());
    if (!parts || parts->uid != uid) continue;
    std::error_code inner;
    for (fs::directory_iterator one(at->path(), inner); !inner && one != end; one.increment(inner))
      take_runs(*one, runs);
  }
  return runs;
}

PodStatus pod_status(const Node& node, const Pod& pod) {
  PodStatus status;
  auto until = std::chrono::steady_clock::now() + node.limit;
  auto answer = ask_tools(node, {{"crictl", {"ps", "--all", "--output", "json"}}}, until)[0];
  auto own = answer.why.empty() ? containers_of(answer.out, pod) : std::nullopt;
  if (!own) {
    status.why = phrase("{}: {}", "crictl ps",
                        answer.why.empty() ? phrase("its answer is not a list of containers") : answer.why);
    return status;
  }
  status.containers = std::move(*own);
  ask_exits(node, status, until);
  return status;
}

}  // namespace stapkill
