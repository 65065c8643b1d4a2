#include "session/session.h"

#include <signal.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "event/time.h"
#include "host/procfs.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/syscalls.h"

namespace stapkill {
namespace {

constexpr Time kMillisecond = 1'000'000;
constexpr Time kReturnWait = 40 * kMillisecond;   // for the result of the sender's system call
constexpr Time kDeathHold = 20 * kMillisecond;    // lines of different CPUs change places within 10 ms (docs/wire.md)
constexpr Time kSignalWait = 150 * kMillisecond;  // for the signal that a death must have had: CPUs report out of order
constexpr auto kFlushEvery = std::chrono::milliseconds(10);
constexpr std::size_t kMostPending = 16384;

Event::Task task_of(const Process& process) {
  Event::Task task;
  task.pid = process.pid;
  task.start = process.start;
  return task;
}

}  // namespace

Session::Session(boost::asio::io_context& loop, std::unique_ptr<Backend> backend, Targets targets,
                 SessionOptions options, std::vector<std::unique_ptr<Sink>> sinks)
    : loop_(loop),
      signals_(loop, SIGINT, SIGTERM, SIGHUP),
      flush_timer_(loop),
      duration_timer_(loop),
      backend_(std::move(backend)),
      targets_(std::move(targets)),
      options_(std::move(options)),
      outbox_(std::move(sinks)) {}

Session::~Session() {
  if (command_) command_->release();
}

Result<int> Session::run() {
  started_ = boot_now();
  set_boot_time(wall_now() - started_);
  Watching watching;
  if (auto resolved = resolve_targets(watching); !resolved) return tl::unexpected(resolved.error());
  outbox_.on_change([this] { check_outbox(); });
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (!error) finish(0);
  });
  Backend::Callbacks callbacks;
  callbacks.armed = [this](const Armed& armed) { on_armed(armed); };
  callbacks.event = [this](const Event& event) { on_event(event); };
  callbacks.loss = [this](std::uint64_t count, const std::string& where) {
    summary_.lost += count;
    push(Pending{.record = LossRecord{wall_now(), count, where}});
  };
  callbacks.diagnostic = [this](const DiagnosticRecord& record) { diagnose(record); };
  callbacks.ended = [this](Result<void> result) { on_ended(std::move(result)); };
  if (auto begun = backend_->start(watching, std::move(callbacks)); !begun) return tl::unexpected(begun.error());
  emit(session_record());
  flush_outbox();
  while (!done_ && loop_.run_one()) continue;
  if (failure_) return tl::unexpected(*failure_);
  return status_;
}

SessionRecord Session::session_record() const {
  SessionRecord record;
  record.time = wall_now();
  record.version = options_.version;
  utsname name{};
  ::uname(&name);
  record.hostname = name.nodename;
  record.kernel = name.release;
  record.arch = name.machine;
  record.boot_id = boot_id();
  record.backend = backend_->name();
  record.probes = backend_->probes();
  const auto& targets = targets_.options();
  std::vector<std::string> pids;
  for (int pid : targets.pids) pids.push_back(std::to_string(pid));
  if (!pids.empty()) record.targets.emplace_back("pid", pids);
  if (!targets.names.empty()) record.targets.emplace_back("name", targets.names);
  if (!targets.command.empty()) record.targets.emplace_back("command", targets.command);
  if (targets.all) record.targets.emplace_back("all", std::vector<std::string>{});
  if (targets.children) record.targets.emplace_back("children", std::vector<std::string>{});
  return record;
}

/// Makes sure that every --pid exists (unless it may come later) and is a process, not a thread's id.
Result<void> Session::resolve_targets(Watching& watching) {
  const auto& asked = targets_.options();
  watching.everything = !targets_.by_pid();
  watching.children = asked.children;
  for (int pid : asked.pids) {
    auto found = read_process(pid);
    bool lives = found && !found->ending;
    if (!lives && !asked.wait) {
      return fail(found ? "process " + std::to_string(pid) + " has ended already (it is a zombie)"
                        : "there is no process " + std::to_string(pid),
                  "name one that runs, or add --wait to watch it when it appears", "target.missing");
    }
    int group = found ? found->process.pid : pid;
    if (lives) expected_[group] = found->process.start;
    targets_.add_pid(group);
    watching.pids.push_back(group);
  }
  return {};
}

