#include "verdict/verdict.h"

#include <csignal>

#include "catch.h"

using namespace stapkill;

namespace {

ProcessPtr make_process(int pid, std::string comm, std::uint64_t start = 5) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = start;
  process->comm = std::move(comm);
  return process;
}

const ProcessPtr kTarget = make_process(100, "sleep");
const ProcessPtr kKiller = make_process(200, "kill");
const ProcessPtr kOther = make_process(300, "other");

SignalRecord make_signal(int number, std::string_view call = "kill", ProcessPtr sender = kKiller, Time time = 1) {
  SignalRecord record;
  record.time = record.boot = time;
  record.seq = static_cast<std::uint64_t>(time);
  record.number = number;
  record.by = By::process;
  record.sender = std::move(sender);
  record.target = kTarget;
  record.syscall = Syscall{call, 0};
  return record;
}

SignalRecord from_kernel(int number, int code) {
  auto record = make_signal(number);
  record.by = By::kernel;
  record.code = code;
  record.syscall.reset();
  return record;
}

Verdict judged(int wait_status, std::initializer_list<SignalRecord> records, std::uint64_t lost = 0) {
  SignalHistory history;
  for (const auto& record : records) history.add(record, true);
  Surroundings around;
  around.lost = lost;
  return judge({*kTarget, wait_status}, history, around);
}

bool mentions(const Verdict& verdict, std::string_view text) {
  bool found = verdict.summary.english().find(text) != std::string::npos;
  for (const auto& line : verdict.evidence) found = found || line.english().find(text) != std::string::npos;
  return found;
}

}  // namespace

TEST_CASE("verdict: the system call says the cause", "[verdict]") {
  const std::pair<std::string_view, Cause> rows[] = {
      {"kill", Cause::kill},
      {"tkill", Cause::tkill},
      {"tgkill", Cause::tkill},
      {"rt_sigqueueinfo", Cause::sigqueue},
      {"rt_tgsigqueueinfo", Cause::sigqueue},
      {"pidfd_send_signal", Cause::pidfd},
  };
  for (const auto& [call, cause] : rows) {
    INFO(call);
    auto verdict = judged(9, {make_signal(9, call)});
    CHECK(verdict.cause == cause);
    CHECK(verdict.by == By::process);
    CHECK(verdict.killer == kKiller);
    CHECK(verdict.signal_seq == 1);
    CHECK(verdict.confidence == Confidence::certain);
    CHECK(mentions(verdict, "SIGKILL"));
    CHECK(mentions(verdict, "kill(200)"));
    CHECK(mentions(verdict, std::string(call) + "(2)"));
    CHECK_FALSE(verdict.evidence.empty());
  }
}

TEST_CASE("verdict: a process that signals itself is `self`, by any call", "[verdict]") {
  for (const char* call : {"kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"}) {
    INFO(call);
    auto verdict = judged(6 | 0x80, {make_signal(6, call, kTarget)});
    CHECK(verdict.cause == Cause::self);
    CHECK(verdict.by == By::self);
    REQUIRE(verdict.killer);
    CHECK(verdict.killer->pid == 100);
    CHECK(verdict.confidence == Confidence::certain);
  }
}

TEST_CASE("verdict: an earlier process of the same pid is not the process itself", "[verdict]") {
  auto verdict = judged(9, {make_signal(9, "kill", make_process(100, "sleep", 1))});
  CHECK(verdict.cause == Cause::kill);
  CHECK(verdict.by == By::process);
}

TEST_CASE("verdict: an exit is an exit", "[verdict]") {
  auto verdict = judged(0, {});
  CHECK(verdict.cause == Cause::exit);
  CHECK(verdict.by == By::self);
  CHECK_FALSE(verdict.killer);
  CHECK_FALSE(verdict.signal_seq.has_value());
  CHECK(verdict.confidence == Confidence::certain);
}

TEST_CASE("verdict: exit status 137 is not a SIGKILL", "[verdict]") {
  auto verdict = judged(137 << 8, {});
  CHECK(verdict.cause == Cause::exit);
  CHECK_FALSE(verdict.killer);
  CHECK(mentions(verdict, "exit status 137"));
  CHECK(mentions(verdict, "not a SIGKILL"));
}

