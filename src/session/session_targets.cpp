// Session's other half: whom it watches, from the options to what joins while it runs.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "session/session.h"
#include "sys/child.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostChildren = 64;  // of a target that are looked at before all others
constexpr auto kGoneLook = std::chrono::seconds(2);

}  // namespace

Event::Task task_of(const Process& process) {
  Event::Task task;
  task.pid = process.pid;
  task.start = process.start;
  return task;
}

SessionRecord Session::session_record() const {
  SessionRecord record;
  record.time = machine_->wall_now();
  record.version = options_.version;
  record.hostname = facts_.hostname;
  record.kernel = facts_.kernel;
  record.arch = facts_.arch;
  record.boot_id = facts_.boot_id;
  record.backend = backend_->name();
  record.probes = backend_->probes();
  record.targets = described(targets_.options());
  return record;
}

/// Makes sure that every --pid exists (unless it may come later) and is a process, not a thread's id.
Result<void> Session::resolve_targets(Watching& watching) {
  const auto& asked = targets_.options();
  watching.everything = !targets_.by_pid();
  watching.children = asked.children;
  for (int pid : asked.pids) {
    auto found = machine_->read_process(pid);
    bool lives = found && !found->ending;
    if (!lives && !asked.wait) {
      return fail(found ? "process " + std::to_string(pid) + " has ended already (it is a zombie)"
                        : "there is no process " + std::to_string(pid),
                  "name one that runs, or add --wait to watch it when it appears", "target.missing");
    }
    int group = found ? found->process.pid : pid;
    if (lives) expected_[group] = found->process.start;
    if (group != pid) targets_.forget_pid(pid);
    targets_.add_pid(group);
    groups_.push_back(group);
    watching.subjects.push_back({group, lives ? found->process.start : 0});
  }
  return {};
}

void Session::join_if_named(const ProcEntry& entry) {
  lineage_.seed(entry.process, entry.parent);
  if (entry.ending || !is_expected(entry.process)) return;
  look_at_pod(entry.process);
  bool elsewhere = false;
  if (!targets_.matches(entry.process) && !(elsewhere = matches_elsewhere(entry))) return;
  join(lineage_.find(task_of(entry.process)), true, Told::kernel_knows);
  if (!elsewhere) return;
  joined_elsewhere_ = true;
  watched_[{entry.process.pid, entry.process.start}].itself = true;  // no event shows who else is there
}

/// In a hierarchy whose path no event tells: only /proc shows it, so this is for what lives when the watch begins.
bool Session::matches_elsewhere(const ProcEntry& entry) const {
  return std::any_of(entry.other_cgroups.begin(), entry.other_cgroups.end(), [&](const std::string& path) {
    Process there;
    there.pid = entry.process.pid;
    there.cgroup = path;
    return targets_.matches(there);
  });
}

/// A target with its parents, eldest first, and its children: all that the report of its end needs, should it end at
/// once.
void Session::seed_target(int pid) {
  std::vector<ProcEntry> chain;
  for (auto entry = machine_->read_process(pid); entry; entry = machine_->read_process(chain.back().parent)) {
    chain.push_back(std::move(*entry));
    if (chain.back().parent <= 0 || chain.size() == Lineage::kMostAncestors) break;
  }
  std::for_each(chain.rbegin(), chain.rend(), [&](const ProcEntry& entry) {
    lineage_.seed(entry.process, entry.parent);
    logins_.see(entry.process);
  });
  if (chain.empty()) return;
  join_if_named(chain.front());
  auto children = machine_->children_of(chain.front().process.pid);
  if (children.size() > kMostChildren) children.resize(kMostChildren);
  for (int child : children) {
    if (auto entry = machine_->read_process(child)) lineage_.seed(entry->process, entry->parent);
  }
}

