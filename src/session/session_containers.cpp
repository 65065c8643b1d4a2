// Session's part about containers and pods: which were asked for, what becomes of them, and what names nobody.
#include <sys/wait.h>

#include <algorithm>

#include "event/cgroup_names.h"
#include "session/session.h"
#include "sys/nearest.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostPods = 1024;  // whose names were looked up
constexpr std::size_t kMostNear = 3;

/// What holds a pod's namespaces and does nothing else; its end is no container's restart.
bool is_sandbox(const Process& process) {
  return process.exe && (*process.exe == "/pause" || process.exe->ends_with("/pause"));
}

/// A step of a runtime on the way to a container's program, in the container's cgroup already. The last of runc's
/// (libcontainer/nsenter/nsexec.c names them so) and crun's own child become that program by exec.
bool is_runtimes_own(const Process& process) {
  if (process.comm.starts_with("runc:[")) return true;
  if (!process.argv || process.argv->empty()) return false;
  std::string_view program = process.argv->front();
  program.remove_prefix(std::min(program.rfind('/') + 1, program.size()));
  return program == "runc" || program == "crun";
}

bool means_pod(const std::string& asked, const std::string& name) {
  return asked == name || name.ends_with('/' + asked);
}

}  // namespace

ContainerRecord Session::container_record(ContainerRecord::What what, const Container& container,
                                          ProcessPtr process) const {
  ContainerRecord record;
  const auto& known = options_.known_containers;
  auto at = std::find_if(known.begin(), known.end(),
                         [&](const ContainerRecord& one) { return one.container.id == container.id; });
  if (at != known.end()) {
    record = *at;
  } else {  // of the same pod at least
    at = std::find_if(known.begin(), known.end(), [&](const ContainerRecord& one) {
      return !container.pod_uid.empty() && one.container.pod_uid == container.pod_uid;
    });
    if (at != known.end()) record.pod = at->pod;
  }
  if (what != ContainerRecord::What::present) {
    record.last_status.reset();
    record.last_reason.clear();
  }
  if (record.name.empty()) record.name = containers_.name_of(container);
  record.what = what;
  record.time = machine_->wall_now();
  record.container = container;
  record.process = std::move(process);
  record.restarts = containers_.restarts(container);
  return record;
}