TEST_CASE("verdict: a signal of another number is not the killer", "[verdict]") {
  auto verdict = judged(9, {make_signal(15, "kill", kOther, 1), make_signal(9, "kill", kKiller, 2)});
  CHECK(verdict.killer == kKiller);
  CHECK(verdict.signal_seq == 2);
  CHECK(mentions(verdict, "SIGTERM"));  // part of the evidence
  // Of two blocked signals the lowest number is delivered first, not the first that came (kernel/signal.c,
  // next_signal).
  verdict = judged(
      2, {make_signal(15, "kill", kOther, 1), make_signal(2, "kill", kKiller, 2), make_signal(15, "kill", kOther, 3)});
  CHECK(verdict.killer == kKiller);
  CHECK(verdict.signal_seq == 2);
}

TEST_CASE("verdict: a repeat of a pending signal does not steal the killer", "[verdict]") {
  auto repeat = make_signal(15, "kill", kOther, 2);
  repeat.result = SignalResult::already_pending;
  auto verdict = judged(15, {make_signal(15), repeat, repeat});
  CHECK(verdict.killer == kKiller);
  CHECK(verdict.signal_seq == 1);
}

TEST_CASE("verdict: the sender of a repeat of an unseen pending signal is not the killer", "[verdict]") {
  auto repeat = make_signal(15);
  repeat.result = SignalResult::already_pending;
  auto verdict = judged(15, {repeat});
  CHECK(verdict.cause == Cause::unknown);
  CHECK_FALSE(verdict.killer);
  CHECK(mentions(verdict, "when kill(200) sent it again"));
}

