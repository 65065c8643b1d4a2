#include <csignal>

#include "catch.h"
#include "verdict/verdict.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;

ProcessPtr make_process(int pid, std::string comm) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = 5;
  process->comm = std::move(comm);
  return process;
}

const ProcessPtr kServer = make_process(100, "redis-server");
const ProcessPtr kAsker = make_process(200, "kill");
const ProcessPtr kOther = make_process(300, "other");
const ProcessPtr kShell = make_process(190, "sh");

/// One that went to a handler, at so many seconds.
SignalRecord handled(int number, ProcessPtr sender, double seconds) {
  SignalRecord record;
  record.time = record.boot = static_cast<Time>(seconds * 1e9);
  record.seq = static_cast<std::uint64_t>(seconds * 1000);
  record.number = number;
  record.by = By::process;
  record.sender = std::move(sender);
  record.target = kServer;
  record.syscall = Syscall{"kill", 0, {}, Aim::process};
  record.handled = true;
  return record;
}

SignalRecord from_kernel(int number, int code, double seconds, std::string_view stack) {
  auto record = handled(number, kServer, seconds);
  record.by = By::kernel;
  record.code = code;
  record.syscall.reset();
  auto seen = std::make_shared<Circumstances>();
  seen->stack = stack_names(std::string(stack));
  record.seen = seen;
  return record;
}

Verdict judged(int wait_status, double at, std::initializer_list<SignalRecord> records, Surroundings around = {},
               std::optional<std::uint64_t> pending = 0, int own_pid = 0) {
  SignalHistory history;
  for (const auto& record : records) history.add(record, true);
  auto boot = static_cast<Time>(at * 1e9);
  return judge({*kServer, wait_status, 0, boot, own_pid, boot, pending}, history, around);
}

int exited(int status) {
  return status << 8;
}

}  // namespace

TEST_CASE("exit: who asked is the initiator", "[verdict]") {
  for (int number : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGABRT, SIGUSR1, SIGUSR2, SIGWINCH, SIGPWR, 37}) {
    INFO(number);
    auto verdict = judged(exited(0), 10.3, {handled(number, kAsker, 10)});
    CHECK(verdict.cause == Cause::exit);
    CHECK(verdict.by == By::self);
    CHECK_FALSE(verdict.killer);
    CHECK(verdict.initiator == kAsker);
    CHECK(verdict.signal_seq == 10000);
    CHECK(verdict.confidence == Confidence::certain);
    REQUIRE(verdict.chain.size() == 2);
    CHECK(verdict.chain[0].what == ChainStep::What::signal);
    CHECK(verdict.chain[0].process == kAsker);
    CHECK(verdict.chain[0].through == "kill(2)");
    CHECK(verdict.chain[1].what == ChainStep::What::handler);
    CHECK(verdict.chain[1].process == kServer);
  }
  auto verdict = judged(exited(0), 10.3, {handled(SIGTERM, kAsker, 10)});
  CHECK(verdict.summary ==
        "redis-server(100) was asked to end by SIGTERM from kill(200), and ended with exit status 0 0.3 s later.");
}

TEST_CASE("exit: nobody asked", "[verdict]") {
  SignalRecord child = handled(SIGCHLD, kOther, 10), stop = handled(SIGTSTP, kOther, 10);
  SignalRecord unhandled = handled(SIGUSR1, kOther, 10), own = handled(SIGTERM, kServer, 10);
  unhandled.handled = false;
  unhandled.result = SignalResult::ignored;
  SignalRecord timer = from_kernel(SIGALRM, 0x80, 10, "it_real_fn"),
               size = from_kernel(SIGWINCH, 0x80, 10, "tty_do_resize");
  SignalRecord long_ago = handled(SIGUSR1, kOther, 10);
  long_ago.boot = -100 * kSecond;
  for (const auto& record : {child, stop, unhandled, own, timer, size, long_ago}) {
    INFO(record.number);
    auto verdict = judged(exited(1), 10.1, {record});
    CHECK(verdict.summary == "redis-server(100) ended by itself with exit status 1.");
    CHECK_FALSE(verdict.initiator);
    CHECK(verdict.chain.empty());
    CHECK(verdict.confidence == Confidence::certain);
  }
}

