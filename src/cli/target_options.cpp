#include "cli/target_options.h"

#include <algorithm>
#include <filesystem>

#include "base/nearest.h"
#include "host/cgroup_mounts.h"
#include "model/containers.h"

namespace stapkill {
namespace {

namespace fs = std::filesystem;

Result<std::vector<int>> pids(const Arguments& arguments) {
  std::vector<int> found;
  for (const auto& word : arguments.all("pid")) {
    TRY_ASSIGN(auto pid, parse_whole("--pid", word, 1));
    if (pid > kMostPid) return usage_error(phrase("{} is above 4194304, the largest pid of Linux", "--pid " + word));
    found.push_back(static_cast<int>(pid));
  }
  return found;
}

/// The kernel reports the file that runs, after following links; a path inside a container may not exist here.
Result<std::vector<std::string>> programs(const std::string& word) {
  if (word.empty()) return usage_error(phrase("--exe expects a path"));
  std::error_code error;
  auto absolute = fs::absolute(word, error).lexically_normal();
  if (error) return usage_error(phrase("--exe: cannot resolve '{}': {}", word, error.message()));
  std::vector<std::string> found = {absolute.string()};
  auto resolved = fs::canonical(absolute, error);
  if (!error && resolved != absolute) found.push_back(resolved.string());
  if (!error && fs::is_directory(resolved, error)) return usage_error(phrase("--exe {} is a directory", word));
  return found;
}

Result<std::vector<std::string>> user(const std::string& word, const Users& users) {
  auto uid = users.id(word);
  if (!uid) {
    Phrase near;
    for (const auto& name : nearest(word, users.names(), 3))
      near = near.empty() ? Phrase(name) : phrase("{} or {}", near, name);
    const auto& remedy = uid.error().remedy;
    auto what_to_do = near.empty()     ? remedy
                      : remedy.empty() ? phrase("did you mean {}?", near)
                                       : phrase("did you mean {}? Else {}", near, remedy);
    return usage_error("--uid: " + uid.error().message, what_to_do);
  }
  return std::vector{std::to_string(*uid)};
}

/// From the root of its hierarchy, as the kernel writes it.
Result<std::vector<std::string>> cgroup(const std::string& word) {
  if (word.empty())
    return usage_error(phrase("--cgroup expects a path, as in /system.slice or /sys/fs/cgroup/system.slice"));
  auto path = fs::path("/./" + without_cgroup_mount(word)).lexically_normal().string();
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return std::vector{path};
}

Result<std::vector<std::string>> unit(const std::string& word) {
  if (word.empty() || word.find('/') != std::string::npos)
    return usage_error(phrase("--unit: '{}' is not a unit's name", word));
  constexpr std::string_view without[] = {".timer", ".target", ".path", ".device", ".automount"};
  for (auto type : without) {
    if (word.ends_with(type))
      return usage_error(phrase("--unit: {} is a {} unit, which has no processes", word, type.substr(1)),
                         phrase("name the service that it starts"));
  }
  // The types that have processes (systemd.unit(5)).
  constexpr std::string_view types[] = {".service", ".scope", ".slice", ".socket", ".mount", ".swap"};
  bool typed =
      std::any_of(std::begin(types), std::end(types), [&](std::string_view type) { return word.ends_with(type); });
  return std::vector{typed ? word : word + ".service"};
}

template <char const* option>
Result<std::vector<std::string>> pattern(const std::string& word) {
  if (!word.empty()) return std::vector{word};
  return usage_error(phrase("{} '' matches every process", option), phrase("--all watches every process"));
}
constexpr char kName[] = "--name", kCmdline[] = "--cmdline";

/// Also as Kubernetes writes it: RUNTIME://ID.
Result<std::vector<std::string>> container(const std::string& word) {
  auto scheme = word.find("://");
  if (scheme != std::string::npos && is_container_id(word.substr(scheme + 3)))
    return std::vector{word.substr(scheme + 3)};
  if (word.empty() || word.size() > 253)
    return usage_error(phrase("--container: '{}' is not a container's name or id", word));
  return std::vector{word};
}

Result<std::vector<std::string>> pod(const std::string& word) {
  auto slash = word.find('/');
  auto name = slash == std::string::npos ? word : word.substr(slash + 1);
  if (name.empty() || slash == 0 || name.find('/') != std::string::npos || word.size() > 317)
    return usage_error(phrase("--pod expects NAME or NAMESPACE/NAME, not '{}'", word));
  return std::vector{word};
}

/// How the words of an option become what processes are compared with.
struct Reading {
  std::string_view option;
  std::vector<std::string> TargetOptions::*values;
  Result<std::vector<std::string>> (*read)(const std::string& word);
};

constexpr Reading kReadings[] = {
    {"name", &TargetOptions::names, pattern<kName>},
    {"exe", &TargetOptions::exes, programs},
    {"cmdline", &TargetOptions::cmdlines, pattern<kCmdline>},
    {"cgroup", &TargetOptions::cgroups, cgroup},
    {"unit", &TargetOptions::units, unit},
    {"container", &TargetOptions::containers, container},
    {"pod", &TargetOptions::pods, pod},
};

Result<void> add(const Result<std::vector<std::string>>& values, std::vector<std::string>& all) {
  if (!values) return tl::unexpected(values.error());
  all.insert(all.end(), values->begin(), values->end());
  return {};
}

}  // namespace

Result<TargetOptions> named_targets(const Arguments& arguments, const Users& users) {
  TargetOptions targets;
  TRY_ASSIGN(auto numbers, pids(arguments));
  targets.pids = std::move(numbers);
  for (const auto& reading : kReadings) {
    for (const auto& word : arguments.all(reading.option)) {
      TRY(add(reading.read(word), targets.*reading.values));
    }
  }
  for (const auto& word : arguments.all("uid")) {
    TRY(add(user(word, users), targets.uids));
  }
  targets.all = arguments.has("all");
  targets.children = arguments.has("children");
  targets.wait = arguments.has("wait");
  return targets;
}

bool names_somebody(const TargetOptions& targets) {
  return !targets.pids.empty() || targets.all || !targets.command.empty() ||
         std::any_of(pattern_kinds().begin(), pattern_kinds().end(),
                     [&](const PatternKind& kind) { return !(targets.*kind.values).empty(); });
}

}  // namespace stapkill