void Session::on_armed(const Armed& armed) {
  armed_ = true;
  // Everything that lives now is read after the probes went live: what starts meanwhile is reported, what is older is
  // here.
  std::vector<ProcEntry> living;
  for_each_process([&](ProcEntry entry) { living.push_back(std::move(entry)); });
  for (const auto& entry : living) lineage_.seed(entry.process, entry.parent);
  // Parents may have been read after their children.
  for (const auto& entry : living) {
    lineage_.seed(entry.process, entry.parent);
    if (!entry.ending && is_expected(entry.process) && targets_.matches(entry.process))
      join(lineage_.find(task_of(entry.process)), true, Told::kernel_knows);
  }
  targets_.seal();
  if (targets_.options().children) {
    // What targets had forked before: their descendants that live.
    for (const auto& entry : living) {
      auto task = task_of(entry.process);
      for (const auto& parent : *lineage_.ancestry(task, {})) {
        if (is_watched(parent->pid, parent->start) && !is_watched(task.pid, task.start))
          join(lineage_.find(task), false, Told::tell_kernel);
      }
    }
  }
  ArmedRecord record;
  record.time = wall_now();
  record.arm_ms = static_cast<double>(boot_now() - started_) / kMillisecond;
  record.toolchain = armed.toolchain;
  record.kernel = armed.kernel;
  record.from_cache = armed.from_cache;
  for (const auto& [key, watched] : watched_) {
    Event::Task task;
    task.pid = key.first;
    task.start = key.second;
    record.watching.push_back(lineage_.find(task));
  }
  armed_at_ = boot_now();
  emit(record);
  flush_outbox();
  if (options_.duration) {
    duration_timer_.expires_after(std::chrono::nanoseconds(static_cast<std::int64_t>(*options_.duration * 1e9)));
    duration_timer_.async_wait([this](boost::system::error_code error) {
      if (!error) finish(options_.until_death && !death_seen_ ? 1 : 0);
    });
  }
  for (int pid : targets_.options().pids) {
    bool stayed =
        std::any_of(watched_.begin(), watched_.end(), [&](const auto& one) { return one.first.first == pid; });
    if (targets_.options().wait || stayed) continue;
    diagnose({DiagnosticRecord::Level::warning, wall_now(), "target.missing",
              "process " + std::to_string(pid) + " ended before the probes were armed", ""});
    if (options_.until_death) finish(1);
  }
  if (!targets_.options().command.empty()) start_command();
}

void Session::start_command() {
  ChildOptions options;
  options.argv = targets_.options().command;
  options.own_group = false;
  options.capture = false;
  options.before_exec = backend_->watch_self_in_child();
  auto child = Child::start(loop_, options, {}, {}, {});
  if (!child) {
    failure_ = child.error();
    return finish(1);
  }
  command_ = std::move(*child);
  command_pid_ = command_->pid();
  // When it has ended already, its fork record tells what /proc no longer knows.
  targets_.add_pid(command_->pid());
  if (auto entry = read_process(command_->pid())) {
    lineage_.seed(entry->process, entry->parent);
    join(lineage_.find(task_of(entry->process)), true, Told::kernel_knows);
  }
}

void Session::join(const ProcessPtr& process, bool named, Told told) {
  if (named) targets_.forget_pid(process->pid);
  auto [at, fresh] = watched_.try_emplace({process->pid, process->start});
  if (!fresh) return;
  at->second.named = named;
  if (targets_.by_pid() && told == Told::tell_kernel) backend_->watch(process->pid);
}

void Session::maybe_join(const Event::Task& task) {
  if (is_watched(task.pid, task.start) || lineage_.has_ended(task)) return;
  auto process = lineage_.find(task);
  if (is_expected(*process) && targets_.matches(*process)) join(process, true, Told::tell_kernel);
}

