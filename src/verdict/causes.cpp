// Sources: kernel functions are those of Linux 5.10 to 6.18.
#include "verdict/causes.h"

#include <strings.h>

#include <array>
#include <csignal>

#include "base/phrase.h"

namespace stapkill {
namespace {

constexpr int kAny[] = {SIGTERM, SIGKILL, SIGINT, SIGHUP, SIGQUIT, SIGABRT, SIGUSR1, SIGUSR2};
constexpr int kThread[] = {SIGKILL, SIGTERM, SIGABRT, SIGINT};
constexpr int kSelf[] = {SIGABRT, SIGTERM, SIGKILL, SIGINT, SIGQUIT};
constexpr int kFault[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
constexpr int kPipe[] = {SIGPIPE};
constexpr int kTimer[] = {SIGALRM, SIGPROF, SIGVTALRM};
constexpr int kCpu[] = {SIGXCPU, SIGKILL};
constexpr int kFileSize[] = {SIGXFSZ};
constexpr int kSeccomp[] = {SIGSYS, SIGKILL};
constexpr int kKill[] = {SIGKILL};
constexpr int kParent[] = {SIGKILL, SIGTERM, SIGHUP, SIGINT};
constexpr int kKeys[] = {SIGINT, SIGQUIT};
constexpr int kHangup[] = {SIGHUP};
constexpr int kSysrq[] = {SIGTERM, SIGKILL};
constexpr int kBpf[] = {SIGKILL, SIGTERM};

constexpr std::array kTexts = {
    CauseText{Cause::exit,
              msgid("it ended by itself: it returned from main or called exit"),
              msgid("Nobody. The process chose its exit status itself."),
              msgid("The kernel's wait status says \"exited\", not \"signalled\". An exit status of 137 or 143 is then "
                    "only a number: often the status of a child of its own that a signal killed."),
              {{{{msgid("see what the number can mean"), "stapkill explain STATUS"},
                 {msgid("read the last lines that it logged"), "journalctl -u UNIT -n 50"},
                 {msgid("if it is a shell or a wrapper, watch what it starts as well"),
                  "stapkill watch --pid PID --children --until-death"}}}},
              {}},
    CauseText{Cause::kill,
              msgid("another process called kill(2) on it, on its process group, or on every process"),
              msgid("A person or a script with kill, pkill or killall; a service manager or a container runtime that "
                    "stops or restarts it; a shell that ends and passes SIGHUP on to its jobs."),
              msgid("The signal was generated inside the sender's kill system call. The sender is the task that made "
                    "the call, so it is certain, even if it has ended since."),
              {{{{msgid("read who it was: command line, parents and working directory are in the report"), ""},
                 {msgid("if systemd is among the parents, ask why it stopped the unit"), "journalctl -u UNIT -n 50"},
                 {msgid("if it is systemd-oomd, memory was short"), "journalctl -u systemd-oomd -n 20"},
                 {msgid("if it can happen again, watch for it by signal"),
                  "stapkill watch --name NAME --signal KILL,TERM"}}}},
              kAny},
    CauseText{Cause::tkill,
              msgid("another process called tkill(2) or tgkill(2) on one of its threads"),
              msgid("Debuggers, tracers and checkpoint tools, which work thread by thread. A signal that kills one "
                    "thread this way ends the whole process."),
              msgid("The signal was generated inside the sender's tkill or tgkill system call; si_code is SI_TKILL. "
                    "The same call from inside the process is cause self."),
              {{{{msgid("read who it was: command line and parents are in the report"), ""},
                 {msgid("see whether something traces the process (TracerPid is not 0)"),
                  "grep TracerPid /proc/PID/status"}}}},
              kThread},
    CauseText{Cause::sigqueue,
              msgid("another process queued the signal with rt_sigqueueinfo(2) or rt_tgsigqueueinfo(2)"),
              msgid("Programs that call sigqueue(3), which sends a value with the signal: supervisors, `kill -q`, "
                    "`systemctl kill` with --kill-value."),
              msgid("The signal was generated inside that system call. The sender sets the pid and uid in the siginfo "
                    "and can lie; stapkill names the task that made the call."),
              {{{{msgid("read who it was: command line and parents are in the report"), ""},
                 {msgid("do not trust the si_pid in the program's own log"), ""}}}},
              kAny},
    CauseText{Cause::pidfd,
              msgid("another process signalled it through a pidfd, with pidfd_send_signal(2)"),
              msgid("Recent systemd, programs built with Go 1.23 or later (many container tools), and others that must "
                    "never signal a reused pid."),
              msgid("The signal was generated inside the sender's pidfd_send_signal system call. si_code is SI_USER, "
                    "as with kill(2), so only the system call distinguishes them."),
              {{{{msgid("read who it was: command line and parents are in the report"), ""},
                 {msgid("if it is systemd, ask why it stopped the unit"), "journalctl -u UNIT -n 50"},
                 {msgid("if it is a container runtime, see what stopped the container"),
                  "docker events --since 1h --until 0s --filter type=container"}}}},
              kAny},
    CauseText{Cause::self,
              msgid("it signalled itself: abort(3), raise(3) or kill(2) with its own pid"),
              msgid("The process: a failed assertion, a corrupted heap that libc found, an uncaught C++ exception, a "
                    "runtime's fatal error. Some programs clean up on SIGTERM and then raise it again on themselves."),
              msgid("Sender and target are the same process, and the signal was generated inside its own system call."),
              {{{{msgid("read the last lines on its standard error: abort nearly always says why"),
                  "journalctl -u UNIT -n 50"},
                 {msgid("get the stack from the core dump: bt in the debugger"), "coredumpctl debug PID"},
                 {msgid("for SIGTERM, SIGINT and SIGHUP look at who sent the first one; the report lists it"), ""}}}},
              kSelf},
    CauseText{
        Cause::fault,
        msgid("its own code made a CPU fault: a bad memory access, a bad instruction or an arithmetic error"),
        msgid("The CPU, by way of the kernel. The reason is in the program, or in its memory, files or hardware."),
        msgid("The si_code is a fault's (SEGV_MAPERR, BUS_ADRERR, FPE_INTDIV, ...) and the kernel forced the signal "
              "while this very process ran. The same signal sent with kill(2) has SI_USER and a sender."),
        {{{{msgid("get the stack from the core dump: bt in the debugger"), "coredumpctl debug PID"},
           {msgid("see what the kernel noted: address and library"),
            "dmesg -T | grep -E 'segfault|trap|general protection'"},
           {msgid("for SIGBUS look for a full disk, or a mapped file that was made shorter"), "df -h"},
           {msgid("different programs that crash at random: test the memory; look for hardware errors"),
            "dmesg -T | grep -iE 'mce|hardware error'"}}}},
        kFault},
    CauseText{
        Cause::sigpipe,
        msgid("it wrote to a pipe or socket that nobody reads any more"),
        msgid("The kernel, in the writer's own write or send call. The reader has closed its end: `head` that had "
              "enough, a client that hung up, a log collector that restarted."),
        msgid(
            "SIGPIPE generated while the process was in a system call that writes, not in one that sends signals "
            "(pipe_write, unix_stream_sendmsg, sk_stream_error). si_code is SI_USER, as if it had sent it to itself."),
        {{{{msgid("in a pipeline like `cmd | head` this is normal: do nothing"), ""},
           {msgid("in a server, ignore SIGPIPE or send with MSG_NOSIGNAL, and handle EPIPE"), ""},
           {msgid("find out what the reader was, and why it ended first"),
            "stapkill watch --name READER --until-death"}}}},
        kPipe},
    CauseText{Cause::timer,
              msgid("a timer of its own ran out: alarm(2), setitimer(2) or timer_create(2)"),
              msgid("The kernel, because the program asked for it: a built-in time limit, or a profiler."),
              msgid("Generated from a timer interrupt or the task's own CPU accounting (it_real_fn, posix_timer_fn, "
                    "posix_cpu_timers_work), with SI_KERNEL or SI_TIMER, and no system call that sends signals. The "
                    "task that happened to run then has nothing to do with it."),
              {{{{msgid("find who set the timer"), "strace -f -e trace=alarm,setitimer,timer_settime -p PID"},
                 {msgid("look for a limit in its options or script (perl's alarm, a test runner's timeout)"), ""},
                 {msgid("SIGPROF without a handler: a profiler removed its handler before its timer ended"), ""}}}},
              kTimer},
    CauseText{Cause::rlimit_cpu,
              msgid("it used up its CPU time limit, RLIMIT_CPU (`ulimit -t`, LimitCPU=)"),
              msgid("The kernel: SIGXCPU at the soft limit and after each further second of CPU time, SIGKILL at the "
                    "hard limit."),
              msgid("The kernel generated it while this process ran, in its CPU time accounting "
                    "(posix_cpu_timers_work), and the CPU time it had used had reached the limit."),
              {{{{msgid("see the limit of a running process"), "grep 'cpu time' /proc/PID/limits"},
                 {msgid("find where it is set"), "grep -rs cpu /etc/security/limits.conf /etc/security/limits.d"},
                 {msgid("for a service"), "systemctl show UNIT -p LimitCPU -p LimitCPUSoft"},
                 {msgid("if the CPU use is not expected, see what it computes"), "perf top -p PID"}}}},
              kCpu},
    CauseText{Cause::rlimit_fsize,
              msgid("it tried to make a file larger than its limit, RLIMIT_FSIZE (`ulimit -f`, LimitFSIZE=)"),
              msgid("The kernel, in the process's own write or truncate call."),
              msgid("SIGXFSZ generated while the process was in a system call that writes or resizes a file, not in "
                    "one that sends signals. si_code is SI_USER, as if it had sent it to itself."),
              {{{{msgid("see the limit of a running process"), "grep 'file size' /proc/PID/limits"},
                 {msgid("for a service"), "systemctl show UNIT -p LimitFSIZE"},
                 {msgid("raise the limit, or rotate the file that grew"), "find DIR -size +1G -mtime -1"}}}},
              kFileSize},
    CauseText{
        Cause::seccomp,
        msgid("it made a system call that its seccomp filter, or strict mode, forbids"),
        msgid("The kernel, by the process's own filter: systemd's SystemCallFilter=, a browser's or ssh's sandbox, a "
              "container profile. (Docker's default profile refuses calls with an error; it does not kill.)"),
        msgid("SIGSYS with si_code SYS_SECCOMP while the process ran. Strict mode ends it with SIGKILL and no signal "
              "is generated; nor need there be one where a filter kills the calling thread alone."),
        {{{{msgid("find the system call's number in the kernel's log"), "journalctl -k | grep 'type=1326'"},
           {msgid("where auditd runs, ask it instead"), "ausearch -m SECCOMP -ts recent"},
           {msgid("turn the number into a name"), "ausyscall NUMBER"},
           {msgid("for a service, see the filter and allow that call"), "systemctl show UNIT -p SystemCallFilter"},
           {msgid("after a library update a program may use calls that an old filter does not know: update both"),
            ""}}}},
        kSeccomp},
    CauseText{
        Cause::oom_global,
        msgid("the machine ran out of memory and the kernel's out-of-memory killer chose it"),
        msgid("The kernel. It takes the process with the highest score: memory used, shifted by oom_score_adj. That "
              "may be neither the process that asked for memory last nor the one that leaks."),
        msgid("SIGKILL from the kernel inside out_of_memory, not reached through mem_cgroup_out_of_memory, and a "
              "mark_victim event for the process. The task that ran then only happened to need memory."),
        {{{{msgid("read what the kernel wrote: the table of all processes with their memory"),
            "journalctl -k | grep -A40 'invoked oom-killer'"},
           {msgid("see what uses memory now"), "ps -eo pid,rss,comm --sort=-rss | head"},
           {msgid("give leaking services a limit of their own"), "systemctl set-property UNIT MemoryMax=2G"},
           {msgid("see how likely it is to be chosen (-1000: never)"), "systemctl show UNIT -p OOMScoreAdjust"}}}},
        kKill},
    CauseText{
        Cause::oom_memcg,
        msgid("its memory cgroup's limit was reached and the kernel's out-of-memory killer chose it"),
        msgid("The kernel. The limit is that of its container, pod or service, or of a cgroup above; the machine can "
              "have plenty of free memory. With memory.oom.group it kills the whole group."),
        msgid("SIGKILL from the kernel with mem_cgroup_out_of_memory on its stack, or oom_kill_memcg_member for the "
              "others of the group, and a mark_victim event for the chosen one."),
        {{{{msgid("see the limit, and how often it was hit (cgroup v1: memory.limit_in_bytes, memory.oom_control)"),
            "cd /sys/fs/cgroup/CGROUP && cat memory.max memory.events"},
           {msgid("in Kubernetes: reason OOMKilled; then raise resources.limits.memory"), "kubectl describe pod POD"},
           {msgid("in docker"), "docker inspect -f '{{.State.OOMKilled}} {{.HostConfig.Memory}}' CONTAINER"},
           {msgid("for a service"), "systemctl show UNIT -p MemoryMax -p MemoryPeak -p Result"},
           {msgid("raise the limit, or find the leak; JVM, Node and Go have heap limits of their own to set below it"),
            ""}}}},
        kKill},
    CauseText{Cause::cgroup_kill,
              msgid("a process wrote to its cgroup's cgroup.kill, which kills all that is in the cgroup"),
              msgid("The process that wrote the file: a container runtime (runc, crun, LXC), `systemctl kill "
                    "--signal=KILL`, or a script. (systemd-oomd kills process by process: cause kill or pidfd.)"),
              msgid("SIGKILL generated while the writer was in a write call, with cgroup_kill_write on the kernel's "
                    "stack. si_code is SI_USER, as with kill(2). Linux 5.14 or later, cgroup v2."),
              {{{{msgid("read who it was: command line and parents are in the report"), ""},
                 {msgid("if it was a container runtime, see what stopped the container"),
                  "docker events --since 1h --until 0s --filter type=container"},
                 {msgid("if it was systemd, see why the unit was stopped"), "journalctl -u UNIT -n 50"}}}},
              kKill},
    CauseText{Cause::parent_death,
              msgid("its parent ended, and it had asked to be signalled then (PR_SET_PDEATHSIG)"),
              msgid("The kernel, for the dying parent. Programs that ask for it: bubblewrap --die-with-parent, setpriv "
                    "--pdeath-signal, Go's Pdeathsig, many sandboxes and supervisors."),
              msgid("Generated by the parent while it exits, in no system call that sends signals, with exactly the "
                    "number that the process had set. si_code is SI_USER, as with kill(2)."),
              {{{{msgid("ask why the parent ended: watch it"), "stapkill watch --name PARENT --until-death"},
                 {msgid("the end of the thread that forked is enough: in Go lock that goroutine to its thread "
                        "(runtime.LockOSThread)"),
                  ""},
                 {msgid("see who sets it"), "strace -f -e trace=prctl -p PARENT_PID"}}}},
              kParent},
    CauseText{
        Cause::pidns_exit,
        msgid("the init (pid 1) of its pid namespace ended, and the kernel then kills all others in it"),
        msgid(
            "The kernel, for the dying init: nearly always a container whose main process ended, or `unshare --pid`."),
        msgid("SIGKILL from the kernel while that init exits, with zap_pid_ns_processes on its stack. The real "
              "question is why the init ended."),
        {{{{msgid("see why the container's main process ended"), "docker inspect -f '{{json .State}}' CONTAINER"},
           {msgid("in Kubernetes"), "kubectl logs POD --previous"},
           {msgid("next time watch the init itself"), "stapkill watch --pid INIT_PID --until-death"},
           {msgid("if its children must end cleanly, let the init pass SIGTERM on and wait for them"), ""}}}},
        kKill},
    CauseText{
        Cause::tty_signal,
        msgid("somebody pressed ^C or ^\\ on its terminal"),
        msgid("A person at the terminal, or a program at the other end of a pseudo-terminal (ssh, tmux, expect, a CI "
              "runner). The kernel sends it to the whole foreground process group."),
        msgid("SIGINT or SIGQUIT from the kernel (SI_KERNEL) with the terminal's isig function on the stack, often in "
              "a kernel thread. It names no sender, since a key has no pid."),
        {{{{msgid("nothing is wrong if it was intended; else see who was logged in"), "last -n 10"},
           {msgid("keep a long job away from the terminal's keys"), "setsid nohup COMMAND </dev/null >LOG 2>&1 &"},
           {msgid("or make it a unit"), "systemd-run --unit=NAME COMMAND"}}}},
        kKeys},
    CauseText{
        Cause::tty_hangup,
        msgid("its terminal was hung up: the connection, the window or the session ended"),
        msgid("The kernel, when a terminal's other end closes (sshd, a terminal window, tmux, screen, a serial line) "
              "or when the session's leader ends. The killer is the process that closed it, if one did."),
        msgid("SIGHUP from the kernel (SI_KERNEL) with __tty_hangup or disassociate_ctty on the stack. SIGHUP that a "
              "shell passes on to its jobs is cause kill."),
        {{{{msgid("run what must outlive the login in tmux, or as a unit"), "systemd-run --user --unit=NAME COMMAND"},
           {msgid("or detach it"), "setsid nohup COMMAND </dev/null >LOG 2>&1 &"},
           {msgid("see whether the connection was lost"), "journalctl -t sshd -n 20"}}}},
        kHangup},
    CauseText{Cause::tracer_exit,
              msgid("its tracer ended, and had asked that its tracees die with it (PTRACE_O_EXITKILL)"),
              msgid("The kernel, for the dying tracer: `strace --kill-on-exit`, sandboxes and debuggers that trace "
                    "what they run."),
              msgid("SIGKILL from the kernel while the tracer exits, with exit_ptrace on its stack."),
              {{{{msgid("ask why the tracer ended: watch it"), "stapkill watch --name TRACER --until-death"},
                 {msgid("see what traces a running process"), "grep TracerPid /proc/PID/status"}}}},
              kKill},
    CauseText{Cause::sysrq,
              msgid("somebody used SysRq to end every process (e: SIGTERM, i: SIGKILL) or to call the OOM killer (f)"),
              msgid("A person at the console's keyboard, or a root process that wrote to /proc/sysrq-trigger: panic "
                    "and fencing scripts, watchdogs, chaos tests."),
              msgid("Signals from the kernel with send_sig_all or moom_callback on the stack. A write of e or i to the "
                    "trigger file shows the writer; a key shows nobody."),
              {{{{msgid("see the kernel's own line about it"), "journalctl -k | grep -i sysrq"},
                 {msgid("see which keys are allowed (root may always write the file)"), "cat /proc/sys/kernel/sysrq"},
                 {msgid("look for scripts and agents that use it"), "grep -rsl sysrq-trigger /etc /usr/local /opt"}}}},
              kSysrq},
    CauseText{Cause::bpf,
              msgid("a BPF program sent the signal (bpf_send_signal)"),
              msgid("The program's owner: a security agent that enforces a policy (Tetragon's Sigkill action), or a "
                    "bpftrace script with signal()."),
              msgid("Generated with bpf_send_signal on the kernel's stack and no system call that sends signals. It "
                    "can come late, from an interrupt (do_bpf_send_signal); then the task that ran is unrelated. The "
                    "kernel does not say which program it was."),
              {{{{msgid("list the BPF programs that are loaded, with their owners"), "bpftool prog show"},
                 {msgid("read the security agent's log for the policy that matched"),
                  "kubectl logs -n kube-system ds/tetragon -c export-stdout --since=10m"}}}},
              kBpf},
    CauseText{
        Cause::unknown,
        msgid("none of the known causes could be shown"),
        msgid("Not known. stapkill does not guess."),
        msgid("The evidence did not fit any other cause: the signal was generated before the probes were live, events "
              "were lost, or the kernel did it in a way that is not recognised."),
        {{{{msgid("read the evidence: it lists what was seen"), "stapkill watch --verbose --pid PID --until-death"},
           {msgid("look for lost events in the summary; then give a larger buffer or fewer targets"), ""},
           {msgid("read what the kernel wrote at that time"), "journalctl -k --since '10 min ago'"},
           {msgid("check that this host can trace"), "stapkill doctor"}}}},
        {}},
};

static_assert(kTexts.size() == static_cast<std::size_t>(Cause::unknown) + 1, "a row for each cause");
static_assert(
    [] {
      for (std::size_t at = 0; at < kTexts.size(); ++at) {
        if (static_cast<std::size_t>(kTexts[at].cause) != at) return false;
      }
      return true;
    }(),
    "in the order of the enum");

}  // namespace

const CauseText& text_of(Cause cause) {
  return kTexts[static_cast<std::size_t>(cause)];
}

std::span<const CauseText> cause_texts() {
  return kTexts;
}

std::optional<Cause> parse_cause(std::string_view name) {
  for (const auto& row : kTexts) {
    auto own = name_of(row.cause);
    if (own.size() == name.size() && ::strncasecmp(own.data(), name.data(), name.size()) == 0) return row.cause;
  }
  return std::nullopt;
}

}  // namespace stapkill
