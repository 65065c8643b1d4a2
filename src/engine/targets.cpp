#include "engine/targets.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "engine/pattern_error.h"
#include "model/cgroup_names.h"

namespace stapkill {
namespace {

constexpr PatternKind kPatternKinds[] = {
    {"name", &TargetOptions::names, true},
    {"exe", &TargetOptions::exes, true},
    {"cmdline", &TargetOptions::cmdlines, true},
    {"uid", &TargetOptions::uids, true},
    {"cgroup", &TargetOptions::cgroups, true},
    {"unit", &TargetOptions::units, true},
    {"container", &TargetOptions::containers, false},
    {"pod", &TargetOptions::pods, false},
    {"container_id", &TargetOptions::container_ids, true},
    {"pod_uid", &TargetOptions::pod_uids, true},
};

constexpr std::string_view kDeleted = " (deleted)";  // what /proc and d_path() append, fs/d_path.c

bool is_one_of(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// argv as one text, joined only when a pattern needs it.
std::string line_of(const Process& process) {
  std::string line;
  for (const auto& word : *process.argv) line.append(line.empty() ? "" : " ").append(word);
  return line;
}

bool any_matches(const std::vector<std::unique_ptr<re2::RE2>>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) {
    return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern);
  });
}

}  // namespace

std::span<const PatternKind> pattern_kinds() {
  return kPatternKinds;
}

bool has_patterns(const TargetOptions& options) {
  return std::any_of(std::begin(kPatternKinds), std::end(kPatternKinds),
                     [&](const PatternKind& kind) { return kind.matches && !(options.*kind.values).empty(); }) ||
         (options.wait && asks_for_containers(options));
}

bool asks_for_containers(const TargetOptions& options) {
  return !(options.pods.empty() && options.containers.empty() && options.container_ids.empty() &&
           options.pod_uids.empty());
}

bool runs(const Process& process, std::string_view exe) {
  if (!process.exe) return false;
  std::string_view own = *process.exe;
  return own == exe || (own.ends_with(kDeleted) && own.substr(0, own.size() - kDeleted.size()) == exe);
}

std::vector<std::pair<std::string, std::vector<std::string>>> described(const TargetOptions& options) {
  std::vector<std::pair<std::string, std::vector<std::string>>> rows;
  std::vector<std::string> pids;
  for (int pid : options.pids) pids.push_back(std::to_string(pid));
  if (!pids.empty()) rows.emplace_back("pid", pids);
  for (const auto& kind : kPatternKinds) {
    if (!(options.*kind.values).empty()) rows.emplace_back(kind.name, options.*kind.values);
  }
  if (!options.command.empty()) rows.emplace_back("command", options.command);
  if (options.all) rows.emplace_back("all", std::vector<std::string>{});
  if (options.children) rows.emplace_back("children", std::vector<std::string>{});
  return rows;
}

Targets::Targets(TargetOptions options)
    : options_(std::move(options)), pids_(options_.pids.begin(), options_.pids.end()) {
  for (const auto& word : options_.uids) {
    std::int64_t uid = -1;
    std::from_chars(word.data(), word.data() + word.size(), uid);
    uids_.insert(uid);
  }
}
Targets::Targets(Targets&&) noexcept = default;
Targets& Targets::operator=(Targets&&) noexcept = default;
Targets::~Targets() = default;

Result<void> Targets::compile(std::string_view option, const std::vector<std::string>& words, Patterns& patterns) {
  re2::RE2::Options settings;
  settings.set_log_errors(false);
  settings.set_encoding(re2::RE2::Options::EncodingLatin1);  // comm and argv are bytes
  settings.set_dot_nl(true);                                 // a script for sh -c can have several lines; as pgrep -f
  for (const auto& word : words) {
    auto pattern = std::make_unique<re2::RE2>(word, settings);
    if (!pattern->ok()) return usage_error(pattern_error(option, word, *pattern));
    patterns.push_back(std::move(pattern));
  }
  return {};
}

Result<Targets> Targets::make(TargetOptions options) {
  Targets targets(std::move(options));
  TRY(compile("name", targets.options_.names, targets.names_));
  TRY(compile("cmdline", targets.options_.cmdlines, targets.cmdlines_));
  return targets;
}

void Targets::add_pod(const std::string& uid) {
  if (!is_one_of(options_.pod_uids, uid)) options_.pod_uids.push_back(uid);
}

void Targets::add_container(const std::string& id) {
  if (!is_one_of(options_.container_ids, id)) options_.container_ids.push_back(id);
}

void Targets::leave_out(int pid) {
  bool meant = options_.all || std::count(options_.pids.begin(), options_.pids.end(), pid) > 0;
  left_out_ = meant ? 0 : pid;
}

/// A comm holds 15 bytes (TASK_COMM_LEN, include/linux/sched.h). The rest of a longer name is in the path of the
/// program or in the first argument, if these begin with the comm.
bool Targets::name_matches(const Process& process) const {
  constexpr std::size_t full = 15;
  if (any_matches(names_, process.comm)) return true;
  if (process.comm.size() < full) return false;
  auto whole = [&](std::string_view path) {
    auto name = path.substr(path.rfind('/') + 1);
    return name.size() > full && name.starts_with(process.comm) && any_matches(names_, std::string(name));
  };
  return (process.exe && whole(*process.exe)) ||
         (process.argv && !process.argv->empty() && whole(process.argv->front()));
}

bool Targets::matches_itself(const Process& process) const {
  if (left_out_ != 0 && process.pid == left_out_) return false;
  if (options_.all || pids_.count(process.pid) || name_matches(process)) return true;
  if (std::any_of(options_.exes.begin(), options_.exes.end(), [&](const auto& exe) { return runs(process, exe); }))
    return true;
  if (!cmdlines_.empty() && process.argv && any_matches(cmdlines_, line_of(process))) return true;
  return process.uid && uids_.count(*process.uid);
}

std::vector<std::string> Targets::places_of(const Process& process) const {
  std::vector<std::string> places;
  if (!process.cgroup || process.pid == left_out_) return places;
  const auto& path = *process.cgroup;
  std::copy_if(options_.cgroups.begin(), options_.cgroups.end(), std::back_inserter(places),
               [&](const std::string& cgroup) { return is_in_cgroup(path, cgroup); });
  std::copy_if(options_.units.begin(), options_.units.end(), std::back_inserter(places),
               [&](const std::string& unit) { return is_in_unit(path, unit); });
  return places;
}

std::optional<Container> Targets::container_asked_for(const Process& process) const {
  if (!process.cgroup || (options_.container_ids.empty() && options_.pod_uids.empty())) return std::nullopt;
  auto asked_for = [this](const Container& container) {
    if (!container.pod_uid.empty() && is_one_of(options_.pod_uids, container.pod_uid)) return true;
    bool by_prefix = is_container_id(container.id);
    return std::any_of(options_.container_ids.begin(), options_.container_ids.end(), [&](const std::string& id) {
      return container.id == id || (by_prefix && container.id.starts_with(id));
    });
  };
  auto containers = containers_in(*process.cgroup);
  auto found = std::find_if(containers.rbegin(), containers.rend(), asked_for);
  return found == containers.rend() ? std::nullopt : std::optional(std::move(*found));
}

bool Targets::matches(const Process& process) const {
  return matches_itself(process) || !places_of(process).empty() ||
         (process.pid != left_out_ && container_asked_for(process));
}

}  // namespace stapkill