/// Everything that lives now, read after the probes went live: what starts meanwhile is reported, what is older is
/// here.
void Session::seed_living() {
  std::vector<ProcEntry> living;
  machine_->for_each_process([&](ProcEntry entry) { living.push_back(std::move(entry)); });
  for (const auto& entry : living) lineage_.seed(entry.process, entry.parent);
  // The eldest first: a container lives for the first of its processes. Parents may have been read after their
  // children.
  std::sort(living.begin(), living.end(), [](const ProcEntry& one, const ProcEntry& other) {
    return std::pair(one.process.start, one.process.pid) < std::pair(other.process.start, other.process.pid);
  });
  std::size_t logins = 0;
  for (auto entry = living.rbegin(); entry != living.rend() && logins < Logins::kMostAtOnce; ++entry)
    logins += logins_.see(entry->process) ? 1 : 0;
  for (const auto& entry : living) join_if_named(entry);
  targets_.seal();
  if (!targets_.options().wait) expected_.clear();
  if (!targets_.options().children) return;
  // What targets had forked before: their descendants that live.
  for (const auto& entry : living) {
    auto task = task_of(entry.process);
    for (const auto& parent : *lineage_.ancestry(task, {})) {
      if (is_watched(parent->pid, parent->start) && !is_watched(task.pid, task.start))
        join(lineage_.find(task), false, Told::tell_kernel);
    }
  }
}

void Session::on_armed(const Armed& armed) {
  armed_ = true;
  // With --pid alone the targets are known without a look at every process, which can come behind the good news.
  bool at_once = targets_.by_pid() && !targets_.options().children;
  if (at_once) {
    for (int pid : targets_.options().pids) seed_target(pid);
  } else {
    seed_living();
  }
  ArmedRecord record;
  record.time = machine_->wall_now();
  record.arm_ms = static_cast<double>(machine_->boot_now() - started_) / 1e6;
  record.toolchain = armed.toolchain;
  record.kernel = armed.kernel;
  record.from_cache = armed.from_cache;
  for (const auto& [key, watched] : watched_) {
    Event::Task task;
    task.pid = key.first;
    task.start = key.second;
    record.watching.push_back(lineage_.find(task));
  }
  armed_at_ = machine_->boot_now();
  emit(record);
  tell_containers();
  tell_unmatched();
  flush_outbox();
  if (at_once) seed_living();
  if (options_.duration) {
    duration_timer_.expires_after(std::chrono::nanoseconds(static_cast<std::int64_t>(*options_.duration * 1e9)));
    duration_timer_.async_wait([this](boost::system::error_code error) {
      if (!error) finish(options_.until_death && !death_seen_ ? 1 : 0);
    });
  }
  for (int pid : groups_) {
    bool stayed =
        std::any_of(watched_.begin(), watched_.end(), [&](const auto& one) { return one.first.first == pid; });
    if (targets_.options().wait || stayed) continue;
    diagnose({DiagnosticRecord::Level::warning, machine_->wall_now(), "target.missing",
              "process " + std::to_string(pid) + " ended before the probes were armed", ""});
    if (options_.until_death) finish(1);
  }
  if (!targets_.options().command.empty() && machine_->is_live()) start_command();
}

std::set<Session::Key> Session::gone() const {
  std::set<Key> found;
  for (const auto& [key, watched] : watched_) {
    if (!machine_->process_lives(key.first, key.second)) found.insert(key);
  }
  return found;
}

void Session::ended_unseen(const Key& key, const std::string& why) {
  machine_->ended_unseen({key.first, key.second}, why);
  Event::Task task;
  task.pid = key.first;
  task.start = key.second;
  Watched& watched = watched_[key];
  leave_container(watched, lineage_.find(task));
  bool main =
      watched.main || std::any_of(mains_.begin(), mains_.end(), [&](const auto& one) { return one.second == key; });
  bool awaited = watched.named && (watched.itself || main) && options_.until_death;
  watched_.erase(key);
  diagnose({DiagnosticRecord::Level::warning, machine_->wall_now(), "target.missing",
            "process " + std::to_string(key.first) + " ended " + why + ": how is not known", ""});
  if (awaited || key == started_command_) finish(1);
}

/// The probes were started again: what ended in between was not seen to end.
void Session::on_rearmed() {
  for (const auto& key : gone()) ended_unseen(key, "while the probes were started again");
  seed_living();
}

/// Among what was lost may be the end of a target. Twice with time in between: its record may still be on its way.
void Session::look_for_gone_soon() {
  if (looking_for_gone_ || finishing_) return;
  looking_for_gone_ = true;
  gone_timer_.expires_after(kGoneLook);
  gone_timer_.async_wait([this](boost::system::error_code error) {
    looking_for_gone_ = false;
    if (!error && !finishing_) look_for_gone();
  });
}

void Session::look_for_gone() {
  auto now_gone = gone();
  if (!outbox_.backed_up()) {  // while the source is paused nothing can have come
    for (const auto& key : now_gone) {
      if (gone_.count(key)) ended_unseen(key, "and the record of it was lost");
    }
  }
  std::erase_if(now_gone, [this](const Key& key) { return !watched_.count(key); });
  gone_ = std::move(now_gone);
  if (!gone_.empty()) look_for_gone_soon();
}

