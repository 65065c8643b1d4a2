#include "session/session.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>

#include "event/signals.h"
#include "event/time.h"
#include "sys/child.h"
#include "sys/syscalls.h"

namespace stapkill {
namespace {

constexpr Time kMillisecond = 1'000'000;
constexpr Time kReturnWait = 40 * kMillisecond;   // for the result of the sender's system call
constexpr Time kDeathHold = 20 * kMillisecond;    // lines of different CPUs change places within 10 ms (docs/wire.md)
constexpr Time kSignalWait = 150 * kMillisecond;  // for the signal that a death must have had: CPUs report out of order
constexpr Time kLossNear = 10'000 * kMillisecond;   // a loss so long before a death can have been part of its story
constexpr Time kOomNear = 5'000 * kMillisecond;     // what the out-of-memory killer does in one go
constexpr Time kMarkNear = 100 * kMillisecond;      // from the killer's signal, or its victim's end, to its mark
constexpr Time kSysrqNear = 60'000 * kMillisecond;  // from asking for it to the kernel's thread that does it
constexpr std::size_t kMostKept = 64;               // losses and marks that are remembered
constexpr int kTimerCode = -2;                      // SI_TIMER

/// Whom a call is for, by its first argument (kill(2), tkill(2), rt_sigqueueinfo(2)).
std::optional<Aim> aim_of(std::string_view call, std::optional<std::int64_t> pid) {
  if (call == "tkill" || call == "tgkill" || call == "rt_tgsigqueueinfo") return Aim::thread;
  if (call != "kill") return Aim::process;
  if (!pid) return std::nullopt;
  return *pid > 0 ? Aim::process : *pid == 0 ? Aim::own_group : *pid == -1 ? Aim::everyone : Aim::group;
}

bool can_say_any_code(std::string_view call) {
  return call == "rt_sigqueueinfo" || call == "rt_tgsigqueueinfo" || call == "pidfd_send_signal";
}

/// A job of at(1) shows its file while it runs alone, and can be over before its verdict.
void look_at_job(MachineView& machine, Lineage& lineage, const Event& event) {
  auto parent = lineage.living(event.parent);
  if (parent && parent->comm == "atd") machine.at_job(*lineage.find(event.task));
}

template <typename List>
void keep_few(List& list) {
  while (list.size() > kMostKept) list.pop_front();
}

}  // namespace

Session::Session(boost::asio::io_context& loop, std::unique_ptr<Backend> backend, Targets targets,
                 SessionOptions options, std::vector<std::unique_ptr<Sink>> sinks, std::unique_ptr<MachineView> machine)
    : loop_(loop),
      signals_(loop),
      flush_timer_(loop),
      duration_timer_(loop),
      gone_timer_(loop),
      end_timer_(loop),
      backend_(std::move(backend)),
      machine_(std::move(machine)),
      targets_(std::move(targets)),
      options_(std::move(options)),
      outbox_(std::move(sinks)),
      lineage_({[this](const std::string& path) { return machine_->has_package(path); },
                [this](const std::string& path) { return machine_->is_replaced(path); }}),
      logins_([this](const Process& process) { return machine_->tcp_peer(process); }) {}

Session::~Session() {
  if (command_) command_->release();
}

Result<int> Session::run() {
  started_ = machine_->boot_now();
  set_boot_time(machine_->boot_time());
  facts_ = machine_->facts();
  lineage_.set_own(machine_->own_pid());
  targets_.leave_out(lineage_.own());
  Watching watching;
  if (auto resolved = resolve_targets(watching); !resolved) return tl::unexpected(resolved.error());
  outbox_.on_change([this] { check_outbox(); });
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (!error) end_asked(0);
  });
  if (auto begun = backend_->start(watching, callbacks()); !begun) return tl::unexpected(begun.error());
  emit(session_record());
  flush_outbox();
  while (!done_ && loop_.run_one()) continue;
  if (!done_)
    on_ended(fail("the watch ended before its time: its loop had nothing left to wait for", "report this as a bug"));
  if (failure_) return tl::unexpected(*failure_);
  return status_;
}

