#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "backend/backend.h"
#include "event/record.h"
#include "report/outbox.h"
#include "session/container_tracker.h"
#include "session/logins.h"
#include "session/machine_view.h"
#include "session/recent_signals.h"
#include "session/targets.h"
#include "sys/stop_signals.h"
#include "verdict/lineage.h"
#include "verdict/verdict.h"

namespace stapkill {

/// The words by which the lineage knows a process.
Event::Task task_of(const Process& process);

/// Which deaths are reported (stapkill-watch(1), --deaths).
enum class Deaths { all, abnormal, killed };

/// Which signals and deaths are told, and when it is enough.
struct SessionOptions {
  Deaths deaths = Deaths::all;
  std::set<int> signals;  ///< empty: all
  std::optional<int> sender_pid;
  std::optional<std::int64_t> sender_uid;
  std::optional<std::uint64_t> count;
  std::optional<double> duration;
  bool until_death = false, trace_exec = false;
  std::string version;
  std::function<void(const DiagnosticRecord&)> on_diagnostic;  ///< for stderr
  bool records_on_stdout = false;                              ///< so what the command says goes to standard error
  std::vector<ContainerRecord> known_containers;  ///< what runtimes tell of those asked for: `present` or `ended`
};

/// One watch from arming to its summary: takes a backend's events in, keeps the lineage, and writes records to the
/// sinks in the order in which they happened. Everything right of the backend is here, so that every backend reports
/// alike.
class Session {
 public:
  Session(boost::asio::io_context& loop, std::unique_ptr<Backend> backend, Targets targets, SessionOptions options,
          std::vector<std::unique_ptr<Sink>> sinks, std::unique_ptr<MachineView> machine = live_machine());
  ~Session();

  /// Runs the loop to the end of the session. The exit status of `watch` (stapkill-watch(1)), or why it could not be
  /// done.
  Result<int> run();

 private:
  using Key = std::pair<int, std::uint64_t>;  // pid and start

  struct Watched {
    SignalHistory history;
    bool named = false;                  ///< by the options itself, not as somebody's child
    bool itself = false;                 ///< named, and not only as one of a container's, a unit's or a cgroup's
    bool inherited = false;              ///< named by what it only has from its parent: it has run no exec yet
    std::optional<Container> container;  ///< the one that was asked for
    bool main = false;                   ///< has ended, and was what its container, unit or cgroup lived for
    bool from_birth = false;             ///< has joined while the watch was armed
  };
  /// A record on its way out. Records leave in order; the first that still waits holds up those behind it.
  struct Pending {
    Record record;
    Time deadline = 0;                     ///< boot time after which it does not wait any longer; 0: it is ready
    int tid = 0;                           ///< signal: the sender's thread, whose system call has not returned yet
    std::optional<Key> ending;             ///< death: judged when it leaves
    Time not_before = 0;                   ///< death: boot time until which it waits in any case
    Time at = 0;                           ///< death: boot time of the end itself
    int seccomp = 0;                       ///< death: its last thread's mode
    int own_pid = 0;                       ///< death: its pid in its own namespace
    std::optional<std::uint64_t> waiting;  ///< death: its signals that were pending, a bit each
    bool hidden = false;                   ///< filtered out: kept for the verdict only
  };