TEST_CASE("verdict: a signal that went to a handler ends nobody later", "[verdict]") {
  auto handled = make_signal(15);
  handled.handled = true;
  auto at = [&](Time end) {
    SignalHistory history;
    history.add(handled, true);
    return judge({*kTarget, 15, 0, end, 0, end}, history, {});
  };
  auto soon = at(1'000'000), late = at(5'000'000'000);
  CHECK(soon.cause == Cause::kill);
  CHECK(soon.confidence == Confidence::likely);
  CHECK(mentions(soon, "had a handler for SIGTERM"));
  CHECK(late.cause == Cause::unknown);
  CHECK_FALSE(late.killer);
  CHECK(mentions(late, "the last SIGTERM that was seen went to a handler"));
  handled.blocked = true;  // what it unblocked later was by then no handler's
  CHECK(at(5'000'000'000).confidence == Confidence::certain);
}

TEST_CASE("verdict: a timer's signals do not hide who asked it to end", "[verdict]") {
  SignalHistory history;
  history.add(make_signal(15, "kill", kOther, 1'000'000'000), true);
  for (Time at = 2; at < 60; ++at) history.add(from_kernel(14, 0x80), true);
  history.add(make_signal(9, "kill", kKiller, 3'000'000'000), true);
  auto verdict = judge({*kTarget, 9}, history, {});
  CHECK(mentions(verdict, "2.0 s after SIGTERM from other(300)"));
}

TEST_CASE("verdict: cgroup.kill after a SIGTERM is one story", "[verdict]") {
  auto seen = std::make_shared<Circumstances>();
  seen->stack = stack_names("send_sig,cgroup_kill_write");
  auto fatal = from_kernel(9, 0);
  fatal.boot = 2'000'000'000;
  fatal.seen = seen;
  fatal.own_context = true;
  fatal.ancestry = std::make_shared<std::vector<ProcessPtr>>();
  auto verdict = judged(9, {make_signal(15, "kill", kOther, 1'000'000'000), fatal});
  CHECK(verdict.cause == Cause::cgroup_kill);
  CHECK(mentions(verdict, "1.0 s after SIGTERM from other(300)"));
}

TEST_CASE("verdict: a handled signal and a later fatal one: the later killed", "[verdict]") {
  auto verdict = judged(15, {make_signal(15, "kill", kOther, 1), make_signal(15, "kill", kKiller, 2)});
  CHECK(verdict.killer == kKiller);
  CHECK(verdict.signal_seq == 2);
}

TEST_CASE("verdict: a signal that was thrown away did not kill", "[verdict]") {
  for (auto result : {SignalResult::ignored, SignalResult::overflow}) {
    auto late = make_signal(9, "kill", kOther, 2);
    late.result = result;
    auto verdict = judged(9, {make_signal(9), late});
    CHECK(verdict.killer == kKiller);
    CHECK(verdict.signal_seq == 1);
    verdict = judged(9, {late});
    CHECK(verdict.cause == Cause::unknown);
    CHECK_FALSE(verdict.killer);
  }
}

TEST_CASE("verdict: a signal whose siginfo was lost still kills", "[verdict]") {
  auto record = make_signal(9);
  record.result = SignalResult::info_lost;
  CHECK(judged(9, {record}).killer == kKiller);
}

TEST_CASE("verdict: lost events make certain likely", "[verdict]") {
  auto verdict = judged(9, {make_signal(9)}, 3);
  CHECK(verdict.cause == Cause::kill);
  CHECK(verdict.killer == kKiller);
  CHECK(verdict.confidence == Confidence::likely);
  CHECK(mentions(verdict, "3 events were lost"));
}

TEST_CASE("verdict: no signal was seen", "[verdict]") {
  for (std::uint64_t lost : {0, 2}) {
    auto verdict = judged(9, {}, lost);
    CHECK(verdict.cause == Cause::unknown);
    CHECK(verdict.by == By::kernel);
    CHECK_FALSE(verdict.killer);
    CHECK_FALSE(verdict.signal_seq.has_value());
    CHECK(verdict.confidence == Confidence::unknown);
    CHECK(mentions(verdict, "SIGKILL"));
    CHECK(mentions(verdict, "events were lost") == (lost > 0));
  }
}

TEST_CASE("verdict: only other signals were seen", "[verdict]") {
  auto verdict = judged(9, {make_signal(15)});
  CHECK(verdict.cause == Cause::unknown);
  CHECK_FALSE(verdict.killer);
}

TEST_CASE("verdict: the kernel's own signal is never blamed on the task that ran", "[verdict]") {
  const std::pair<int, int> rows[] = {{9, 0x80}, {14, -2}, {11, 1}, {2, 0x80}, {13, 0}, {9, 0}};
  for (auto [number, code] : rows) {
    INFO(number << ' ' << code);
    auto verdict = judged(number, {from_kernel(number, code)});
    CHECK(verdict.by == By::kernel);
    CHECK_FALSE(verdict.killer);
    CHECK(verdict.signal_seq == 1);
  }
}

TEST_CASE("verdict: without the circumstances the cause is unknown, and that is said", "[verdict]") {
  auto verdict = judged(9, {from_kernel(9, 0x80)});
  CHECK(verdict.cause == Cause::unknown);
  CHECK(verdict.confidence == Confidence::unknown);
  CHECK(mentions(verdict, "then is not known"));
}

TEST_CASE("verdict: a stop with a grace period is one story", "[verdict]") {
  auto verdict =
      judged(9, {make_signal(15, "kill", kKiller, 1'000'000'000), make_signal(9, "kill", kKiller, 11'000'000'000)});
  CHECK(mentions(verdict, "10.0 s after SIGTERM from it"));
  verdict =
      judged(9, {make_signal(15, "kill", kOther, 1'000'000'000), make_signal(9, "kill", kKiller, 11'000'000'000)});
  CHECK(verdict.killer == kKiller);
  CHECK(mentions(verdict, "10.0 s after SIGTERM from other(300)"));
  verdict = judged(9, {make_signal(15, "kill", kOther, 1), make_signal(9, "kill", kKiller, 900'000'000'000)});
  CHECK_FALSE(verdict.summary.english().find("after SIGTERM") != std::string::npos);
}

TEST_CASE("verdict: what came before is reported as it was taken", "[verdict]") {
  auto handled = make_signal(15, "kill", kOther, 1);
  handled.handled = true;
  auto blocked = make_signal(12, "kill", kOther, 2);
  blocked.blocked = true;
  auto ignored = make_signal(1, "kill", kOther, 3);
  ignored.result = SignalResult::ignored;
  auto verdict = judged(9, {handled, blocked, ignored, make_signal(9, "kill", kKiller, 4)});
  CHECK(mentions(verdict, "SIGTERM delivered to a handler"));
  CHECK(mentions(verdict, "SIGUSR2 delivered, blocked then"));
  CHECK(mentions(verdict, "SIGHUP ignored"));
}

TEST_CASE("verdict: of two waiting real-time signals it is not certain which was taken", "[verdict]") {
  auto first = make_signal(40, "kill", kOther, 1), second = make_signal(40, "kill", kKiller, 2);
  first.blocked = second.blocked = true;
  auto verdict = judged(40, {first, second});
  CHECK(verdict.killer == kOther);
  CHECK(verdict.confidence == Confidence::likely);
  CHECK(mentions(verdict, "was pending too"));
}

TEST_CASE("verdict: a suspicious ancestor of the killer is evidence", "[verdict]") {
  auto strange = std::make_shared<Process>(*make_process(81, "vGhyM0"));
  strange->flags = {"random-name"};
  auto record = make_signal(9);
  record.ancestry = std::make_shared<std::vector<ProcessPtr>>(std::vector<ProcessPtr>{strange});
  CHECK(mentions(judged(9, {record}), "suspicious: vGhyM0(81): "));
  CHECK_FALSE(mentions(judged(9, {make_signal(9)}), "suspicious"));
}

TEST_CASE("verdict: seccomp kills without a signal", "[verdict]") {
  const std::tuple<int, int, Confidence> rows[] = {{31, 3, Confidence::certain}, {9, 3, Confidence::certain},
                                                   {31, 2, Confidence::likely},  {9, 1, Confidence::likely},
                                                   {31, 0, Confidence::unknown}, {9, 2, Confidence::unknown},
                                                   {15, 3, Confidence::unknown}};
  for (auto [status, mode, confidence] : rows) {
    INFO(status << ' ' << mode);
    auto verdict = judge({*kTarget, status, mode}, {}, {});
    CHECK(verdict.confidence == confidence);
    CHECK((verdict.cause == Cause::seccomp) == (confidence != Confidence::unknown));
  }
  Surroundings around;
  around.lost = 1;
  CHECK(judge({*kTarget, 31, 2}, {}, around).cause == Cause::unknown);
}

TEST_CASE("verdict: a call that sends no signals shows nothing", "[verdict]") {
  auto record = make_signal(9, "write");
  record.by = By::kernel;
  CHECK(judged(9, {record}).cause == Cause::unknown);
  CHECK_FALSE(judged(9, {record}).killer);
}

TEST_CASE("verdict: a signal without a record is still named", "[verdict]") {
  SignalHistory history;
  history.add(make_signal(9), false);
  auto verdict = judge({*kTarget, 9}, history, {});
  CHECK(verdict.killer == kKiller);
  CHECK_FALSE(verdict.signal_seq.has_value());
  CHECK(verdict.confidence == Confidence::certain);
}

TEST_CASE("verdict: a core is evidence", "[verdict]") {
  CHECK(mentions(judged(6 | 0x80, {make_signal(6)}), "core dumped"));
  CHECK_FALSE(mentions(judged(6, {make_signal(6)}), "core dumped"));
}

TEST_CASE("verdict: the story is in the sentence", "[verdict]") {
  auto shell = std::make_shared<Process>();
  shell->pid = 150;
  shell->comm = "sh";
  shell->argv = std::vector<std::string>{"sh", "/opt/restart.sh"};
  auto record = make_signal(9);
  record.ancestry = std::make_shared<std::vector<ProcessPtr>>(std::vector<ProcessPtr>{shell, make_process(81, "cron")});
  auto verdict = judged(9, {record});
  CHECK(verdict.summary ==
        "sleep(100) was killed by SIGKILL from kill(200), run by /opt/restart.sh (sh 150), a job of cron(81).");
}

TEST_CASE("verdict: the summary is one line, whatever the names hold", "[verdict]") {
  auto killer = std::make_shared<Process>(*make_process(200, "a\nb\x1b[2J"));
  killer->argv = std::vector<std::string>{"sh", "/opt/\n\xff.sh"};
  auto verdict = judged(9, {make_signal(9, "kill", killer)});
  CHECK(verdict.summary == R"(sleep(100) was killed by SIGKILL from a\nb\x1b[2J(200), running /opt/\n\xff.sh.)");
  CHECK(judged(0, {make_signal(15, "kill", killer)}).summary.english().find('\n') == std::string::npos);
}

TEST_CASE("verdict: timeout that was killed itself says nothing of its time", "[verdict]") {
  auto timeout = std::make_shared<Process>(*kTarget);
  timeout->comm = "timeout";
  timeout->argv = std::vector<std::string>{"timeout", "1", "x"};
  auto record = make_signal(2, "kill", timeout, 9'000'000'000);
  record.target = timeout;
  SignalHistory history;
  history.add(record, true);
  CHECK(judge({*timeout, 2}, history, {}).summary.english().find("time ") == std::string::npos);
}