Backend::Callbacks Session::callbacks() {
  Backend::Callbacks callbacks;
  callbacks.armed = [this](const Armed& armed) { on_armed(armed); };
  callbacks.event = [this](const Event& event) { on_event(event); };
  callbacks.loss = [this](const Loss& loss) {
    summary_.lost += loss.count;
    losses_.push_back({0, loss.count});
    keep_few(losses_);
    push(Pending{.record = LossRecord{machine_->wall_of_boot(loss.boot), loss.count, loss.where}});
    look_for_gone_soon();
  };
  callbacks.diagnostic = [this](const DiagnosticRecord& record) { diagnose(record); };
  callbacks.ended = [this](Result<void> result) { on_ended(std::move(result)); };
  callbacks.watched = [this] {
    std::vector<Subject> subjects;
    for (const auto& [key, watched] : watched_) subjects.push_back({key.first, key.second});
    return subjects;
  };
  callbacks.rearmed = [this] { on_rearmed(); };
  callbacks.command = [this](int pid) { on_command_started(pid); };
  callbacks.flushed = [this](std::size_t count) {
    told_due_ = count;
    flush_ready(false);
    told_due_ = 0;
  };
  callbacks.unseen = [this](const Subject& who, const std::string& why) {
    if (is_watched(who.pid, who.start)) ended_unseen({who.pid, who.start}, why);
  };
  return callbacks;
}

void Session::on_event(const Event& event) {
  // Where no timer does it: what was due before this event leaves before it.
  if (!machine_->is_live()) flush_ready(false);
  latest_ = std::max(latest_, static_cast<Time>(event.boot_ns));
  for (auto at = losses_.rbegin(); at != losses_.rend() && at->before == 0; ++at) at->before = latest_;
  if (event.kind == Event::Kind::exit) join_at_the_end(event);
  lineage_.apply(event, static_cast<Time>(event.boot_ns));
  switch (event.kind) {
    case Event::Kind::fork:
      logins_.born(*lineage_.find(event.other), *lineage_.find(event.task), static_cast<Time>(event.boot_ns));
      if (targets_.options().children && is_watched(event.task.pid, event.task.start) &&
          !lineage_.has_ended(event.other)) {
        // Before the kernel knew of the parent it could not let the child inherit.
        bool early = static_cast<Time>(event.boot_ns) < armed_at_;
        auto child = lineage_.find(event.other);
        join(child, targets_.matches(*child), early ? Told::tell_kernel : Told::kernel_knows);
      } else {
        join_at_birth(event.other);
      }
      trace(TraceRecord::Kind::fork, event);
      break;
    case Event::Kind::exec:
      look_at_job(*machine_, lineage_, event);
      logins_.ran(*lineage_.find(event.task), static_cast<Time>(event.boot_ns));
      leave_if_another(event.task);
      maybe_join(event.task);
      trace(TraceRecord::Kind::exec, event);
      break;
    case Event::Kind::rename:
    case Event::Kind::moved:
      maybe_join(event.task);
      break;
    case Event::Kind::signal:
      on_signal(event);
      break;
    case Event::Kind::returned:
      on_returned(event);
      break;
    case Event::Kind::circumstances:
      circumstances_[event.cpu] = event.seen;
      break;
    case Event::Kind::oom_victim:
      on_oom_victim(event);
      break;
    case Event::Kind::sysrq:
      on_sysrq(event);
      break;
    case Event::Kind::exit:
      trace(TraceRecord::Kind::exit, event);
      on_exit(event);
      break;
    default:
      break;
  }
  flush_ready(false);
}

void Session::trace(TraceRecord::Kind kind, const Event& event) {
  if (!options_.trace_exec) return;
  TraceRecord record;
  record.kind = kind;
  record.time = machine_->wall_of_boot(static_cast<Time>(event.boot_ns));
  record.process = lineage_.find(kind == TraceRecord::Kind::fork ? event.other : event.task);
  if (kind == TraceRecord::Kind::fork) record.parent = lineage_.find(event.task);
  record.wait_status = static_cast<int>(event.value);
  push(Pending{.record = record});
}

SignalRecord Session::record_of(const Event& event) {
  SignalRecord record;
  record.boot = static_cast<Time>(event.boot_ns);
  record.time = machine_->wall_of_boot(record.boot);
  record.number = event.signal;
  record.code = event.code;
  record.result = static_cast<SignalResult>(std::clamp(event.result, 0, 4));
  record.sender = lineage_.find(event.task);
  record.target = lineage_.find(event.other);
  record.sender_tid = event.task.tid;
  record.target_tid = event.other.tid;
  record.own_context = event.own_context;
  record.sender_exiting = event.exiting;
  record.blocked = event.blocked;
  record.handled = event.handled;
  record.refused = event.refused;
  if (auto seen = circumstances_.extract(event.cpu);
      seen && seen.mapped() && seen.mapped()->target_tid == event.other.tid && seen.mapped()->signal == event.signal) {
    record.seen = std::move(seen.mapped());
  }
  // One that ends is in no call any more, whatever its registers say.
  auto call = event.own_context && !event.exiting ? sending_syscall(event.call, event.compat) : std::string_view();
  // SI_USER and the negative codes are those that a system call asks for; the kernel's own are positive, and SI_TIMER
  // (sigaction(2)). Who queues a signal can say any of them: then the stack shows the call; where it was lost, only the
  // sender's registers do.
  bool queued = record.seen && !record.seen->stack.empty()
                    ? record.seen->in({"do_rt_sigqueueinfo", "do_rt_tgsigqueueinfo", "__x64_sys_rt_sigqueueinfo",
                                       "__x64_sys_rt_tgsigqueueinfo", "__x64_sys_pidfd_send_signal"})
                    : !harmless_by_default(event.signal) && can_say_any_code(call);
  if (!call.empty() && ((event.code <= 0 && event.code != kTimerCode) || queued)) {
    record.by = By::process;
    record.syscall = Syscall{call, std::nullopt, event.aim, aim_of(call, event.aim)};
  }
  record.ancestry = lineage_.ancestry(event.task, event.ancestors);
  return record;
}