TEST_CASE("exit: a stop that was asked for long ago is no answer", "[verdict]") {
  CHECK(judged(exited(0), 4000, {handled(SIGTERM, kAsker, 10)}).chain.empty());
  // Within the time that a stop may take it is, and certain where nothing else was asked since.
  CHECK(judged(exited(0), 100, {handled(SIGTERM, kAsker, 10)}).confidence == Confidence::certain);
  auto reloaded = judged(exited(0), 25, {handled(SIGHUP, kAsker, 10)});
  CHECK(reloaded.initiator == kAsker);
  CHECK(reloaded.confidence == Confidence::likely);
}

TEST_CASE("exit: the first of two of a number is the wish, the second came while its handler ran", "[verdict]") {
  auto second = handled(SIGTERM, kOther, 10.1);
  second.blocked = true;
  auto verdict = judged(exited(0), 10.3, {handled(SIGTERM, kAsker, 10), second}, {}, std::uint64_t{1} << (SIGTERM - 1));
  CHECK(verdict.initiator == kAsker);
  CHECK(verdict.confidence == Confidence::certain);
  CHECK(verdict.summary.english().find("other(300) had sent SIGTERM again in the meantime") != std::string::npos);
  CHECK(judged(exited(0), 10.3, {handled(SIGTERM, kAsker, 10), handled(SIGTERM, kOther, 10.1)}).initiator == kOther);
}

TEST_CASE("exit: a signal that another thread waits for was taken, unless it still waits", "[verdict]") {
  auto waited = handled(SIGTERM, kAsker, 10);
  waited.handled = false;
  waited.blocked = true;
  CHECK(judged(exited(0), 10.3, {waited}).initiator == kAsker);
  CHECK(judged(exited(0), 10.3, {waited}).confidence == Confidence::certain);
  auto still = judged(exited(0), 10.3, {waited}, {}, std::uint64_t{1} << (SIGTERM - 1));
  CHECK_FALSE(still.initiator);
  auto not_known = judged(exited(0), 10.3, {waited}, {}, std::nullopt);
  CHECK(not_known.initiator == kAsker);
  CHECK(not_known.confidence == Confidence::likely);
}

TEST_CASE("exit: what would have ended it and did not, a thread waited for", "[verdict]") {
  auto waited = handled(SIGTERM, kAsker, 10);
  waited.handled = false;  // sigtimedwait(2) lets it in without a handler
  auto verdict = judged(exited(0), 10.3, {waited});
  CHECK(verdict.initiator == kAsker);
  CHECK(verdict.confidence == Confidence::certain);
}

TEST_CASE("exit: right after its parent was asked it is likely that this one passed it on unseen", "[verdict]") {
  Surroundings around;
  auto parents = handled(SIGTERM, kAsker, 10);
  parents.target = kOther;
  around.parents = std::make_shared<std::vector<ProcessPtr>>(std::vector{kOther});
  around.sent_to = [&](const Process& process, Time) { return process.pid == kOther->pid ? &parents : nullptr; };
  auto verdict = judged(exited(0), 10.02, {}, around);
  CHECK(verdict.initiator == kAsker);
  CHECK(verdict.confidence == Confidence::likely);
  CHECK(verdict.summary.english().find("20 ms after its parent other(300) had been sent SIGTERM by kill(200)") !=
        std::string::npos);
  CHECK_FALSE(judged(exited(0), 20, {}, around).initiator);
}

TEST_CASE("exit: a signal from the terminal asks, and nobody is named for it", "[verdict]") {
  auto verdict = judged(exited(130), 10.1, {from_kernel(SIGINT, 0x80, 10, "isig,n_tty_receive_char_special")});
  CHECK_FALSE(verdict.initiator);
  CHECK(verdict.chain.size() == 2);
  CHECK(verdict.summary.english().find("^C at its terminal") != std::string::npos);
  CHECK(verdict.summary.english().find("exit status 130 (128 + SIGINT)") != std::string::npos);
}