  Backend::Callbacks callbacks();
  Result<void> resolve_targets(Watching& watching);
  void join_if_named(const ProcEntry& entry);
  void seed_target(int pid);
  void seed_living();
  void on_armed(const Armed& armed);
  void on_rearmed();
  std::set<Key> gone() const;
  void ended_unseen(const Key& key, const std::string& why);
  void look_for_gone_soon();
  void look_for_gone();
  void on_event(const Event& event);
  void on_signal(const Event& event);
  void on_returned(const Event& event);
  void on_exit(const Event& event);
  void remember_death(const Event& event);
  void on_oom_victim(const Event& event);
  void on_sysrq(const Event& event);
  SignalRecord record_of(const Event& event);
  Surroundings surroundings(const DeathRecord& death, const SignalHistory& history, Time at);
  OomMark mark_of(const Event& event);
  std::optional<OomMark> mark_for(const Process& process) const;
  bool somebody_dies() const;
  void end_asked(int turns);
  void on_ended(Result<void> result);
  enum class Told { kernel_knows, tell_kernel };
  void join(const ProcessPtr& process, bool named, Told told);
  void maybe_join(const Event::Task& task);
  void join_at_birth(const Event::Task& task);
  void leave_if_another(const Event::Task& task);
  void join_at_the_end(const Event& event);
  void look_again(Watched& watched, const ProcessPtr& process);
  void join_living();
  bool matches_elsewhere(const ProcEntry& entry) const;
  void tell_ended_before();
  ContainerTracker::Run run_of(const Container& container);
  void enter_container(Watched& watched, const ProcessPtr& process);
  void leave_container(Watched& watched, const ProcessPtr& process);
  void enter_places(const ProcessPtr& process);
  void leave_places(Watched& watched, const DeathRecord& death);
  std::optional<Key> eldest_of(const std::string& place) const;
  static bool ends_what_is_awaited(const Watched& watched, const DeathRecord& death);
  ContainerRecord container_record(ContainerRecord::What what, const Container& container, ProcessPtr process) const;
  void tell_containers();
  void tell_unmatched();
  void tell_nobody(std::string_view what, const std::string& word, const std::vector<std::string>& names);
  void look_at_pod(const Process& process);
  bool is_watched(int pid, std::uint64_t start) const { return watched_.count({pid, start}) > 0; }
  /// Not another process that was given a pid of --pid while the probes were being armed.
  bool is_expected(const Process& process) const {
    auto at = expected_.find(process.pid);
    return at == expected_.end() || at->second == process.start;
  }
  bool passes(const SignalRecord& record) const;
  bool passes(const DeathRecord& record) const;
  void judge_death(Pending& pending);
  void push(Pending pending);
  bool is_due(const Pending& pending);
  void flush_ready(bool all);
  void emit(const Record& record);
  void trace(TraceRecord::Kind kind, const Event& event);
  void start_command();
  void on_command_started(int pid);
  void arm_timer();
  void finish(int status);
  void flush_outbox();
  void check_outbox();
  void diagnose(DiagnosticRecord record);
  SessionRecord session_record() const;

  boost::asio::io_context& loop_;
  StopSignals signals_;
  boost::asio::steady_timer flush_timer_, duration_timer_, gone_timer_, end_timer_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<MachineView> machine_;
  MachineFacts facts_;
  Targets targets_;
  SessionOptions options_;
  Outbox outbox_;
  Lineage lineage_;
  ContainerTracker containers_;
  std::map<std::string, PodRuns> runs_;  ///< of the pods that are watched, by uid, as last seen
  std::size_t told_due_ = 0;             ///< records that a recording says are due
  bool joined_elsewhere_ = false;        ///< by a cgroup of another hierarchy than the one that is told
  std::set<std::string> pods_seen_;      ///< uids of pods whose names were looked up
  std::map<Key, Watched> watched_;
  std::map<std::string, Key> mains_;  ///< of the units and cgroups that were asked for: whom each lives for
  std::set<Key> gone_;                ///< watched, and not alive when that was last looked at
  std::deque<Pending> pending_;
  std::unique_ptr<class Child> command_;
  std::map<int, std::shared_ptr<const Circumstances>> circumstances_;  ///< by CPU: those of its next signal
  /// A loss has no time of its own; the events around it do, and they are the same when a recording is judged again.
  struct Lost {
    Time before = 0;  ///< boot time of the first event that came behind it; 0: none has yet
    std::uint64_t count = 0;
  };
  std::deque<Lost> losses_;
  Time latest_ = 0;  ///< boot time of the latest event
  RecentSignals recent_;
  Logins logins_;
  std::deque<OomMark> oom_marks_;
  struct {
    Time at = 0;  ///< boot time
    ProcessPtr process;
    Ancestry ancestry;
  } sysrq_;
  SummaryRecord summary_;
  std::uint64_t sequence_ = 0;
  Time started_ = 0, armed_at_ = 0;        ///< boot time
  std::map<int, std::uint64_t> expected_;  ///< by pid: the start of what --pid named
  std::vector<int> groups_;                ///< what --pid named: the processes, where it named threads
  std::optional<Key> started_command_;
  bool command_ended_ = false;
  bool armed_ = false, armed_told_ = false, finishing_ = false, done_ = false, death_seen_ = false,
       timer_armed_ = false;
  bool looking_for_gone_ = false;
  int status_ = 0;
  std::optional<Error> failure_;
};

}  // namespace stapkill