/// The mark names a thread. Whose it is tells the SIGKILL that goes right before it, where that is watched; else only a
/// leader is known. The mark can come behind the end of its victim, which the signal began.
OomMark Session::mark_of(const Event& event) {
  OomMark mark{static_cast<Time>(event.boot_ns), event.task.tid, nullptr, nullptr};
  for (const auto& [key, watched] : watched_) {
    const auto* killed = watched.history.last(SIGKILL);
    if (!killed || killed->record.target_tid != mark.tid || mark.at - killed->record.boot > kMarkNear) continue;
    mark.victim = killed->record.target;
    mark.seen = killed->record.seen;
  }
  if (!mark.victim) mark.victim = lineage_.living(mark.tid, mark.at - kMarkNear);
  return mark;
}

std::optional<OomMark> Session::mark_for(const Process& process) const {
  auto found = std::find_if(oom_marks_.rbegin(), oom_marks_.rend(),
                            [&](const OomMark& mark) { return is_mark_of(mark, process, nullptr); });
  return found == oom_marks_.rend() ? std::nullopt : std::optional(*found);
}

void Session::on_oom_victim(const Event& event) {
  oom_marks_.push_back(mark_of(event));
  keep_few(oom_marks_);
}

void Session::on_sysrq(const Event& event) {
  sysrq_ = {static_cast<Time>(event.boot_ns), event.own_context ? lineage_.find(event.task) : nullptr,
            lineage_.ancestry(event.task, {})};
}

Surroundings Session::surroundings(const DeathRecord& death, const SignalHistory& history, Time at) {
  Surroundings around;
  for (const auto& loss : losses_) {
    if (loss.before == 0 || latest_ - loss.before < kLossNear) around.lost += loss.count;
  }
  const auto* killed = history.last(SIGKILL);
  for (const auto& mark : oom_marks_) {
    if (mark.at <= at) around.oom_before.push_back(mark);
    bool near = mark.at < at + kOomNear && at < mark.at + kOomNear;
    if (!near) continue;
    if (is_mark_of(mark, *death.process, killed ? &killed->record : nullptr)) {
      around.oom_marked = true;
    } else {
      around.oom_marks.push_back(mark);
    }
  }
  if (sysrq_.process && at - sysrq_.at < kSysrqNear) {
    around.asked_sysrq = sysrq_.process;
    around.sysrq_ancestry = sysrq_.ancestry;
  }
  around.watched_since = armed_at_;
  around.parents = lineage_.ancestry(task_of(*death.process), {});
  around.sent_to = [this](const Process& process, Time before) { return recent_.last_to(process, before); };
  around.killed_child = [this, process = death.process, at](int number) {
    auto child = recent_.killed_child(*process, number, at);
    if (child && number == SIGKILL) child->mark = mark_for(*child->process);
    return child;
  };
  around.memory_bytes = facts_.memory_bytes;
  around.core_pattern = facts_.core_pattern;
  around.core_uses_pid = facts_.core_uses_pid;
  around.lookups.peer_of = [this](const Process& process) { return logins_.peer_of(process); };
  around.lookups.at_job = [this](const Process& process) { return machine_->at_job(process); };
  around.lookups.own_pid = lineage_.own();
  around.lookups.has_unit = [this](const std::string& name) { return machine_->has_unit_file(name); };
  return around;
}