/// The kubelet makes a directory or a file for each start: what is new since the one before is this one's. Docker's
/// file is made later than its container's first process.
ContainerTracker::Run Session::run_of(const Container& container) {
  if (!armed_told_ || container.pod_uid.empty() || container.runtime == "docker") return {};
  auto now = machine_->pod_runs(container.pod_uid);
  if (runs_.size() >= kMostPods) runs_.clear();
  auto [at, fresh] = runs_.try_emplace(container.pod_uid, now);
  auto before = std::exchange(at->second, now);
  ContainerTracker::Run run;
  if (fresh) return run;
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

void Session::enter_container(Watched& watched, const ProcessPtr& process) {
  auto container = targets_.container_asked_for(*process);
  bool nothing_known = !process->argv && !process->exe;  // its fork is told next (a child that was born there)
  if (nothing_known || !container || is_sandbox(*process) || is_runtimes_own(*process)) return;
  watched.container = std::move(container);
  auto change = containers_.joined(*watched.container, {process->pid, process->start},
                                   [this, &watched] { return run_of(*watched.container); });
  if (!armed_told_ || change == ContainerTracker::Change::none) return;
  bool again = change == ContainerTracker::Change::restarted;
  auto what = again ? ContainerRecord::What::restarted : ContainerRecord::What::started;
  push(Pending{.record = container_record(what, *watched.container, process)});
}

void Session::leave_container(Watched& watched, const ProcessPtr& process) {
  if (!watched.container) return;
  Key key{process->pid, process->start};
  watched.main = watched.main || containers_.is_main(*watched.container, key);
  if (containers_.left(*watched.container, key) == ContainerTracker::Change::ended)
    push(Pending{.record = container_record(ContainerRecord::What::ended, *watched.container, process)});
}

/// In a container come and go processes that nobody asked for by themselves: probes, jobs of a shell. One of those that
/// simply exits is not what --until-death waits for.
bool Session::ends_what_is_awaited(const Watched& watched, const DeathRecord& death) {
  return watched.named && (watched.itself || watched.main || WIFSIGNALED(death.wait_status));
}

/// The containers that were asked for and that have processes when the watch begins, with the eldest of these.
void Session::tell_containers() {
  armed_told_ = true;
  std::set<std::string> pods(targets_.options().pod_uids.begin(), targets_.options().pod_uids.end());
  for (const auto& [key, watched] : watched_) {
    if (!watched.container || !containers_.is_main(*watched.container, key)) continue;
    Event::Task task;
    task.pid = key.first;
    task.start = key.second;
    emit(container_record(ContainerRecord::What::present, *watched.container, lineage_.find(task)));
    if (!watched.container->pod_uid.empty()) pods.insert(watched.container->pod_uid);
  }
  for (const auto& uid : pods) runs_[uid] = machine_->pod_runs(uid);
  tell_ended_before();
}

/// Those that had ended when the watch began, and of whose name none lives: a pod that waits to be started again. Of
/// each name the last start stands first.
void Session::tell_ended_before() {
  std::set<std::pair<std::string, std::string>> names;
  for (const auto& one : options_.known_containers) {
    if (one.container.id.empty() || !names.emplace(one.pod, one.name).second) continue;
    if (one.what != ContainerRecord::What::ended || containers_.lives(one.container)) continue;
    ContainerRecord record = one;
    record.time = machine_->wall_now();
    emit(record);
  }
}

/// Whoever mistyped a name would wait for ever.
void Session::tell_unmatched() {
  const auto& asked = targets_.options();
  struct Kind {
    std::string_view what;
    const std::vector<std::string>& words;
    std::function<bool(const Process&, const std::string&)> matches;
    std::function<std::optional<std::string>(const Process&)> name;
  };
  const Kind kinds[] = {
      {"runs", asked.exes, [](const Process& process, const std::string& word) { return runs(process, word); },
       [](const Process& process) { return process.exe; }},
      {"is in cgroup", asked.cgroups,
       [](const Process& process, const std::string& word) {
         return process.cgroup && is_in_cgroup(*process.cgroup, word);
       },
       [](const Process& process) { return process.cgroup; }},
      {"is of unit", asked.units,
       [](const Process& process, const std::string& word) {
         return process.cgroup && is_in_unit(*process.cgroup, word);
       },
       [](const Process& process) { return unit_of(process.cgroup); }},
  };
  for (const auto& kind : kinds) {
    std::set<std::string> names;
    std::vector<bool> met(kind.words.size());
    if (kind.words.empty() || (joined_elsewhere_ && &kind.words != &asked.exes)) continue;
    lineage_.for_each_living([&](const Process& process) {
      for (std::size_t at = 0; at < met.size(); ++at) met[at] = met[at] || kind.matches(process, kind.words[at]);
      if (auto name = kind.name(process)) names.insert(*name);
    });
    // A program can be named twice, with and without the links on the way to it.
    bool one_is_enough = &kind.words == &asked.exes && std::find(met.begin(), met.end(), true) != met.end();
    for (std::size_t at = 0; at < met.size() && !one_is_enough; ++at) {
      if (!met[at]) tell_nobody(kind.what, kind.words[at], {names.begin(), names.end()});
    }
  }
}

void Session::tell_nobody(std::string_view what, const std::string& word, const std::vector<std::string>& names) {
  std::string near;
  for (const auto& name : nearest(word, names, kMostNear)) near += (near.empty() ? "there are: " : ", ") + name;
  diagnose({DiagnosticRecord::Level::warning, machine_->wall_now(), "target.none",
            "no process " + std::string(what) + ' ' + word + " now; one that comes is watched", near});
}

/// A pod that was made anew has the same name where a StatefulSet makes it, and another uid.
void Session::look_at_pod(const Process& process) {
  const auto& asked = targets_.options().pods;
  if (asked.empty()) return;
  auto uid = pod_uid_of(process.cgroup);
  if (!uid || pods_seen_.count(*uid)) return;
  if (pods_seen_.size() >= kMostPods) pods_seen_.clear();
  pods_seen_.insert(*uid);
  auto name = machine_->pod_name(*uid);
  if (name && std::any_of(asked.begin(), asked.end(), [&](const auto& one) { return means_pod(one, *name); })) {
    targets_.add_pod(*uid);
    if (armed_) join_living();
  }
}

}  // namespace stapkill
