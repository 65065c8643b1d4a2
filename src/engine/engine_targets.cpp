// Engine's targets: from the options to processes that join while it runs.
#include <algorithm>
#include <utility>

#include "engine/engine.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostBashes = 256;
constexpr std::size_t kMostChildren = 64;  // of a target, read before all other processes

}  // namespace

void Engine::join_if_named(const ProcEntry& entry) {
  lineage_.seed(entry.process, entry.parent);
  if (entry.ending || !roster_.is_expected(entry.process)) return;
  look_at_pod(entry.process);
  bool elsewhere = false;
  if (!roster_.targets().matches(entry.process) && !(elsewhere = matches_elsewhere(entry))) return;
  auto key = key_of(entry.process);
  join(lineage_.find(task_of(key)), true, Kernel::knows);
  if (!elsewhere) return;
  joined_elsewhere_ = true;
  if (auto* watched = roster_.find(key)) watched->named_directly = true;  // no event shows who else shares the place
}

/// Matches cgroups in hierarchies that no event reports. Only /proc shows these, so it works only for processes that
/// live when the watch begins.
bool Engine::matches_elsewhere(const ProcEntry& entry) const {
  return std::any_of(entry.other_cgroups.begin(), entry.other_cgroups.end(), [&](const std::string& path) {
    Process there;
    there.pid = entry.process.pid;
    there.cgroup = path;
    return roster_.targets().matches(there);
  });
}

/// Reads a target with its parents, eldest first, and its children: enough to report its end should it end at once.
void Engine::seed_target(int pid) {
  std::vector<ProcEntry> chain;
  for (auto entry = machine_.read_process(pid); entry; entry = machine_.read_process(chain.back().parent)) {
    chain.push_back(std::move(*entry));
    if (chain.back().parent <= 0 || chain.size() == Lineage::kMostAncestors) break;
  }
  std::for_each(chain.rbegin(), chain.rend(), [&](const ProcEntry& entry) {
    lineage_.seed(entry.process, entry.parent);
    logins_.see(entry.process);
  });
  if (chain.empty()) return;
  join_if_named(chain.front());
  auto children = machine_.children_of(chain.front().process.pid);
  if (children.size() > kMostChildren) children.resize(kMostChildren);
  for (int child : children) {
    if (auto entry = machine_.read_process(child)) lineage_.seed(entry->process, entry->parent);
  }
}

/// Remembers where a login came from at its first process: a later one may have left its daemon's tree.
void Engine::note_login(const Process& process) {
  auto session = process.login ? process.login->session : -1;
  if (session < 0 || logins_.knows(session)) return;
  logins_.started(session, *lineage_.ancestry(task_of(key_of(process)), {}));
}

/// Containers bring builds of bash of their own.
void Engine::look_at_bash(const Process& process) {
  if (!process.exe || !process.exe->ends_with("/bash") || bashes_.size() >= kMostBashes) return;
  auto container = container_of(process.cgroup);
  if (bashes_.insert((container ? container->id : std::string()) + *process.exe).second)
    outputs_.emplace_back(LookAtBash{process.pid});
}

/// Reads every living process after the probes went live: older ones are found here, newer ones are reported by events.
void Engine::seed_living() {
  std::vector<ProcEntry> living;
  machine_.for_each_process([&](ProcEntry entry) { living.push_back(std::move(entry)); });
  for (const auto& entry : living) lineage_.seed(entry.process, entry.parent);
  // The eldest first: a container's first process is its main one. Parents may have been read after their children.
  std::sort(living.begin(), living.end(), [](const ProcEntry& one, const ProcEntry& other) {
    return std::pair(one.process.start, one.process.pid) < std::pair(other.process.start, other.process.pid);
  });
  std::size_t logins = 0;
  for (auto entry = living.rbegin(); entry != living.rend() && logins < Logins::kMostAtOnce; ++entry)
    logins += logins_.see(entry->process) ? 1 : 0;
  for (const auto& entry : living) look_at_bash(entry.process);
  for (const auto& entry : living) note_login(entry.process);
  for (const auto& entry : living) join_if_named(entry);
  roster_.targets().seal();
  if (!roster_.options().wait) roster_.expect_no_more();
  if (!roster_.options().children) return;
  // Living descendants that targets had forked before.
  for (const auto& entry : living) {
    auto task = task_of(key_of(entry.process));
    for (const auto& parent : *lineage_.ancestry(task, {})) {
      if (roster_.has(key_of(*parent)) && !roster_.has(key_of(entry.process)))
        join(lineage_.find(task), false, Kernel::does_not_know);
    }
  }
}

