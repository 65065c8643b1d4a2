// Engine's records: signals and deaths, and their order.
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <utility>

#include "base/signals.h"
#include "engine/engine.h"
#include "model/containers.h"
#include "model/managers.h"
#include "verdict/exit_verdict.h"
#include "verdict/verdict.h"

namespace stapkill {
namespace {

constexpr Time kMillisecond = 1'000'000;
constexpr std::size_t kMostRelatives = 3;         // whose files are tried for those of a process that has ended
constexpr Time kReturnWait = 40 * kMillisecond;   // for the result of the sender's system call
constexpr Time kDeathHold = 20 * kMillisecond;    // lines of different CPUs swap places within 10 ms (docs/wire.md)
constexpr Time kSignalWait = 150 * kMillisecond;  // for the signal of a death: CPUs report out of order
constexpr Time kBriefLife = 60'000 * kMillisecond;
constexpr Time kMarkNear = 100 * kMillisecond;  // from the OOM killer's signal, or its victim's end, to its mark

}  // namespace

void Engine::on(const kernel::Signal& signal) {
  // A zombie can be sent a signal, which it ignores: it must not join again.
  bool ignored = static_cast<SignalResult>(signal.result) == SignalResult::ignored;
  if (!ignored) maybe_join(signal.target);
  ProcessKey target{signal.target.pid, signal.target.start};
  auto* watched = roster_.find(target);
  auto read = [&] { return reader_.read(signal, cpu_, at_, wall_of(at_)); };
  auto stack = reader_.stack_of(cpu_, signal);
  if (!watched) {
    if (!harmless_by_default(signal.number)) recent_.add(read());
    return;
  }
  // A signal sent after a process exited is no part of its story (a session leader's late SIGHUP).
  if (ignored && departures_.has_death(target)) return;
  SignalRecord record = read();
  bool shown = options_.passes(record);
  if (shown) record.seq = ++sequence_;
  watched->history.add(record, shown);
  recent_.add(record);
  if (auto wish = words_.question(record, now_)) ask_manager(std::move(*wish));
  Departure departure;
  departure.hidden = !shown;
  if (record.syscall) {
    departure.tid = signal.task.tid;
    departure.deadline = now_ + kReturnWait;
  }
  if (stack) ask_frames(std::move(*stack), *record.ancestry, departure);
  departure.record = std::move(record);
  if (!shown && !departure.deadline && !departure.question && departures_.empty())
    return;  // no waiting verdict needs it
  // A death that another CPU reported first leaves after its signal.
  departures_.push_before_death(target, std::move(departure));
}

void Engine::ask_frames(UserStack stack, const std::vector<ProcessPtr>& relatives, Departure& departure) {
  departure.question = ++questions_;
  departure.answer_by = now_ + options_.ask_limit;
  AskFrames asked{departure.question, std::move(stack), {}};
  for (std::size_t at = 0; at < relatives.size() && at < kMostRelatives; ++at)
    asked.relatives.push_back(key_of(*relatives[at]));
  outputs_.emplace_back(std::move(asked));
}

void Engine::on(const FramesFound& found) {
  auto* record = departures_.framed(found.id);
  if (auto* death = record ? std::get_if<DeathRecord>(record) : nullptr) death->frames = found.frames;
  if (auto* signal = record ? std::get_if<SignalRecord>(record) : nullptr) {
    signal->frames = found.frames;
    if (auto* target = roster_.find(key_of(*signal->target))) target->history.completed(*signal);
  }
  let_go(Which::ready);
}

void Engine::on(const kernel::Return& returned) {
  departures_.returned(returned.tid, [&](SignalRecord& record) {
    record.syscall->ret = returned.value;
    record.sender = lineage_.again(record.sender);  // now with the paths that came with the return
    if (auto* target = roster_.find(key_of(*record.target))) target->history.completed(record);
  });
}

void Engine::on(const kernel::Exit& exit) {
  trace(TraceRecord::Kind::exit, exit.task, nullptr, exit.status);
  requests_.client_ended({exit.task.pid, exit.task.start}, at_);
  remember_death(exit);
  ProcessKey key{exit.task.pid, exit.task.start};
  recent_.ended(key, exit.status);
  auto* watched = roster_.find(key);
  if (!watched) return;
  DeathRecord record;
  record.time = wall_of(at_);
  record.process = lineage_.find(exit.task);
  record.wait_status = exit.status;
  auto process = record.process;
  Departure departure;
  departure.not_before = now_ + kDeathHold;
  departure.deadline = now_ + (WIFSIGNALED(record.wait_status) ? kSignalWait : kDeathHold);
  departure.death = {key, at_, exit.seccomp, exit.own_pid, exit.pending};
  if (auto stack = reader_.stack_at_exit(key)) {
    ask_frames(std::move(*stack), *lineage_.ancestry(exit.task, {}), departure);
  }
  departure.record = std::move(record);
  departures_.push(std::move(departure));
  leave_container(*watched, process);
}

/// For any process that a signal ended: it may explain its parent's exit status.
void Engine::remember_death(const kernel::Exit& exit) {
  if (!WIFSIGNALED(exit.status)) return;
  auto parents = lineage_.ancestry(exit.task, {});
  if (parents->empty()) return;
  recent_.died(lineage_.find(exit.task), *parents->front(), WTERMSIG(exit.status), at_);
}

void Engine::on(const kernel::OomVictim& victim) {
  incidents_.marked(mark_of(victim));
}

/// The mark names a thread. The SIGKILL right before it shows the thread's process, if that is watched; else only a
/// leader's id is known. The mark can come after the end of its victim.
OomMark Engine::mark_of(const kernel::OomVictim& victim) {
  OomMark mark{at_, victim.tid, nullptr, nullptr};
  for (const auto& [key, watched] : roster_.all()) {
    const auto* killed = watched.history.last(SIGKILL);
    if (!killed || killed->record.target_tid != mark.tid || mark.at - killed->record.boot > kMarkNear) continue;
    mark.victim = killed->record.target;
    mark.seen = killed->record.seen;
  }
  if (!mark.victim) mark.victim = lineage_.living(mark.tid, mark.at - kMarkNear);
  return mark;
}

void Engine::on(const kernel::SysRq& sysrq) {
  incidents_.sysrq(at_, sysrq.own_context ? lineage_.find(sysrq.task) : nullptr, lineage_.ancestry(sysrq.task, {}));
}

void Engine::on(const kernel::Connect& connect) {
  requests_.add({.client = lineage_.find(connect.task),
                 .ancestry = lineage_.ancestry(connect.task, {}),
                 .listener = connect.listener,
                 .socket = std::string(connect.socket),
                 .time = wall_of(at_),
                 .boot = at_});
}

void Engine::trace(TraceRecord::Kind kind, const kernel::Task& task, ProcessPtr parent, int wait_status) {
  if (!options_.trace_exec) return;
  push(TraceRecord{kind, wall_of(at_), lineage_.find(task), std::move(parent), wait_status});
}

void Engine::ask_manager(AskManager wish) {
  if (wish.writer == AskManager::Writer::kubelet) {
    if (auto name = machine_.pod_name(wish.names.front())) wish.names.push_back(*name);
  }
  outputs_.emplace_back(std::move(wish));
}

/// The living kubelet, or the program that holds it; null: it was not seen.
ProcessPtr Engine::kubelet() const {
  int pid = 0;
  auto programs = kubelet_programs();
  lineage_.for_each_living([&](const Process& process) {
    bool is_one =
        std::any_of(programs.begin(), programs.end(), [&](const auto& one) { return one.comm == process.comm; });
    if (is_one && !container_of(process.cgroup)) pid = process.pid;
  });
  return pid ? lineage_.living(pid) : nullptr;
}

Surroundings Engine::surroundings(const DeathRecord& death, const SignalHistory& history, Time at) {
  Surroundings around;
  const auto* killed = history.last(SIGKILL);
  incidents_.describe(around, *death.process, killed ? &killed->record : nullptr, at);
  around.watched_since = armed_at_;
  around.parents = lineage_.ancestry(task_of(key_of(*death.process)), {});
  around.sent_to = [this](const Process& process, Time before) { return recent_.last_to(process, before); };
  around.killed_child = [this, process = death.process, at](int number) {
    auto child = recent_.killed_child(*process, number, at);
    if (child && number == SIGKILL) child->mark = incidents_.mark_for(*child->process);
    return child;
  };
  around.end_of = [this](const Process& process) { return recent_.end_of(key_of(process)); };
  around.requests = &requests_.all();
  around.manager_said = words_.about(systemds_subject(*death.process));
  around.kubelet_said = words_.about(kubelets_subject(*death.process));
  around.memory_bytes = facts_.memory_bytes;
  around.core_pattern = facts_.core_pattern;
  around.core_uses_pid = facts_.core_uses_pid;
  around.lookups.peer_of = [this](const Process& process) { return logins_.peer_of(process); };
  around.lookups.login_origin = [this](std::int64_t session) { return logins_.origin_of(session); };
  around.lookups.container_name = [this](const std::string& id) { return machine_.container_name(id); };
  around.lookups.at_job = [this](const Process& process) { return machine_.at_job(process); };
  around.lookups.pod_name = [this](const std::string& uid) { return machine_.pod_name(uid); };
  around.lookups.kubelet = [this] { return kubelet(); };
  around.lookups.own_pid = lineage_.own();
  around.lookups.has_unit = [this](const std::string& name) { return machine_.has_unit_file(name); };
  return around;
}

/// The clean end of a helper that lived for less than a minute, which nothing shows that anybody asked for.
bool Engine::is_brief_end(const DeathRecord& record, const Departures::Death& death,
                          const SignalHistory& history) const {
  const Process& process = *record.process;
  if (record.wait_status != 0 || !history.empty() || record.time - process.started >= kBriefLife) return false;
  return record.parent && record.parent->pid > 1 && death.own_pid != 1 && record.parent->cgroup == process.cgroup &&
         !recent_.last_to(*record.parent, death.at);
}

void Engine::judge(Departure& departure) {
  auto& record = std::get<DeathRecord>(departure.record);
  const auto& death = *departure.death;
  auto* watched = roster_.find(death.process);
  if (!watched) {  // reported already: two threads ended last at once
    departure.hidden = true;
    return;
  }
  const SignalHistory& history = watched->history;
  if (options_.history) {
    record.parent = lineage_.parent(task_of(death.process));
    if (is_brief_end(record, death, history)) {
      record.verdict = brief_end(*record.process);
      return leave(*watched, death.process, record);
    }
  }
  auto around = surroundings(record, history, death.at);
  if (!around.parents->empty()) record.parent = around.parents->front();
  record.verdict = stapkill::judge({*record.process, record.wait_status, death.seccomp, record.time, death.own_pid,
                                    death.at, death.pending, record.frames},
                                   history, around);
  record.ancestry = ancestry_of(record.verdict, record.wait_status, history, around);
  if (!record.ancestry) {
    const Process& whose = record.verdict.killer ? *record.verdict.killer : *record.process;
    record.ancestry = lineage_.ancestry(task_of(key_of(whose)), {});
  }
  departure.hidden = !options_.passes(record);
  leave(*watched, death.process, record);
}

void Engine::leave(Watched& watched, const ProcessKey& process, const DeathRecord& record) {
  roster_.leave_places(watched, record, lineage_);
  if (ends_what_is_awaited(watched, record.wait_status)) death_seen_ = true;
  if (process == command_) command_ended_ = true;
  roster_.leave(process);
}

void Engine::push(Record record) {
  Departure departure;
  departure.record = std::move(record);
  departures_.push(std::move(departure));
}

/// Whether a waiting record may leave.
bool Engine::is_due(const Departure& departure) {
  if (options_.due_is_input) return due_ > 0 && due_-- > 0;
  if (departure.question && now_ < departure.answer_by) return false;
  if (!departure.deadline) return true;
  bool explained = false;
  if (departure.death) {
    const auto* watched = roster_.find(departure.death->process);
    const auto& record = std::get<DeathRecord>(departure.record);
    if (words_.awaited(*record.process, now_)) return false;
    explained = !watched || !WIFSIGNALED(record.wait_status) || watched->history.last(WTERMSIG(record.wait_status));
  }
  return now_ >= departure.not_before && (explained || now_ >= departure.deadline);
}

/// Emits records in order: up to the first that has to wait, or all.
void Engine::let_go(Which which) {
  while (!departures_.empty()) {
    auto& first = departures_.front();
    if ((first.deadline || first.question) && which == Which::ready && !departures_.is_full() && !is_due(first)) break;
    if (first.death) judge(first);
    if (!first.hidden) emit(std::move(first.record));
    departures_.pop();
    if (is_enough()) {
      departures_.clear();
      finish(0);
    }
    if ((options_.until_death && death_seen_) || command_ended_) finish(0);
  }
}

void Engine::emit(Record record) {
  if (std::holds_alternative<SignalRecord>(record)) {
    if (is_enough()) return;
    ++summary_.signals;
  }
  if (std::holds_alternative<DeathRecord>(record)) ++summary_.deaths;
  outputs_.emplace_back(std::move(record));
}

}  // namespace stapkill