void Session::start_command() {
  ChildOptions options;
  options.argv = targets_.options().command;
  options.own_group = false;
  options.capture = false;
  options.before_exec = [watch = backend_->watch_self_in_child(), beside = options_.records_on_stdout] {
    if (beside) ::dup2(STDERR_FILENO, STDOUT_FILENO);  // among records there is nothing else
    watch();
  };
  options.started = [this](int pid) { on_command_started(pid); };
  auto child = Child::start(loop_, options, {}, {}, {});
  if (!child) {
    failure_ = child.error();
    return finish(1);
  }
  command_ = std::move(*child);
}

void Session::on_command_started(int pid) {
  machine_->command_started(pid);
  auto entry = machine_->read_process(pid);
  if (!entry) return;
  lineage_.seed(entry->process, entry->parent);
  if (machine_->is_live()) started_command_ = Key{pid, entry->process.start};  // a recording ends where it ends
  join(lineage_.find(task_of(entry->process)), true, Told::kernel_knows);
}

void Session::join(const ProcessPtr& process, bool named, Told told) {
  bool itself = named && targets_.matches_itself(*process);
  if (named) targets_.forget_pid(process->pid);
  auto [at, fresh] = watched_.try_emplace({process->pid, process->start});
  if (!fresh) return;
  at->second.named = named;
  at->second.itself = itself;
  at->second.from_birth = armed_at_ != 0;
  enter_places(process);
  // What it was sent right before it joined, as between its fork and its exec, belongs to its story.
  for (auto& record : recent_.of(*process)) at->second.history.add(std::move(record), false);
  if (targets_.by_pid() && told == Told::tell_kernel) backend_->watch({process->pid, process->start});
  enter_container(at->second, process);
}

/// What it has become can be another reason to watch it, or another container.
void Session::look_again(Watched& watched, const ProcessPtr& process) {
  if (targets_.by_pid()) return;
  watched.itself = watched.itself || targets_.matches_itself(*process);
  watched.named = watched.named || targets_.matches(*process);
  enter_places(process);
  if (!asks_for_containers(targets_.options())) return;
  auto container = targets_.container_asked_for(*process);
  if (watched.container && (!container || container->id != watched.container->id)) {
    leave_container(watched, process);
    watched.container.reset();
  }
  if (!watched.container) enter_container(watched, process);
}

void Session::maybe_join(const Event::Task& task) {
  if (lineage_.has_ended(task)) return;
  auto process = lineage_.find(task);
  if (auto watched = watched_.find({task.pid, task.start}); watched != watched_.end())
    return look_again(watched->second, process);
  look_at_pod(*process);
  if (is_expected(*process) && targets_.matches(*process)) join(process, true, Told::tell_kernel);
}

/// A child has its parent's name, program and arguments until it runs exec.
void Session::join_at_birth(const Event::Task& task) {
  maybe_join(task);
  if (auto at = watched_.find({task.pid, task.start}); at != watched_.end()) at->second.inherited = true;
}

/// At its exec it is left alone when it no longer matches what it matched only because its parent did
/// (stapkill-watch(1)).
void Session::leave_if_another(const Event::Task& task) {
  auto at = watched_.find({task.pid, task.start});
  if (at == watched_.end() || !std::exchange(at->second.inherited, false)) return;
  auto process = lineage_.find(task);
  if (targets_.by_pid() || targets_.matches(*process)) return;
  leave_container(at->second, process);
  watched_.erase(at);
}

/// Nothing tells that a process changes its user; its end tells which one it had.
void Session::join_at_the_end(const Event& event) {
  if (targets_.by_pid()) return;
  Event last = event;
  last.kind = Event::Kind::rename;
  lineage_.apply(last, static_cast<Time>(event.boot_ns));
  maybe_join(event.task);
}

/// What has become a target without an event of its own: all of a pod that has just been recognised. The eldest first.
void Session::join_living() {
  std::vector<Event::Task> found;
  lineage_.for_each_living([&](const Process& process) {
    if (!is_watched(process.pid, process.start) && targets_.matches(process)) found.push_back(task_of(process));
  });
  std::sort(found.begin(), found.end(), [](const auto& one, const auto& other) { return one.start < other.start; });
  for (const auto& task : found) join(lineage_.find(task), true, Told::tell_kernel);
}

}  // namespace stapkill