void Engine::join(const ProcessPtr& process, bool named, Kernel kernel) {
  auto* watched = roster_.join(*process, named, armed_at_ != 0);
  if (!watched) return;
  // Signals from right before it joined, as between fork and exec, belong to its story.
  for (auto& record : recent_.of(*process)) watched->history.add(std::move(record), false);
  if (roster_.targets().by_pid() && kernel == Kernel::does_not_know) outputs_.emplace_back(WatchToo{key_of(*process)});
  enter_container(*watched, process);
}

void Engine::maybe_join(const kernel::Task& task) {
  if (lineage_.has_ended(task)) return;
  auto process = lineage_.find(task);
  if (auto* watched = roster_.find({task.pid, task.start})) {
    if (roster_.targets().by_pid()) return;
    roster_.look_again(*watched, *process);
    return enter_container(*watched, process);
  }
  look_at_pod(*process);
  if (roster_.is_expected(*process) && roster_.targets().matches(*process)) join(process, true, Kernel::does_not_know);
}

/// A child has its parent's name, program and arguments until it runs exec.
void Engine::join_at_birth(const kernel::Task& task) {
  maybe_join(task);
  if (auto* watched = roster_.find({task.pid, task.start})) watched->inherited = true;
}

/// A process that matched only by what it inherited leaves at its exec when it no longer matches (stapkill-watch(1)).
void Engine::leave_if_another(const kernel::Task& task) {
  auto* watched = roster_.find({task.pid, task.start});
  if (!watched || !std::exchange(watched->inherited, false)) return;
  auto process = lineage_.find(task);
  if (roster_.targets().by_pid() || roster_.targets().matches(*process)) return;
  leave_container(*watched, process);
  roster_.leave({task.pid, task.start});
}

/// No event reports a change of user; the exit event has the last one.
void Engine::join_at_the_end(const kernel::Exit& exit) {
  if (roster_.targets().by_pid()) return;
  KernelEvent last;
  last.boot = at_;
  last.what = kernel::Rename{exit.task};
  lineage_.apply(last);
  maybe_join(exit.task);
}

/// Joins processes that became targets without an event: those of a pod that was just recognised. The eldest first.
void Engine::join_living() {
  std::vector<ProcessKey> found;
  lineage_.for_each_living([&](const Process& process) {
    if (!roster_.has(key_of(process)) && roster_.targets().matches(process)) found.push_back(key_of(process));
  });
  std::sort(found.begin(), found.end(), [](const auto& one, const auto& other) { return one.start < other.start; });
  for (const auto& key : found) join(lineage_.find(task_of(key)), true, Kernel::does_not_know);
}

void Engine::enter_container(Watched& watched, const ProcessPtr& process) {
  for (auto& record : containers_.enter(watched, process, roster_.targets(), wall_now())) push(std::move(record));
}

void Engine::leave_container(Watched& watched, const ProcessPtr& process) {
  if (auto record = containers_.leave(watched, process, wall_now())) push(std::move(*record));
}

void Engine::look_at_pod(const Process& process) {
  auto uid = containers_.new_pod_of(process, roster_.options().pods);
  if (!uid) return;
  roster_.targets().add_pod(*uid);
  if (armed_at_ != 0) join_living();
}

}  // namespace stapkill