TEST_CASE("exit: a status of 128+n is that of a child that a signal ended", "[verdict]") {
  Surroundings around;
  auto killed = handled(SIGKILL, kAsker, 9);
  around.killed_child = [&](int number) -> std::optional<KilledChild> {
    if (number != SIGKILL) return std::nullopt;
    return KilledChild{kOther, number, &killed};
  };
  CHECK(judged(exited(137), 10, {}, around).summary ==
        "redis-server(100) ended with exit status 137, the status of its child other(300), killed by SIGKILL "
        "from "
        "kill(200).");
  CHECK(judged(exited(143), 10, {}, around).summary ==
        "redis-server(100) ended by itself with exit status 143, not a SIGTERM.");
}

TEST_CASE("exit: lost events make certain likely", "[verdict]") {
  Surroundings around;
  around.lost = 3;
  CHECK(judged(exited(0), 10.3, {handled(SIGTERM, kAsker, 10)}, around).confidence == Confidence::likely);
}

TEST_CASE("exit: a process that passes a signal on comes in the chain after its sender", "[verdict]") {
  Surroundings around;
  auto sudo = make_process(250, "sudo");
  auto first = handled(SIGTERM, kAsker, 9.999);
  first.target = sudo;
  around.sent_to = [&](const Process& process, Time) { return process.pid == 250 ? &first : nullptr; };
  auto verdict = judged(exited(0), 10.3, {handled(SIGTERM, sudo, 10)}, around);
  CHECK(verdict.initiator == kAsker);
  REQUIRE(verdict.chain.size() == 3);
  CHECK(verdict.chain[0].process == kAsker);
  CHECK(verdict.chain[1].what == ChainStep::What::relay);
  CHECK(verdict.chain[1].process == sudo);
  CHECK(verdict.summary.english().find("from sudo(250), which had been sent SIGTERM 1 ms before by kill(200)") !=
        std::string::npos);
}

TEST_CASE("raised again: the first signal is the cause", "[verdict]") {
  auto raise = handled(SIGTERM, kServer, 10.2);
  raise.handled = false;
  raise.syscall->name = "tgkill";
  auto verdict = judged(SIGTERM, 10.2, {handled(SIGTERM, kAsker, 10), raise});
  CHECK(verdict.cause == Cause::kill);
  CHECK(verdict.killer == kAsker);
  CHECK(verdict.initiator == kAsker);
  CHECK(verdict.signal_seq == 10000);
  CHECK(verdict.confidence == Confidence::certain);
  REQUIRE(verdict.chain.size() == 2);
  CHECK(verdict.chain[1].what == ChainStep::What::handler);
  CHECK(verdict.chain[1].through == "tgkill(2)");
  CHECK(verdict.summary ==
        "redis-server(100) was killed by SIGTERM from kill(200); it handled it and raised it again 0.2 s later.");
  // Nobody began it.
  verdict = judged(SIGTERM, 10.2, {raise});
  CHECK(verdict.cause == Cause::self);
  CHECK(verdict.chain.empty());
  CHECK_FALSE(verdict.initiator);
  // Another number, long ago, or without a handler: no part of it.
  CHECK(judged(SIGTERM, 10.2, {handled(SIGHUP, kAsker, 10), raise}).cause == Cause::self);
  auto old = handled(SIGTERM, kAsker, 10);
  old.boot -= 1000 * kSecond;
  CHECK(judged(SIGTERM, 10.2, {old, raise}).cause == Cause::self);
}

TEST_CASE("raised again: a fault keeps its address", "[verdict]") {
  auto fault = from_kernel(SIGSEGV, 1, 10, "force_sig_fault,exc_page_fault");
  auto seen = std::make_shared<Circumstances>(*fault.seen);
  seen->address = 0x20;
  seen->instruction = 0x4011;
  seen->file = "redis-server";
  seen->place = 0x11;
  fault.seen = seen;
  auto raise = handled(SIGSEGV, kServer, 10.1);
  auto verdict = judged(SIGSEGV, 10.1, {fault, raise});
  CHECK(verdict.cause == Cause::fault);
  CHECK_FALSE(verdict.killer);
  CHECK(verdict.chain.empty());
  CHECK(verdict.summary.english().find("(SEGV_MAPERR) at address 0x20, in redis-server+0x11; it handled it") !=
        std::string::npos);
  // A stack that is used up has no room for the handler.
  auto forced = from_kernel(SIGSEGV, 0x80, 10, "signal_setup_done,arch_do_signal_or_restart");
  verdict = judged(SIGSEGV, 10, {fault, forced});
  CHECK(verdict.cause == Cause::fault);
  CHECK(verdict.summary.english().find("at address 0x20, in redis-server+0x11; its handler could not be started") !=
        std::string::npos);
}

