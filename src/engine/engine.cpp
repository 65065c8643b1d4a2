#include "engine/engine.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/signals.h"
#include "engine/unmatched.h"

namespace stapkill {
namespace {

constexpr Time kMillisecond = 1'000'000;
constexpr Time kStopLook = 25 * kMillisecond;    // between two looks at who dies
constexpr Time kStopLimit = 300 * kMillisecond;  // longest wait after it was asked to end
constexpr Time kDiesWithin = 1'000 * kMillisecond;

}  // namespace

Engine::Engine(Targets targets, EngineOptions options, Machine& machine, Tick begun)
    : options_(std::move(options)),
      machine_(machine),
      facts_(machine.facts()),
      lineage_({{[this](const std::string& path) { return machine_.has_package(path); },
                 [this](const std::string& path) { return machine_.is_replaced(path); }},
                [this](std::int64_t uid) { return machine_.user_name(uid); },
                begun.clock,
                [this](const Process& shell, int line) { return machine_.script_text(shell, line); }}),
      roster_(std::move(targets)),
      containers_(machine, options_.known_containers),
      reader_(lineage_),
      logins_([this](const Process& process) { return machine_.tcp_peer(process); },
              [this](std::int64_t session) { return machine_.login_origin(session); }),
      words_(options_.ask_limit),
      now_(begun.boot),
      clock_(begun.clock),
      started_(begun.boot) {
  lineage_.set_own(machine_.own_pid());
  roster_.targets().leave_out(lineage_.own());
}

Result<Watching> Engine::begin() {
  assert(phase_ == Phase::arming);
  const auto& asked = roster_.options();
  Watching watching;
  watching.everything = !roster_.targets().by_pid();
  watching.children = asked.children;
  for (int pid : asked.pids) {
    auto found = machine_.read_process(pid);
    bool lives = found && !found->ending;
    if (!lives && !asked.wait) {
      return fail(
          found ? phrase("process {} has ended already (it is a zombie)", pid) : phrase("there is no process {}", pid),
          phrase("name one that runs, or add --wait to watch it when it appears"), "target.missing");
    }
    ProcessKey process{found ? found->process.pid : pid, lives ? found->process.start : 0};
    if (lives) roster_.expect(process);
    if (process.pid != pid) roster_.targets().forget_pid(pid);
    roster_.targets().add_pid(process.pid);
    groups_.push_back(process.pid);
    watching.processes.push_back(process);
  }
  return watching;
}

std::vector<EngineOutput> Engine::take(const Input& input) {
  std::visit([this](const auto& one) { on(one); }, input);
  return std::exchange(outputs_, {});
}

void Engine::on(const KernelEvent* event) {
  at_ = event->boot;
  cpu_ = event->cpu;
  incidents_.at(at_);
  if (const auto* exit = event->as<kernel::Exit>()) join_at_the_end(*exit);
  lineage_.apply(*event);
  std::visit([this](const auto& kind) { on(kind); }, event->what);
  let_go(Which::ready);
}

void Engine::on(const kernel::Fork& fork) {
  auto child = lineage_.find(fork.child), parent = lineage_.find(fork.task);
  logins_.born(*child, *parent, at_);
  if (roster_.options().children && roster_.has(key_of(*parent)) && !lineage_.has_ended(fork.child)) {
    // The child could not inherit before the kernel knew the parent as a target.
    bool early = at_ < armed_at_;
    join(child, roster_.targets().matches(*child), early ? Kernel::does_not_know : Kernel::knows);
  } else {
    join_at_birth(fork.child);
  }
  trace(TraceRecord::Kind::fork, fork.child, parent);
}

void Engine::on(const kernel::Exec& exec) {
  // A job of at(1) shows its file only while it runs, and can end before its verdict.
  auto process = lineage_.find(exec.task), parent = lineage_.living(exec.parent);
  if (parent && parent->comm == "atd") machine_.at_job(*process);
  look_at_bash(*process);
  logins_.ran(*process, at_);
  note_login(*process);
  leave_if_another(exec.task);
  maybe_join(exec.task);
  trace(TraceRecord::Kind::exec, exec.task);
}

void Engine::on(const Tick& tick) {
  now_ = tick.boot;
  clock_ = tick.clock;
  let_go(Which::ready);
  if (phase_ == Phase::stopping) stop_when_nobody_dies();
}

void Engine::on(const Begun& begun) {
  SessionRecord record;
  record.time = wall_now();
  record.version = options_.version;
  record.hostname = facts_.hostname;
  record.kernel = facts_.kernel;
  record.arch = facts_.arch;
  record.boot_id = facts_.boot_id;
  record.backend = begun.backend;
  record.probes = begun.probes;
  record.targets = described(roster_.options());
  emit(std::move(record));
}

void Engine::on(const Armed& armed) {
  // With only --pid the targets are known already: look at every process after reporting `armed`.
  const auto& asked = roster_.options();
  bool at_once = roster_.targets().by_pid() && !asked.children;
  if (at_once) {
    for (int pid : asked.pids) seed_target(pid);
  } else {
    seed_living();
  }
  ArmedRecord record;
  record.time = wall_now();
  record.arm_ms = static_cast<double>(now_ - started_) / kMillisecond;
  record.toolchain = armed.toolchain;
  record.kernel = armed.kernel;
  record.from_cache = armed.from_cache;
  for (const auto& [key, watched] : roster_.all()) record.watching.push_back(lineage_.find(task_of(key)));
  armed_at_ = now_;
  if (phase_ == Phase::arming) phase_ = Phase::watching;
  emit(std::move(record));
  for (auto& one : containers_.present(roster_, lineage_, wall_now())) emit(std::move(one));
  for (auto& warning : unmatched(asked, lineage_, joined_elsewhere_, wall_now())) on(std::move(warning));
  look_begins_ = at_once;
  if (at_once) {
    outputs_.emplace_back(WantLookAround{});
  } else {
    begin_watch();
  }
}

void Engine::on(const LookAround&) {
  seed_living();
  if (std::exchange(look_begins_, false)) begin_watch();
}

void Engine::begin_watch() {
  for (int pid : groups_) {
    if (roster_.options().wait || roster_.has_pid(pid)) continue;
    on(DiagnosticRecord{DiagnosticRecord::Level::warning,
                        wall_now(),
                        "target.missing",
                        phrase("process {} ended before the probes were armed", pid),
                        {}});
    if (options_.until_death) finish(1);
  }
  if (!roster_.options().command.empty()) outputs_.emplace_back(StartCommand{});
}

void Engine::on(const Rearmed&) {
  outputs_.emplace_back(WantLookAround{});
}

void Engine::on(const Loss& loss) {
  summary_.lost += loss.count;
  incidents_.lost(loss.count);
  push(LossRecord{wall_of(loss.boot), loss.count, phrase_from(loss.where)});
  outputs_.emplace_back(WantLookForGone{});
}

void Engine::on(DiagnosticRecord record) {
  if (record.time == 0) record.time = wall_now();
  outputs_.emplace_back(Notice{record});
  push(std::move(record));
  let_go(Which::ready);
}

void Engine::on(const CommandStarted& command) {
  auto entry = machine_.read_process(command.pid);
  if (!entry) return;
  lineage_.seed(entry->process, entry->parent);
  if (command.until_its_end) command_ = ProcessKey{command.pid, entry->process.start};
  join(lineage_.find(task_of(key_of(entry->process))), true, Kernel::knows);
}

void Engine::on(const Gone& gone) {
  const auto& key = gone.process;
  auto* watched = roster_.find(key);
  if (!watched) return;
  leave_container(*watched, lineage_.find(task_of(key)));
  bool main = watched->was_main || roster_.is_main(key);
  bool awaited = watched->named && (watched->named_directly || main) && options_.until_death;
  roster_.leave(key);
  on(DiagnosticRecord{DiagnosticRecord::Level::warning,
                      wall_now(),
                      "target.missing",
                      phrase("process {} ended {}: how it ended is not known", key.pid, phrase_from(gone.why)),
                      {}});
  if (awaited || key == command_) finish(1);
}

void Engine::on(const Due& due) {
  due_ = due.count;
  let_go(Which::ready);
  due_ = 0;
}

void Engine::on(const TimeIsUp&) {
  finish(options_.until_death && !death_seen_ ? 1 : 0);
}

void Engine::on(const StopAsked&) {
  if (phase_ >= Phase::stopping) return;
  phase_ = Phase::stopping;
  stop_look_ = now_ + kStopLook;
  stop_limit_ = now_ + kStopLimit;
}

void Engine::stop_when_nobody_dies() {
  if (now_ < stop_look_) return;
  if (now_ >= stop_limit_ || !somebody_dies()) return finish(0);
  stop_look_ = now_ + kStopLook;
}

/// Whether a target was just sent a fatal signal and has not ended yet: ^C at a terminal goes to both stapkill and its
/// command.
bool Engine::somebody_dies() const {
  return std::any_of(roster_.all().begin(), roster_.all().end(), [&](const auto& one) {
    const auto& earlier = one.second.history.earlier();
    return std::any_of(earlier.begin(), earlier.end(), [&](const SignalRecord& record) {
      return record.result == SignalResult::delivered && ends_by_default(record.number) && !record.handled &&
             !record.blocked && now_ - record.boot < kDiesWithin;
    });
  });
}

void Engine::finish(int status) {
  if (phase_ >= Phase::finished) return;
  phase_ = Phase::finished;
  outputs_.emplace_back(Finish{status});
}

void Engine::on(const Ended& ended) {
  let_go(Which::all);
  // What ends everything (a shutdown, a service manager, SysRq) ends the backend's helper too, perhaps first.
  bool due = phase_ != Phase::watching || (options_.until_death && death_seen_) || command_ended_;
  ended_well_ = ended.result || (due && ended.result.error().kind == ErrorKind::interrupted);
  phase_ = Phase::finished;
  if (!ended_well_) {
    const auto& error = ended.result.error();
    emit(DiagnosticRecord{DiagnosticRecord::Level::error, wall_now(), error.id, error.message, error.remedy,
                          error.check});
  }
  summary_.time = wall_now();
  if (asks_for_containers(roster_.options())) summary_.restarts = containers_.restarts();
  summary_.duration_s = static_cast<double>(now_ - started_) / (1'000 * kMillisecond);
  assert(phase_ != Phase::ended);  // there is one summary
  emit(summary_);
  phase_ = Phase::ended;
}

}  // namespace stapkill
