#include "engine/container_watch.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "model/cgroup_names.h"
#include "verdict/origins.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostPods = 1024;  // whose names are remembered

/// The pause process holds a pod's namespaces and does nothing else; its end is no restart.
bool is_sandbox(const Process& process) {
  return process.exe && (*process.exe == "/pause" || process.exe->ends_with("/pause"));
}

bool means_pod(const std::string& asked, const std::string& name) {
  return asked == name || name.ends_with('/' + asked);
}

}  // namespace

ContainerRecord ContainerWatch::record(ContainerRecord::What what, const Container& container, ProcessPtr process,
                                       Time now) const {
  ContainerRecord record;
  auto at = std::find_if(known_.begin(), known_.end(),
                         [&](const ContainerRecord& one) { return one.container.id == container.id; });
  if (at != known_.end()) {
    record = *at;
  } else {  // of the same pod at least
    at = std::find_if(known_.begin(), known_.end(), [&](const ContainerRecord& one) {
      return !container.pod_uid.empty() && one.container.pod_uid == container.pod_uid;
    });
    if (at != known_.end()) record.pod = at->pod;
  }
  if (what != ContainerRecord::What::present) {
    record.last_status.reset();
    record.last_reason.clear();
  }
  if (record.name.empty()) record.name = tracker_.name_of(container);
  if (auto pod = pod_names_.find(container.pod_uid); record.pod.empty() && pod != pod_names_.end())
    record.pod = pod->second;
  record.what = what;
  record.time = now;
  record.container = container;
  record.process = std::move(process);
  record.restarts = tracker_.restarts(container);
  return record;
}

/// The kubelet makes a directory or a file for each start: what is new since the last look belongs to this start. Not
/// for Docker, which makes its file after the container's first process.
ContainerTracker::Run ContainerWatch::run_of(const Container& container) {
  if (!begun_ || container.pod_uid.empty() || container.runtime == "docker") return {};
  auto now = machine_.pod_runs(container.pod_uid);
  if (runs_.size() >= kMostPods) runs_.clear();
  auto [at, fresh] = runs_.try_emplace(container.pod_uid, now);
  auto before = std::exchange(at->second, now);
  ContainerTracker::Run run;
  if (fresh) {  // a pod that came while the watch waited for it: its only container so far
    if (now.size() == 1) run.name = now.begin()->first;
    return run;
  }
  std::size_t starts = 0, again = 0;
  for (const auto& [name, count] : now) {
    auto old = before.find(name);
    if (old != before.end() && old->second >= count) continue;
    run.name = starts++ ? "" : name;
    again += count > 0;
  }
  if (starts > 0 && (again == 0 || again == starts)) run.again = again > 0;
  return run;
}

std::vector<ContainerRecord> ContainerWatch::enter(Roster::Watched& watched, const ProcessPtr& process,
                                                   const Targets& targets, Time now) {
  std::vector<ContainerRecord> records;
  if (!asks_for_containers(targets.options())) return records;
  auto container = targets.container_asked_for(*process);
  if (watched.container && (!container || container->id != watched.container->id)) {
    if (auto left = leave(watched, process, now)) records.push_back(std::move(*left));
    watched.container.reset();
  }
  bool nothing_known = !process->argv && !process->exe;  // its fork comes next (a child that was born there)
  if (watched.container || nothing_known || !container || is_sandbox(*process) || is_runtimes_step(*process))
    return records;
  watched.container = std::move(container);
  auto change =
      tracker_.joined(*watched.container, key_of(*process), [this, &watched] { return run_of(*watched.container); });
  if (!begun_ || change == ContainerTracker::Change::none) return records;
  bool again = change == ContainerTracker::Change::restarted;
  auto what = again ? ContainerRecord::What::restarted : ContainerRecord::What::started;
  records.push_back(record(what, *watched.container, process, now));
  return records;
}

std::optional<ContainerRecord> ContainerWatch::leave(Roster::Watched& watched, const ProcessPtr& process, Time now) {
  if (!watched.container) return std::nullopt;
  auto key = key_of(*process);
  watched.was_main = watched.was_main || tracker_.is_main(*watched.container, key);
  if (tracker_.left(*watched.container, key) != ContainerTracker::Change::ended) return std::nullopt;
  return record(ContainerRecord::What::ended, *watched.container, process, now);
}

std::vector<ContainerRecord> ContainerWatch::present(const Roster& roster, Lineage& lineage, Time now) {
  begun_ = true;
  std::vector<ContainerRecord> records;
  const auto& asked = roster.options().pod_uids;
  std::set<std::string> pods(asked.begin(), asked.end());
  for (const auto& [key, watched] : roster.all()) {
    if (!watched.container || !tracker_.is_main(*watched.container, key)) continue;
    records.push_back(record(ContainerRecord::What::present, *watched.container, lineage.find(task_of(key)), now));
    if (!watched.container->pod_uid.empty()) pods.insert(watched.container->pod_uid);
  }
  for (const auto& uid : pods) runs_[uid] = machine_.pod_runs(uid);
  // The last start of each name comes first.
  std::set<std::pair<std::string, std::string>> names;
  for (const auto& one : known_) {
    if (one.container.id.empty() || !names.emplace(one.pod, one.name).second) continue;
    if (one.what != ContainerRecord::What::ended || tracker_.lives(one.container)) continue;
    records.push_back(one);
    records.back().time = now;
  }
  return records;
}

std::optional<std::string> ContainerWatch::new_pod_of(const Process& process, const std::vector<std::string>& asked) {
  if (asked.empty()) return std::nullopt;
  auto uid = pod_uid_of(process.cgroup);
  if (!uid || pods_seen_.count(*uid)) return std::nullopt;
  if (pods_seen_.size() >= kMostPods) pods_seen_.clear();
  pods_seen_.insert(*uid);
  auto name = machine_.pod_name(*uid);
  bool meant = name && std::any_of(asked.begin(), asked.end(), [&](const auto& one) { return means_pod(one, *name); });
  if (!meant) return std::nullopt;
  if (pod_names_.size() >= kMostPods) pod_names_.clear();
  pod_names_[*uid] = *name;
  return uid;
}

}  // namespace stapkill