TEST_CASE("a general protection fault has no address", "[verdict]") {
  auto fault = from_kernel(SIGSEGV, 0x80, 10, "force_sig,exc_general_protection");
  auto seen = std::make_shared<Circumstances>(*fault.seen);
  seen->instruction = 0x4011;
  fault.seen = seen;
  auto verdict = judged(SIGSEGV, 10, {fault});
  CHECK(verdict.cause == Cause::fault);
  CHECK(verdict.summary.english().find("address") == std::string::npos);
}

TEST_CASE("killed after a grace period: the first signal begins the chain, and why it did nothing is said",
          "[verdict]") {
  auto dropped = handled(SIGTERM, kAsker, 10);
  dropped.handled = false;
  dropped.result = SignalResult::ignored;
  auto kill = handled(SIGKILL, kAsker, 20);
  kill.handled = false;
  auto verdict = judged(SIGKILL, 20, {dropped, kill}, {}, 0, 1);
  CHECK(verdict.summary.english().find(
            "10.0 s after SIGTERM from it, which was dropped: it is pid 1 of its container") != std::string::npos);
  CHECK(verdict.chain.size() == 2);
  CHECK(verdict.initiator == kAsker);
  dropped.refused = true;
  verdict = judged(SIGKILL, 20, {dropped, kill}, {}, 0, 1);
  CHECK(verdict.summary.english().find("which it ignored") != std::string::npos);
  // Another one's SIGTERM need not belong to it.
  auto by_other = handled(SIGTERM, kOther, 10);
  verdict = judged(SIGKILL, 20, {by_other, kill});
  CHECK(verdict.initiator == kAsker);
  CHECK(verdict.chain.size() == 1);
}

TEST_CASE("kill: the target of the call, and how killer and victim are related", "[verdict]") {
  auto kill = handled(SIGKILL, kShell, 10);
  kill.syscall = Syscall{"kill", 0, -1, Aim::everyone};
  kill.handled = false;
  Surroundings around;
  around.parents = std::make_shared<std::vector<ProcessPtr>>(std::vector{kShell});
  auto verdict = judged(SIGKILL, 10, {kill}, around);
  CHECK(verdict.summary.english().find("from sh(190), its parent (kill(-1): everything that it may signal)") !=
        std::string::npos);
  kill.syscall = Syscall{"kill", 0, -4711, Aim::group};
  kill.ancestry = std::make_shared<std::vector<ProcessPtr>>(std::vector{kServer});
  around.parents = std::make_shared<std::vector<ProcessPtr>>();
  verdict = judged(SIGKILL, 10, {kill}, around);
  // Next to the sender's name: after its story it would belong to another process.
  CHECK(verdict.summary.english().find(", its child (kill(-4711): process group 4711)") != std::string::npos);
}

namespace {

/// Within a unit.
ProcessPtr of_unit(int pid, std::string comm, std::string unit) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = 5;
  process->comm = std::move(comm);
  process->cgroup = "/system.slice/" + unit;
  return process;
}

/// A child that SIGKILL ended.
Surroundings with_child(KilledChild child) {
  Surroundings around;
  around.killed_child = [child](int number) { return number == SIGKILL ? std::optional(child) : std::nullopt; };
  return around;
}

}  // namespace