void Session::on_event(const Event& event) {
  lineage_.apply(event, static_cast<Time>(event.boot_ns));
  switch (event.kind) {
    case Event::Kind::fork:
      if (targets_.options().children && is_watched(event.task.pid, event.task.start) &&
          !lineage_.has_ended(event.other)) {
        // Before the kernel knew of the parent it could not let the child inherit.
        bool early = static_cast<Time>(event.boot_ns) < armed_at_;
        join(lineage_.find(event.other), false, early ? Told::tell_kernel : Told::kernel_knows);
      } else {
        maybe_join(event.other);
      }
      trace(TraceRecord::Kind::fork, event);
      break;
    case Event::Kind::exec:
      maybe_join(event.task);
      trace(TraceRecord::Kind::exec, event);
      break;
    case Event::Kind::rename:
      maybe_join(event.task);
      break;
    case Event::Kind::signal:
      on_signal(event);
      break;
    case Event::Kind::returned:
      on_returned(event);
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
  record.time = wall_of_boot(static_cast<Time>(event.boot_ns));
  record.process = lineage_.find(kind == TraceRecord::Kind::fork ? event.other : event.task);
  if (kind == TraceRecord::Kind::fork) record.parent = lineage_.find(event.task);
  record.wait_status = static_cast<int>(event.value);
  push(Pending{.record = record});
}

void Session::on_signal(const Event& event) {
  // A zombie can be sent a signal, which is ignored: that brings nobody back to life.
  if (static_cast<SignalResult>(event.result) != SignalResult::ignored) maybe_join(event.other);
  auto watched = watched_.find({event.other.pid, event.other.start});
  if (watched == watched_.end()) return;
  Key target{event.other.pid, event.other.start};
  auto death =
      std::find_if(pending_.begin(), pending_.end(), [&](const Pending& other) { return other.ending == target; });
  // What a process that has exited is sent, and ignores, is no part of its story (a session leader's late SIGHUP).
  bool ignored = static_cast<SignalResult>(event.result) == SignalResult::ignored;
  if (death != pending_.end() && ignored) return;
  SignalRecord record;
  record.time = wall_of_boot(static_cast<Time>(event.boot_ns));
  record.number = event.signal;
  record.code = event.code;
  record.result = static_cast<SignalResult>(std::clamp(event.result, 0, 4));
  record.sender = lineage_.find(event.task);
  record.target = lineage_.find(event.other);
  record.sender_tid = event.task.tid;
  record.target_tid = event.other.tid;
  auto call = event.own_context ? sending_syscall(event.call, event.compat) : std::string_view();
  // SI_USER and the negative codes are those that a system call asks for; the kernel's own are positive (sigaction(2)).
  if (!call.empty() && event.code <= 0) {
    record.by = By::process;
    record.syscall = Syscall{call, std::nullopt};
  }
  record.ancestry = lineage_.ancestry(event.task, event.ancestors);
  bool shown = passes(record);
  if (shown) record.seq = ++sequence_;
  watched->second.history.add(record, shown);
  Pending pending;
  pending.hidden = !shown;
  if (record.syscall) {
    pending.tid = event.task.tid;
    pending.deadline = boot_now() + kReturnWait;
  }
  pending.record = std::move(record);
  if (!shown && pending_.empty()) return;
  // A death that came first, from another CPU, is told behind what it died of.
  pending_.insert(death, std::move(pending));
  arm_timer();
}

bool Session::passes(const SignalRecord& record) const {
  if (!options_.signals.empty() && !options_.signals.count(record.number)) return false;
  if (options_.sender_pid && record.sender->pid != *options_.sender_pid) return false;
  return !options_.sender_uid || record.sender->uid == options_.sender_uid;
}

void Session::on_returned(const Event& event) {
  for (auto& pending : pending_) {
    if (pending.tid != event.task.tid || pending.deadline == 0) continue;
    auto* record = std::get_if<SignalRecord>(&pending.record);
    if (!record || !record->syscall) continue;
    record->syscall->ret = event.value;
    record->sender = lineage_.find(task_of(*record->sender));  // with the paths that came with the return
    pending.deadline = 0;
  }
}

void Session::on_exit(const Event& event) {
  if (!is_watched(event.task.pid, event.task.start)) return;
  DeathRecord record;
  record.time = wall_of_boot(static_cast<Time>(event.boot_ns));
  record.process = lineage_.find(event.task);
  record.wait_status = static_cast<int>(event.value);
  Pending pending;
  pending.ending = Key{event.task.pid, event.task.start};
  pending.not_before = boot_now() + kDeathHold;
  pending.deadline = boot_now() + (WIFSIGNALED(record.wait_status) ? kSignalWait : kDeathHold);
  pending.record = std::move(record);
  push(std::move(pending));
}

void Session::push(Pending pending) {
  pending_.push_back(std::move(pending));
  arm_timer();
}

void Session::judge_death(Pending& pending) {
  auto& record = std::get<DeathRecord>(pending.record);
  auto watched = watched_.find(*pending.ending);
  if (watched == watched_.end()) {  // told already: two threads were last at once
    pending.hidden = true;
    return;
  }
  record.verdict = judge(*record.process, record.wait_status, watched->second.history, summary_.lost);
  const Process& whose = record.verdict.killer ? *record.verdict.killer : *record.process;
  record.ancestry = lineage_.ancestry(task_of(whose), {});
  if (record.verdict.killer) {
    int fatal = WTERMSIG(record.wait_status);
    if (const auto* past = watched->second.history.last(fatal)) record.ancestry = past->record.ancestry;
  }
  if (watched->second.named) death_seen_ = true;
  if (record.process->pid == command_pid_) command_ended_ = true;
  watched_.erase(watched);
}

/// Lets out what is ready, in order. What waits for something is let out when its time is over.
void Session::flush_ready(bool all) {
  Time now = 0;
  while (!pending_.empty()) {
    Pending& first = pending_.front();
    if (first.deadline && !all && pending_.size() < kMostPending) {
      bool explained = false;
      if (first.ending) {
        auto watched = watched_.find(*first.ending);
        const auto& record = std::get<DeathRecord>(first.record);
        explained = watched == watched_.end() || !WIFSIGNALED(record.wait_status) ||
                    watched->second.history.last(WTERMSIG(record.wait_status));
      }
      if (now == 0) now = boot_now();
      if (now < first.not_before || (!explained && now < first.deadline)) break;
    }
    if (first.ending) judge_death(first);
    if (!first.hidden && !done_) emit(first.record);
    pending_.pop_front();
    if (options_.count && summary_.signals >= *options_.count) {
      pending_.clear();
      finish(0);
    }
    if ((options_.until_death && death_seen_) || command_ended_) finish(0);
  }
}

void Session::flush_outbox() {
  outbox_.flush();
  check_outbox();
}

void Session::arm_timer() {
  if (timer_armed_) return;
  timer_armed_ = true;
  flush_timer_.expires_after(kFlushEvery);
  flush_timer_.async_wait([this](boost::system::error_code error) {
    timer_armed_ = false;
    if (error || done_) return;
    flush_ready(false);
    flush_outbox();
    if (!pending_.empty()) arm_timer();
  });
}

void Session::emit(const Record& record) {
  if (std::holds_alternative<SignalRecord>(record)) {
    if (options_.count && summary_.signals >= *options_.count) return;
    ++summary_.signals;
  }
  if (std::holds_alternative<DeathRecord>(record)) ++summary_.deaths;
  outbox_.write(record);
  arm_timer();
}

/// A reader that has gone ends the session; one that is slow pauses the source.
void Session::check_outbox() {
  if (outbox_.broken()) {
    if (!failure_) failure_ = outbox_.failure();
    finish(failure_ ? 1 : 0);  // whoever closes the pipe has seen enough
  }
  backend_->pause(outbox_.backed_up());
}

void Session::diagnose(DiagnosticRecord record) {
  if (record.time == 0) record.time = wall_now();
  if (options_.on_diagnostic) options_.on_diagnostic(record);
  push(Pending{.record = std::move(record)});
  flush_ready(false);
}

void Session::finish(int status) {
  if (finishing_) return;
  finishing_ = true;
  status_ = status;
  boost::system::error_code ignored;
  signals_.cancel(ignored);
  duration_timer_.cancel();
  // From now on a second ^C is not an end in the middle: the module is being unloaded.
  signals_.async_wait([](boost::system::error_code, int) {});
  backend_->stop();
}

void Session::on_ended(Result<void> result) {
  if (!result && !failure_ && result.error().id != "interrupted") failure_ = result.error();
  finishing_ = true;
  flush_ready(true);
  if (failure_) {
    DiagnosticRecord record{DiagnosticRecord::Level::error, wall_now(), failure_->id, failure_->message,
                            failure_->remedy};
    emit(record);
  }
  summary_.time = wall_now();
  summary_.duration_s = static_cast<double>(boot_now() - started_) / 1e9;
  emit(summary_);
  bool all = outbox_.drain(2000);
  if (!failure_) failure_ = outbox_.failure();
  if (!failure_ && !all) {
    failure_ = Error{"whoever reads the output does not: it is cut off", "name a file with --output", "output"};
  }
  done_ = true;
}

}  // namespace stapkill
