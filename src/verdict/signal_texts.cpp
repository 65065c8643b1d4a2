// Sources: signal(7); of the kernel where it says who sends what, the places named in verdict/causes.cpp.
#include "verdict/signal_texts.h"

#include <algorithm>
#include <csignal>

#include "base/phrase.h"

namespace stapkill {
namespace {

using Action = DefaultAction;

constexpr Cause kHup[] = {Cause::tty_hangup};
constexpr Cause kKeys[] = {Cause::tty_signal};
constexpr Cause kFault[] = {Cause::fault};
constexpr Cause kAbort[] = {Cause::self};
constexpr Cause kKill[] = {Cause::oom_memcg,   Cause::oom_global, Cause::kill,         Cause::pidfd,
                           Cause::cgroup_kill, Cause::pidns_exit, Cause::parent_death, Cause::sysrq,
                           Cause::rlimit_cpu,  Cause::seccomp,    Cause::tracer_exit,  Cause::bpf};
constexpr Cause kPipe[] = {Cause::sigpipe};
constexpr Cause kTimer[] = {Cause::timer};
constexpr Cause kTerm[] = {Cause::kill, Cause::pidfd, Cause::parent_death, Cause::sysrq};
constexpr Cause kCpu[] = {Cause::rlimit_cpu};
constexpr Cause kFileSize[] = {Cause::rlimit_fsize};
constexpr Cause kSys[] = {Cause::seccomp};

/// Causes that can send any signal.
constexpr Cause kAny[] = {Cause::kill, Cause::pidfd, Cause::sigqueue,     Cause::tkill,
                          Cause::self, Cause::bpf,   Cause::parent_death, Cause::timer};

constexpr SignalText kTexts[] = {
    {SIGHUP, SIGHUP, Action::terminate,
     msgid("The terminal has gone. Daemons have no terminal and use it for \"read your configuration again\"."),
     msgid("The kernel, when the terminal is hung up or the session's leader ends, and for stopped jobs that are left "
           "without a parent's care. A shell passes it on to its jobs with kill(2). Reload and log rotation scripts."),
     kHup},
    {SIGINT, SIGINT, Action::terminate, msgid("Interrupt: please stop now, asked at a terminal."),
     msgid("The kernel, for ^C, to the whole foreground process group. Test and CI runners and supervisors send it "
           "with kill(2)."),
     kKeys},
    {SIGQUIT, SIGQUIT, Action::core,
     msgid("Quit, and leave a core dump. A JVM prints its threads instead and goes on; a Go program prints its "
           "goroutines and exits with status 2."),
     msgid("The kernel, for ^\\ at the terminal. `docker stop` where the image names it as its STOPSIGNAL (nginx)."),
     kKeys},
    {SIGILL, SIGILL, Action::core, msgid("The CPU met an instruction that it does not know or must not run."),
     msgid("The kernel, for a fault of the program: built for a newer CPU (AVX-512), a jump into data, or a compiler's "
           "trap instruction."),
     kFault},
    {SIGTRAP, SIGTRAP, Action::core, msgid("A breakpoint or trace trap, and no debugger to handle it."),
     msgid("The kernel, for an int3 instruction or a hardware breakpoint. Some programs trap on purpose when an "
           "assertion fails (Chromium, Swift on ARM)."),
     kFault},
    {SIGABRT, SIGABRT, Action::core, msgid("The program gave up: abort(3)."),
     msgid("Nearly always the process itself: a failed assertion, a corrupted heap, an uncaught C++ exception, Node's "
           "heap limit. From outside: systemd, for a service that missed its watchdog (WatchdogSec=)."),
     kAbort},
    {SIGBUS, SIGBUS, Action::core, msgid("Mapped memory that cannot be accessed."),
     msgid("The kernel, for a fault of the program: a mapped file was made shorter, the disk or tmpfs below it is "
           "full, no huge page is left, a memory module is broken (BUS_MCEERR_AR)."),
     kFault},
    {SIGFPE, SIGFPE, Action::core,
     msgid("An arithmetic error. Despite its name most often an integer division by zero."),
     msgid("The kernel, for a fault of the program."), kFault},
    {SIGKILL, SIGKILL, Action::terminate,
     msgid("Ends a process at once. The process cannot catch it or clean up, and leaves no core dump. A process that "
           "waits in the kernel (state D) ends when that wait is over."),
     msgid("The kernel's out-of-memory killer; `kill -9`; service managers and container runtimes when SIGTERM did not "
           "help in time (docker stop: 10 s, Kubernetes: 30 s, systemd: 90 s); and the kernel, for the other causes "
           "listed here."),
     kKill},
    {SIGUSR1,
     SIGUSR1,
     Action::terminate,
     msgid("The program's own meaning: dump statistics, reopen logs, reload."),
     msgid("Scripts and operators. It kills a program that has no handler for it, or not yet: one that is just "
           "starting."),
     {}},
    {SIGSEGV, SIGSEGV, Action::core, msgid("The program used an address that it has no right to."),
     msgid("The kernel, for a fault of the program: a null pointer, freed memory, a stack that overflowed."), kFault},
    {SIGUSR2,
     SIGUSR2,
     Action::terminate,
     msgid("The program's own meaning, as with SIGUSR1."),
     msgid("Scripts and operators. It kills a program that has no handler for it, or not yet: one that is just "
           "starting."),
     {}},
    {SIGPIPE, SIGPIPE, Action::terminate, msgid("It wrote to a pipe or socket that nobody reads any more."),
     msgid("The kernel, in the process's own write. Python, Rust and JVM programs do not die of it; Go programs only "
           "when it was their standard output or error."),
     kPipe},
    {SIGALRM, SIGALRM, Action::terminate, msgid("A timer of its own ran out: alarm(2) or setitimer(2)."),
     msgid("The kernel, because the program (or what started it: a timer outlives exec) asked for it."), kTimer},
    {SIGTERM, SIGTERM, Action::terminate,
     msgid("Please end. The polite way: a program can catch it, clean up and exit. The pid 1 of a container ignores it "
           "unless it has a handler."),
     msgid("kill without an option, systemd, docker stop, the kubelet, timeout(1), a machine that shuts down."), kTerm},
    {SIGSTKFLT,
     SIGSTKFLT,
     Action::terminate,
     msgid("Not used by the kernel."),
     msgid("Only programs that send it on purpose."),
     {}},
    {SIGCHLD,
     SIGCHLD,
     Action::ignore,
     msgid("A child ended, stopped or went on."),
     msgid("The kernel, to the parent. It ends no process."),
     {}},
    {SIGCONT,
     SIGCONT,
     Action::resume,
     msgid("Go on after a stop."),
     msgid("Shells (fg, bg), `kill -CONT`; systemd and the kernel send it beside SIGTERM or SIGHUP, so that a stopped "
           "process gets those."),
     {}},
    {SIGSTOP,
     SIGSTOP,
     Action::stop,
     msgid("Stop until SIGCONT comes. The process is not dead, only frozen (state T)."),
     msgid("`kill -STOP`, debuggers, tools that freeze a process for a while."),
     {}},
    {SIGTSTP,
     SIGTSTP,
     Action::stop,
     msgid("Stop, asked at the terminal."),
     msgid("The kernel, for ^Z. `fg` or `kill -CONT PID` lets it go on."),
     {}},
    {SIGTTIN,
     SIGTTIN,
     Action::stop,
     msgid("A background job wanted to read from the terminal."),
     msgid("The kernel. Give the job `</dev/null`, or bring it to the foreground with fg."),
     {}},
    {SIGTTOU,
     SIGTTOU,
     Action::stop,
     msgid("A background job wanted to write to the terminal (stty tostop) or change it."),
     msgid("The kernel. Send its output to a file, or bring it to the foreground with fg."),
     {}},
    {SIGURG,
     SIGURG,
     Action::ignore,
     msgid("Urgent data on a socket. Go's scheduler uses it inside its own process, often."),
     msgid("The kernel; Go programs to their own threads. It ends no process."),
     {}},
    {SIGXCPU, SIGXCPU, Action::core, msgid("The CPU time limit was reached."),
     msgid("The kernel, at the soft RLIMIT_CPU, or RLIMIT_RTTIME for a real-time thread that never waits. Batch "
           "systems send it too."),
     kCpu},
    {SIGXFSZ, SIGXFSZ, Action::core, msgid("A file was about to become larger than the limit allows."),
     msgid("The kernel, in the process's own write or truncate, at RLIMIT_FSIZE."), kFileSize},
    {SIGVTALRM, SIGVTALRM, Action::terminate,
     msgid("A timer that counts the process's own CPU time in user mode ran out."),
     msgid("The kernel, because the program asked with setitimer(2)."), kTimer},
    {SIGPROF, SIGPROF, Action::terminate, msgid("A profiling timer ran out."),
     msgid("The kernel, because a profiler in the program asked with setitimer(2) or timer_create(2)."), kTimer},
    {SIGWINCH,
     SIGWINCH,
     Action::ignore,
     msgid("The terminal window changed its size."),
     msgid("The kernel. It ends no process by default; Apache and nginx's workers stop gracefully on it."),
     {}},
    {SIGIO,
     SIGIO,
     Action::terminate,
     msgid("Input or output is possible now on a descriptor with O_ASYNC."),
     msgid("The kernel, while some task does input or output that has nothing to do with the death. The program asked "
           "for it with fcntl(2) and had no handler."),
     {}},
    {SIGPWR,
     SIGPWR,
     Action::terminate,
     msgid("Power is failing."),
     msgid("UPS daemons, to init; LXC, to ask a container's init to shut down; some garbage collectors, to their own "
           "threads."),
     {}},
    {SIGSYS, SIGSYS, Action::core, msgid("A forbidden system call."),
     msgid("The kernel, for a seccomp filter: systemd's SystemCallFilter=, a sandbox, a container profile that kills."),
     kSys},
    {32,
     33,
     Action::terminate,
     msgid("A real-time signal that glibc keeps for itself: cancelling threads, changing ids."),
     msgid("The C library, to threads of its own process."),
     {}},
    {34, 64, Action::terminate,
     msgid("A real-time signal: the program's own meaning. Each one sent is delivered, with a value. Numbers are as "
           "glibc counts: SIGRTMIN is 34."),
     msgid("Programs that call sigqueue(3), kill(1), and the kernel for timers, message queues and asynchronous I/O of "
           "the program's own."),
     kTimer},
};

}  // namespace

std::string_view describe(DefaultAction action) {
  switch (action) {
    case Action::terminate:
      return msgid("ends the process");
    case Action::core:
      return msgid("ends the process, with a core dump where those are allowed");
    case Action::stop:
      return msgid("stops the process; it lives on");
    case Action::resume:
      return msgid("lets a stopped process go on; else nothing");
    case Action::ignore:
      break;
  }
  return msgid("nothing: it is ignored");
}

const SignalText* signal_text(int number) {
  const auto* at = std::find_if(std::begin(kTexts), std::end(kTexts),
                                [&](const SignalText& text) { return text.number <= number && number <= text.last; });
  return at == std::end(kTexts) ? nullptr : at;
}

bool can_be_caught(int number) {
  return number != SIGKILL && number != SIGSTOP;
}

bool ends_process(const SignalText& text) {
  return text.action == Action::terminate || text.action == Action::core;
}

std::vector<Cause> causes_behind(int number) {
  const auto* text = signal_text(number);
  if (!text || !ends_process(*text)) return {};
  std::vector<Cause> causes(text->own_causes.begin(), text->own_causes.end());
  for (Cause cause : kAny) {
    if (std::find(causes.begin(), causes.end(), cause) == causes.end()) causes.push_back(cause);
  }
  return causes;
}

}  // namespace stapkill