TEST_CASE("exit: a status that is its child's has the story of what ended the child", "[verdict]") {
  auto signal = handled(SIGKILL, kAsker, 10);
  auto verdict = judged(exited(137), 10.1, {}, with_child({kOther, SIGKILL, &signal}));
  CHECK(verdict.summary ==
        "redis-server(100) ended with exit status 137, the status of its child other(300), "
        "killed by SIGKILL from kill(200).");
  REQUIRE(verdict.chain.size() == 1);
  CHECK(verdict.chain[0].process == kAsker);
  CHECK(verdict.chain[0].confidence == Confidence::likely);
  CHECK(verdict.initiator == kAsker);
  CHECK(verdict.cause == Cause::exit);
  auto other = judged(exited(1), 10.1, {}, with_child({kOther, SIGKILL, &signal}));
  CHECK(other.chain.empty());
}

TEST_CASE("exit: a process that kills itself by its child's signal has the story of the child's end", "[verdict]") {
  auto signal = handled(SIGKILL, kAsker, 10);
  auto own = handled(SIGKILL, kServer, 10.1);
  own.handled = false;
  auto verdict = judged(SIGKILL, 10.1, {own}, with_child({kOther, SIGKILL, &signal}));
  CHECK(verdict.cause == Cause::self);
  CHECK(verdict.summary ==
        "redis-server(100) killed itself with SIGKILL (kill(2) = 0), as its child ended: other(300), "
        "killed by SIGKILL from kill(200).");
  CHECK(verdict.initiator == kAsker);
}

TEST_CASE("exit: a status that is that of a child that the out-of-memory killer killed", "[verdict]") {
  KilledChild child{kOther, SIGKILL, nullptr, OomMark{static_cast<Time>(10 * 1e9), 300, kOther, nullptr}};
  auto verdict = judged(exited(137), 10.1, {}, with_child(child));
  CHECK(verdict.summary ==
        "redis-server(100) ended with exit status 137, the status of its child other(300), "
        "killed by SIGKILL from the kernel's out-of-memory killer.");
  REQUIRE(verdict.chain.size() == 1);
  CHECK(verdict.chain[0].what == ChainStep::What::limit);
  CHECK(verdict.chain[0].time == static_cast<Time>(10 * 1e9));
  CHECK_FALSE(verdict.initiator);
}

TEST_CASE("exit: a unit that the service manager stops after an out-of-memory kill in it", "[verdict]") {
  auto manager = std::make_shared<Process>(*make_process(1, "systemd"));
  auto server = of_unit(100, "server", "web.service");
  auto stop = handled(SIGTERM, manager, 10);
  stop.target = server;
  auto judge_with = [&](const ProcessPtr& victim, double at) {
    Surroundings around;
    around.oom_before = {OomMark{static_cast<Time>(at * 1e9), victim->pid, victim, nullptr}};
    SignalHistory history;
    history.add(stop, true);
    auto boot = static_cast<Time>(10.2 * 1e9);
    return judge({*server, exited(0), 0, boot, 0, boot, 0}, history, around);
  };
  auto verdict = judge_with(of_unit(101, "worker", "web.service"), 9.9);
  CHECK(verdict.summary.english().find(
            "which stops web.service, 0.1 s after the kernel's out-of-memory killer killed worker(101) in it") !=
        std::string::npos);
  REQUIRE(verdict.chain.size() == 3);
  CHECK(verdict.chain[0].what == ChainStep::What::limit);
  CHECK(verdict.chain[0].confidence == Confidence::likely);
  CHECK(verdict.chain[1].process == manager);
  CHECK(verdict.initiator == manager);
  CHECK(judge_with(of_unit(101, "worker", "other.service"), 9.9).chain.size() == 2);
  CHECK(judge_with(of_unit(101, "worker", "web.service"), 1).chain.size() == 2);
  CHECK(judge_with(of_unit(101, "worker", "web.service"), 10.1).chain.size() == 2);
}

TEST_CASE("exit: the status of a container's client is its container's", "[verdict]") {
  auto docker = make_process(100, "docker");
  auto verdict = judge({*docker, exited(137), 0, kSecond, 0, kSecond, 0}, {}, {});
  CHECK(verdict.cause == Cause::exit);
  CHECK(
      verdict.summary ==
      "docker(100) ended by itself with exit status 137 (128 + SIGKILL), the status of its container's process: to see "
      "who ended that, watch it with --container.");
}
