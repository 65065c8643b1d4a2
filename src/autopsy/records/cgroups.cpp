#include "autopsy/records/cgroups.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <limits>

#include "model/cgroup_names.h"
#include "model/containers.h"
#include "verdict/evidence.h"

namespace stapkill {
namespace {

namespace fs = std::filesystem;
using Number = std::uint64_t;

constexpr std::size_t kMostDirectories = 5'000, kMostBytes = 4096;
constexpr int kDeepest = 10;
constexpr std::string_view kRoot = "/sys/fs/cgroup";

/// Walks one hierarchy. `mount` is its root; paths of cgroups begin there.
class Walk {
 public:
  Walk(const Scope& scope, std::string mount, Reading& reading)
      : scope_(scope), mount_(std::move(mount)), reading_(reading) {}

  /// Reads a cgroup and those below it; gives what memory.events counts there, with all below.
  Number take(const std::string& path, int depth) {
    if (++seen_ > kMostDirectories || scope_.late()) {
      cut_ = true;
      return 0;
    }
    Number below = 0;
    if (depth < kDeepest) {
      for (const auto& name : children(path)) below += take(fmt::format("{}/{}", path, name), depth + 1);
    }
    take_legacy(path);
    take_pids(path);
    return take_memory(path, below);
  }

  std::size_t seen() const { return seen_; }
  bool cut() const { return cut_; }

 private:
  std::vector<std::string> children(const std::string& path) const {
    std::vector<std::string> names;
    std::error_code error;
    auto outside = scope_.files.outside(mount_ + path);
    if (outside.empty()) return names;
    for (fs::directory_iterator at(outside, error), end; !error && at != end && names.size() < kMostDirectories;
         at.increment(error)) {
      std::error_code ignored;
      if (at->symlink_status(ignored).type() == fs::file_type::directory) names.push_back(at->path().filename());
    }
    return names;
  }

  std::string text(const std::string& path, std::string_view file) const {
    int error = 0;
    return scope_.files.read(mount_ + path + "/" + std::string(file), kMostBytes, error).value_or("");
  }

  Number number(const std::string& path, std::string_view file, std::string_view key) const {
    return keyed_number(text(path, file), key).value_or(0);
  }

  /// ", memory.max 64.0 MiB"; "" where it is "max".
  std::string limit(const std::string& path, std::string_view file) const {
    auto bytes = text(path, file);
    Number value = 0;
    auto [end, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), value);
    // v1 shows PAGE_COUNTER_MAX for none: mm/memcontrol-v1.c.
    if (error != std::errc() || value >= static_cast<Number>(std::numeric_limits<std::int64_t>::max()) / 2) return "";
    return fmt::format(", {} {}", file, size_text(value));
  }

  void add(const std::string& path, std::string_view file, std::string reason) {
    Finding counter;
    counter.kind = Finding::Kind::counter;
    counter.subject.cgroup = path.empty() ? "/" : path;
    counter.subject.unit = unit_of(counter.subject.cgroup).value_or("");
    if (auto container = container_of(counter.subject.cgroup)) counter.subject.container = container->id;
    counter.subject.pod_uid = pod_uid_of(counter.subject.cgroup).value_or("");
    counter.through = "kernel";
    counter.source = "cgroups";
    counter.place = mount_ + path + "/" + std::string(file);
    counter.quote = reason.substr(0, kLongestQuote);
    counter.reason = std::move(reason);
    reading_.findings.push_back(std::move(counter));
  }

  /// cgroup v2. memory.events counts a cgroup with all below it, also those that are gone; memory.events.local (Linux
  /// 5.2) its own (Documentation/admin-guide/cgroup-v2.rst). mm/oom_kill.c: oom_kill counts where the victim was.
  Number take_memory(const std::string& path, Number below) {
    auto all = text(path, "memory.events");
    if (all.empty()) return below;
    auto local = text(path, "memory.events.local");
    Number total = keyed_number(all, "oom_kill").value_or(0);
    Number groups = keyed_number(local.empty() ? all : local, "oom_group_kill").value_or(0);
    auto own = keyed_number(local, "oom_kill");
    auto with = limit(path, "memory.max");
    if (groups > 0)
      add(path, local.empty() ? "memory.events" : "memory.events.local",
          fmt::format("memory.events: oom_group_kill {} (all its processes were ended together, since the cgroup was "
                      "made){}",
                      groups, with));
    if (own && *own > 0)
      add(path, "memory.events.local",
          fmt::format("memory.events.local: oom_kill {} (of its own processes, since the cgroup was made){}", *own,
                      with));
    if (!own && total > 0)
      add(path, "memory.events",
          fmt::format("memory.events: oom_kill {} (of it and of those below it, since the cgroup was made){}", total,
                      with));
    if (own && total > *own && total - *own > below)
      add(path, "memory.events",
          fmt::format("memory.events: oom_kill {} in cgroups below it that are gone (since the cgroup was made)",
                      total - *own - below));
    return total;
  }

  /// cgroup v1, since Linux 4.13: each counts its own (mm/memcontrol.c, mem_cgroup_oom_control_read).
  void take_legacy(const std::string& path) {
    auto kills = number(path, "memory.oom_control", "oom_kill");
    if (kills > 0)
      add(path, "memory.oom_control",
          fmt::format("memory.oom_control: oom_kill {} (of its own processes, since the cgroup was made){}", kills,
                      limit(path, "memory.limit_in_bytes")));
  }

  /// kernel/cgroup/pids.c.
  void take_pids(const std::string& path) {
    auto refused = number(path, "pids.events", "max");
    if (refused > 0)
      add(path, "pids.events",
          fmt::format("pids.events: max {} (so often a new process or thread was refused: too many, since the cgroup "
                      "was made)",
                      refused));
  }

  const Scope& scope_;
  std::string mount_;
  Reading& reading_;
  std::size_t seen_ = 0;
  bool cut_ = false;
};

/// The roots of hierarchies that have such counters: v2 alone, or v1's (with v2's, systemd's hybrid).
std::vector<std::string> mounts(const Scope& scope, int& error) {
  std::vector<std::string> all;
  const std::string root(kRoot);
  auto names = scope.files.list(root, error, kMostDirectories);
  auto has = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  if (has("cgroup.controllers")) return {root};
  for (const auto* name : {"memory", "pids", "unified"}) {
    if (has(name)) all.push_back(fmt::format("{}/{}", root, name));
  }
  // A captured tree may have a part of v2 alone.
  if (all.empty() && !names.empty()) all.push_back(root);
  return all;
}

}  // namespace

std::optional<Number> keyed_number(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(key) || line.substr(key.size(), 1) != " ") continue;
    line.remove_prefix(key.size() + 1);
    Number value = 0;
    auto [last, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error == std::errc() && last == line.data() + line.size()) return value;
  }
  return std::nullopt;
}

void read_counters(const Scope& scope, Reading& reading) {
  using State = SourceNote::State;
  int error = 0;
  SourceNote note;
  note.source = "cgroups";
  note.path = kRoot;
  bool cut = false;
  std::size_t seen = 0;
  for (const auto& mount : mounts(scope, error)) {
    Walk walk(scope, mount, reading);
    walk.take("", 0);
    cut = cut || walk.cut();
    seen += walk.seen();
  }
  bool closed = error == EACCES || error == EPERM;
  note.state = cut ? State::cut : seen > 0 ? State::read : closed ? State::not_permitted : State::absent;
  if (seen > 0) note.detail = cut ? phrase("{} cgroups; there are more", seen) : phrase("{} cgroups", seen);
  reading.notes.push_back(std::move(note));
}

}  // namespace stapkill
