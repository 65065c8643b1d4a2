#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/container_watch.h"
#include "engine/departures.h"
#include "engine/incidents.h"
#include "engine/logins.h"
#include "engine/machine.h"
#include "engine/manager_words.h"
#include "engine/output.h"
#include "engine/recent_requests.h"
#include "engine/recent_signals.h"
#include "engine/record_filter.h"
#include "engine/roster.h"
#include "engine/signal_reader.h"
#include "engine/targets.h"
#include "model/input.h"
#include "model/record.h"
#include "model/watching.h"
#include "verdict/lineage.h"

namespace stapkill {

/// Which signals and deaths are reported, and when the watch ends.
struct EngineOptions : RecordFilter {
  std::optional<std::uint64_t> count;
  bool until_death = false, trace_exec = false;
  bool stacks = true;    ///< the calls of who sent a fatal signal, and of what faulted
  bool history = false;  ///< for a history: signals that end nobody by default do not count, brief ends are not judged
  std::string version;
  std::vector<ContainerRecord> known_containers;  ///< what runtimes say about those asked for: `present` or `ended`
  Time ask_limit = 2'000'000'000;                 ///< ns that the answer of a manager may take; 0: none is awaited
  bool due_is_input = false;                      ///< Due says which records have waited long enough, not the time
};

/// All that a watch knows and decides, from its inputs alone: which processes are watched, which records leave in which
/// order, when the watch is over. It has no event loop, no clock, no file and no process. It asks the machine only
/// through Machine, which must outlive it.
class Engine {
 public:
  Engine(Targets targets, EngineOptions options, Machine& machine, Tick begun);

  /// What to watch. Fails where a process that --pid names does not exist, unless --wait is given.
  Result<Watching> begin();

  /// Takes one input; returns its outputs, in order.
  std::vector<EngineOutput> take(const Input& input);

  /// Whether it needs a Tick every 10 ms because something waits for time to pass.
  bool needs_ticks() const { return phase_ == Phase::stopping || !departures_.empty(); }
  /// Whether it ended as it was meant to: without an error, or because a helper of the backend was interrupted while
  /// the probes were not armed yet or the watch was over anyway. Known once it has taken Ended.
  bool ended_well() const { return ended_well_; }
  const Roster& roster() const { return roster_; }
  Time wall_now() const { return wall_of(now_); }

 private:
  enum class Phase {
    arming,
    watching,
    stopping,  ///< asked to end: it waits for processes that are dying
    finished,  ///< Finish was emitted; the backend still disarms
    ended
  };
  enum class Kernel { knows, does_not_know };
  using Watched = Roster::Watched;
  using Departure = Departures::Departure;

  // engine.cpp: inputs
  void on(const KernelEvent* event);
  void on(const Tick& tick);
  void on(const Begun& begun);
  void on(const Armed& armed);
  void on(const Rearmed&);
  void on(const LookAround&);
  void on(const Loss& loss);
  void on(DiagnosticRecord record);
  void on(const CommandStarted& command);
  void on(const Gone& gone);
  void on(const ManagerSaid& said) { words_.said(said.subject, said.lines); }
  void on(const FramesFound& found);
  void on(const Due& due);
  void on(const TimeIsUp&);
  void on(const StopAsked&);
  void on(const Ended& ended);
  void on(const kernel::Fork& fork);
  void on(const kernel::Exec& exec);
  void on(const kernel::Rename& rename) { maybe_join(rename.task); }
  void on(const kernel::Move& move) { maybe_join(move.task); }
  void on(const kernel::Around& around) { reader_.circumstances(cpu_, around); }
  void on(const kernel::Code& code) { reader_.code(cpu_, code); }
  void on(const kernel::Memory& memory) { reader_.memory(cpu_, memory); }
  void on(const kernel::Stack& stack) { reader_.stack(cpu_, stack); }
  void on(const kernel::Describe&) {}
  void on(const kernel::Hello&) {}
  void on(const kernel::Goodbye&) {}
  void begin_watch();
  void finish(int status);
  void stop_when_nobody_dies();
  bool somebody_dies() const;
  Time wall_of(Time boot) const { return boot + clock_; }

  // engine_targets.cpp: who joins and who leaves
  void join_if_named(const ProcEntry& entry);
  bool matches_elsewhere(const ProcEntry& entry) const;
  void seed_target(int pid);
  void seed_living();
  void join(const ProcessPtr& process, bool named, Kernel kernel);
  void note_login(const Process& process);
  void maybe_join(const kernel::Task& task);
  void join_at_birth(const kernel::Task& task);
  void leave_if_another(const kernel::Task& task);
  void join_at_the_end(const kernel::Exit& exit);
  void join_living();
  void enter_container(Watched& watched, const ProcessPtr& process);
  void leave_container(Watched& watched, const ProcessPtr& process);
  void look_at_pod(const Process& process);
  void look_at_bash(const Process& process);

  // engine_records.cpp: its records
  void on(const kernel::Signal& signal);
  void on(const kernel::Return& returned);
  void on(const kernel::Exit& exit);
  void on(const kernel::OomVictim& victim);
  void on(const kernel::SysRq& sysrq);
  void on(const kernel::Connect& connect);
  void remember_death(const kernel::Exit& exit);
  void trace(TraceRecord::Kind kind, const kernel::Task& task, ProcessPtr parent = nullptr, int wait_status = 0);
  void ask_manager(AskManager wish);
  ProcessPtr kubelet() const;
  Surroundings surroundings(const DeathRecord& death, const SignalHistory& history, Time at);
  OomMark mark_of(const kernel::OomVictim& victim);
  void ask_frames(UserStack stack, const std::vector<ProcessPtr>& relatives, Departure& departure);
  bool is_brief_end(const DeathRecord& record, const Departures::Death& death, const SignalHistory& history) const;
  void judge(Departure& departure);
  void leave(Watched& watched, const ProcessKey& process, const DeathRecord& record);
  void push(Record record);
  bool is_due(const Departure& departure);
  enum class Which { ready, all };
  void let_go(Which which);
  void emit(Record record);
  bool is_enough() const { return options_.count && summary_.signals >= *options_.count; }

  EngineOptions options_;
  Machine& machine_;
  MachineFacts facts_;
  Lineage lineage_;
  Roster roster_;
  ContainerWatch containers_;
  Departures departures_;
  Incidents incidents_;
  SignalReader reader_;
  RecentSignals recent_;
  RecentRequests requests_;
  Logins logins_;
  ManagerWords words_;
  SummaryRecord summary_;
  std::vector<EngineOutput> outputs_;

  Phase phase_ = Phase::arming;
  Time now_, clock_;                     ///< of the last tick
  Time at_ = 0;                          ///< of the current kernel event, by CLOCK_BOOTTIME
  int cpu_ = 0;                          ///< of that event
  Time started_, armed_at_ = 0;          ///< boot time
  Time stop_look_ = 0, stop_limit_ = 0;  ///< boot time of the next look at who dies, and of the last one
  std::uint64_t sequence_ = 0, questions_ = 0;
  std::size_t due_ = 0;
  std::set<std::string> bashes_;  ///< programs called bash, by container and path, that were looked at
  std::vector<int> groups_;       ///< processes of --pid, where it named threads
  std::optional<ProcessKey> command_;
  bool look_begins_ = false;       ///< the first LookAround begins the watch
  bool joined_elsewhere_ = false;  ///< a process joined by a cgroup in another hierarchy than that of process.cgroup
  bool command_ended_ = false, death_seen_ = false, ended_well_ = false;
};

}  // namespace stapkill