void Session::on_signal(const Event& event) {
  // A zombie can be sent a signal, which is ignored: that brings nobody back to life.
  if (static_cast<SignalResult>(event.result) != SignalResult::ignored) maybe_join(event.other);
  auto watched = watched_.find({event.other.pid, event.other.start});
  if (watched == watched_.end()) {
    if (!harmless_by_default(event.signal)) recent_.add(record_of(event));
    return;
  }
  Key target{event.other.pid, event.other.start};
  auto death =
      std::find_if(pending_.begin(), pending_.end(), [&](const Pending& other) { return other.ending == target; });
  // What a process that has exited is sent, and ignores, is no part of its story (a session leader's late SIGHUP).
  bool ignored = static_cast<SignalResult>(event.result) == SignalResult::ignored;
  if (death != pending_.end() && ignored) return;
  SignalRecord record = record_of(event);
  bool shown = passes(record);
  if (shown) record.seq = ++sequence_;
  watched->second.history.add(record, shown);
  recent_.add(record);
  Pending pending;
  pending.hidden = !shown;
  if (record.syscall) {
    pending.tid = event.task.tid;
    pending.deadline = machine_->boot_now() + kReturnWait;
  }
  pending.record = std::move(record);
  if (!shown && !pending.deadline && pending_.empty()) return;  // nothing is to come that a verdict would tell of it
  // A death that came first, from another CPU, is told behind what it died of.
  pending_.insert(death, std::move(pending));
  arm_timer();
}

bool Session::passes(const SignalRecord& record) const {
  if (!options_.signals.empty() && !options_.signals.count(record.number)) return false;
  if (options_.sender_pid && record.sender->pid != *options_.sender_pid) return false;
  return !options_.sender_uid || record.sender->uid == options_.sender_uid;
}

bool Session::passes(const DeathRecord& record) const {
  bool killed = WIFSIGNALED(record.wait_status);
  if (options_.deaths == Deaths::killed) return killed;
  return options_.deaths == Deaths::all || killed || WEXITSTATUS(record.wait_status) != 0 ||
         !record.verdict.chain.empty();
}

void Session::on_returned(const Event& event) {
  for (auto& pending : pending_) {
    if (pending.tid != event.task.tid || pending.deadline == 0) continue;
    auto* record = std::get_if<SignalRecord>(&pending.record);
    if (!record || !record->syscall) continue;
    record->syscall->ret = event.value;
    record->sender = lineage_.find(task_of(*record->sender));  // with the paths that came with the return
    pending.deadline = 0;
    auto target = watched_.find({record->target->pid, record->target->start});
    if (target != watched_.end()) target->second.history.returned(*record);
  }
}

void Session::on_exit(const Event& event) {
  remember_death(event);
  auto watched = watched_.find({event.task.pid, event.task.start});
  if (watched == watched_.end()) return;
  DeathRecord record;
  record.time = machine_->wall_of_boot(static_cast<Time>(event.boot_ns));
  record.process = lineage_.find(event.task);
  record.wait_status = static_cast<int>(event.value);
  Pending pending;
  pending.ending = Key{event.task.pid, event.task.start};
  pending.not_before = machine_->boot_now() + kDeathHold;
  pending.deadline = machine_->boot_now() + (WIFSIGNALED(record.wait_status) ? kSignalWait : kDeathHold);
  pending.at = static_cast<Time>(event.boot_ns);
  pending.seccomp = event.seccomp;
  pending.own_pid = event.own_pid;
  pending.waiting = event.pending;
  auto process = record.process;
  pending.record = std::move(record);
  push(std::move(pending));
  leave_container(watched->second, process);
}

/// Of any process that a signal ended, for the story of its parent's status.
void Session::remember_death(const Event& event) {
  int status = static_cast<int>(event.value);
  if (!WIFSIGNALED(status)) return;
  auto parents = lineage_.ancestry(event.task, {});
  if (parents->empty()) return;
  recent_.died(lineage_.find(event.task), *parents->front(), WTERMSIG(status), static_cast<Time>(event.boot_ns));
}

void Session::judge_death(Pending& pending) {
  auto& record = std::get<DeathRecord>(pending.record);
  auto watched = watched_.find(*pending.ending);
  if (watched == watched_.end()) {  // told already: two threads were last at once
    pending.hidden = true;
    return;
  }
  const SignalHistory& history = watched->second.history;
  auto around = surroundings(record, history, pending.at);
  if (!around.parents->empty()) record.parent = around.parents->front();
  record.verdict = judge(
      {*record.process, record.wait_status, pending.seccomp, record.time, pending.own_pid, pending.at, pending.waiting},
      history, around);
  record.ancestry = ancestry_of(record.verdict, record.wait_status, history, around);
  if (!record.ancestry) {
    const Process& whose = record.verdict.killer ? *record.verdict.killer : *record.process;
    record.ancestry = lineage_.ancestry(task_of(whose), {});
  }
  pending.hidden = !passes(record);
  leave_places(watched->second, record);
  if (ends_what_is_awaited(watched->second, record)) death_seen_ = true;
  if (pending.ending == started_command_) command_ended_ = true;
  watched_.erase(watched);
}

}  // namespace stapkill
