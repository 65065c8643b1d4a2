// Sources: kernel functions are those of Linux 5.10 to 6.18.
#include "verdict/causes.h"

#include <strings.h>

#include <array>
#include <csignal>

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
    CauseText{
        Cause::exit,
        "it ended by itself: it returned from main or called exit",
        "Nobody. The process chose its exit status itself.",
        "The kernel's wait status says \"exited\", not \"signalled\". An exit status of 137 or 143 is then only a "
        "number: often the status of a child of its own that a signal killed.",
        {{{{"see what the number can mean", "stapkill explain STATUS"},
           {"read the last lines that it logged", "journalctl -u UNIT -n 50"},
           {"if it is a shell or a wrapper, watch what it starts as well",
            "stapkill watch --pid PID --children --until-death"}}}},
        {}},
    CauseText{
        Cause::kill,
        "another process called kill(2) on it, on its process group, or on every process",
        "A person or a script with kill, pkill or killall; a service manager or a container runtime that stops or "
        "restarts it; a shell that ends and passes SIGHUP on to its jobs.",
        "The signal was generated inside the sender's kill system call. The sender is the task that made the call, "
        "so it is certain, even if it has ended since.",
        {{{{"read who it was: command line, parents and working directory are in the report", ""},
           {"if systemd is among the parents, ask why it stopped the unit", "journalctl -u UNIT -n 50"},
           {"if it is systemd-oomd, memory was short", "journalctl -u systemd-oomd -n 20"},
           {"if it can happen again, watch for it by signal", "stapkill watch --name NAME --signal KILL,TERM"}}}},
        kAny},
    CauseText{
        Cause::tkill,
        "another process called tkill(2) or tgkill(2) on one of its threads",
        "Debuggers, tracers and checkpoint tools, which work thread by thread. A signal that kills one thread "
        "this way ends the whole process.",
        "The signal was generated inside the sender's tkill or tgkill system call; si_code is SI_TKILL. The same "
        "call from inside the process is cause self.",
        {{{{"read who it was: command line and parents are in the report", ""},
           {"see whether something traces the process (TracerPid is not 0)", "grep TracerPid /proc/PID/status"}}}},
        kThread},
    CauseText{Cause::sigqueue,
              "another process queued the signal with rt_sigqueueinfo(2) or rt_tgsigqueueinfo(2)",
              "Programs that call sigqueue(3), which sends a value with the signal: supervisors, `kill -q`, `systemctl "
              "kill` with "
              "--kill-value.",
              "The signal was generated inside that system call. The sender sets the pid and uid in the siginfo and "
              "can lie; stapkill names the task that made the call.",
              {{{{"read who it was: command line and parents are in the report", ""},
                 {"do not trust the si_pid in the program's own log", ""}}}},
              kAny},
    CauseText{Cause::pidfd,
              "another process signalled it through a pidfd, with pidfd_send_signal(2)",
              "Recent systemd, programs built with Go 1.23 or later (many container tools), and others that must never "
              "signal a reused pid.",
              "The signal was generated inside the sender's pidfd_send_signal system call. si_code is SI_USER, as with "
              "kill(2), so only the system call distinguishes them.",
              {{{{"read who it was: command line and parents are in the report", ""},
                 {"if it is systemd, ask why it stopped the unit", "journalctl -u UNIT -n 50"},
                 {"if it is a container runtime, see what stopped the container",
                  "docker events --since 1h --until 0s --filter type=container"}}}},
              kAny},
    CauseText{
        Cause::self,
        "it signalled itself: abort(3), raise(3) or kill(2) with its own pid",
        "The process: a failed assertion, a corrupted heap that libc found, an uncaught C++ exception, a runtime's "
        "fatal error. Some programs clean up on SIGTERM and then raise it again on themselves.",
        "Sender and target are the same process, and the signal was generated inside its own system call.",
        {{{{"read the last lines on its standard error: abort nearly always says why", "journalctl -u UNIT -n 50"},
           {"get the stack from the core dump: bt in the debugger", "coredumpctl debug PID"},
           {"for SIGTERM, SIGINT and SIGHUP look at who sent the first one; the report lists it", ""}}}},
        kSelf},
    CauseText{
        Cause::fault,
        "its own code made a CPU fault: a bad memory access, a bad instruction or an arithmetic error",
        "The CPU, by way of the kernel. The reason is in the program, or in its memory, files or hardware.",
        "The si_code is a fault's (SEGV_MAPERR, BUS_ADRERR, FPE_INTDIV, ...) and the kernel forced the signal while "
        "this very process ran. The same signal sent with kill(2) has SI_USER and a sender.",
        {{{{"get the stack from the core dump: bt in the debugger", "coredumpctl debug PID"},
           {"see what the kernel noted: address and library", "dmesg -T | grep -E 'segfault|trap|general protection'"},
           {"for SIGBUS look for a full disk, or a mapped file that was made shorter", "df -h"},
           {"different programs that crash at random: test the memory; look for hardware errors",
            "dmesg -T | grep -iE 'mce|hardware error'"}}}},
        kFault},
    CauseText{
        Cause::sigpipe,
        "it wrote to a pipe or socket that nobody reads any more",
        "The kernel, in the writer's own write or send call. The reader has closed its end: `head` that had "
        "enough, a client that hung up, a log collector that restarted.",
        "SIGPIPE generated while the process was in a system call that writes, not in one that sends signals "
        "(pipe_write, unix_stream_sendmsg, sk_stream_error). si_code is SI_USER, as if it had sent it to itself.",
        {{{{"in a pipeline like `cmd | head` this is normal: do nothing", ""},
           {"in a server, ignore SIGPIPE or send with MSG_NOSIGNAL, and handle EPIPE", ""},
           {"find out what the reader was, and why it ended first", "stapkill watch --name READER --until-death"}}}},
        kPipe},
    CauseText{
        Cause::timer,
        "a timer of its own ran out: alarm(2), setitimer(2) or timer_create(2)",
        "The kernel, because the program asked for it: a built-in time limit, or a profiler.",
        "Generated from a timer interrupt or the task's own CPU accounting (it_real_fn, posix_timer_fn, "
        "posix_cpu_timers_work), with SI_KERNEL or SI_TIMER, and no system call that sends signals. The task that "
        "happened to run then has nothing to do with it.",
        {{{{"find who set the timer", "strace -f -e trace=alarm,setitimer,timer_settime -p PID"},
           {"look for a limit in its options or script (perl's alarm, a test runner's timeout)", ""},
           {"SIGPROF without a handler: a profiler removed its handler before its timer ended", ""}}}},
        kTimer},
    CauseText{
        Cause::rlimit_cpu,
        "it used up its CPU time limit, RLIMIT_CPU (`ulimit -t`, LimitCPU=)",
        "The kernel: SIGXCPU at the soft limit and after each further second of CPU time, SIGKILL at the hard limit.",
        "The kernel generated it while this process ran, in its CPU time accounting (posix_cpu_timers_work), and "
        "the CPU time it had used had reached the limit.",
        {{{{"see the limit of a running process", "grep 'cpu time' /proc/PID/limits"},
           {"find where it is set", "grep -rs cpu /etc/security/limits.conf /etc/security/limits.d"},
           {"for a service", "systemctl show UNIT -p LimitCPU -p LimitCPUSoft"},
           {"if the CPU use is not expected, see what it computes", "perf top -p PID"}}}},
        kCpu},
    CauseText{Cause::rlimit_fsize,
              "it tried to make a file larger than its limit, RLIMIT_FSIZE (`ulimit -f`, LimitFSIZE=)",
              "The kernel, in the process's own write or truncate call.",
              "SIGXFSZ generated while the process was in a system call that writes or resizes a file, not in one that "
              "sends signals. si_code is SI_USER, as if it had sent it to itself.",
              {{{{"see the limit of a running process", "grep 'file size' /proc/PID/limits"},
                 {"for a service", "systemctl show UNIT -p LimitFSIZE"},
                 {"raise the limit, or rotate the file that grew", "find DIR -size +1G -mtime -1"}}}},
              kFileSize},
    CauseText{
        Cause::seccomp,
        "it made a system call that its seccomp filter, or strict mode, forbids",
        "The kernel, by the process's own filter: systemd's SystemCallFilter=, a browser's or "
        "ssh's sandbox, a container profile. (Docker's default profile refuses calls with an error; it does not kill.)",
        "SIGSYS with si_code SYS_SECCOMP while the process ran. Strict mode ends it with SIGKILL and no signal is "
        "generated; nor need there be one where a filter kills the calling thread alone.",
        {{{{"find the system call's number in the kernel's log", "journalctl -k | grep 'type=1326'"},
           {"where auditd runs, ask it instead", "ausearch -m SECCOMP -ts recent"},
           {"turn the number into a name", "ausyscall NUMBER"},
           {"for a service, see the filter and allow that call", "systemctl show UNIT -p SystemCallFilter"},
           {"after a library update a program may use calls that an old filter does not know: update both", ""}}}},
        kSeccomp},
    CauseText{Cause::oom_global,
              "the machine ran out of memory and the kernel's out-of-memory killer chose it",
              "The kernel. It takes the process with the highest score: memory used, shifted by oom_score_adj. That "
              "may be neither the process that asked for memory last nor the one that leaks.",
              "SIGKILL from the kernel inside out_of_memory, not reached through mem_cgroup_out_of_memory, and a "
              "mark_victim event for the process. The task that ran then only happened to need memory.",
              {{{{"read what the kernel wrote: the table of all processes with their memory",
                  "journalctl -k | grep -A40 'invoked oom-killer'"},
                 {"see what uses memory now", "ps -eo pid,rss,comm --sort=-rss | head"},
                 {"give leaking services a limit of their own", "systemctl set-property UNIT MemoryMax=2G"},
                 {"see how likely it is to be chosen (-1000: never)", "systemctl show UNIT -p OOMScoreAdjust"}}}},
              kKill},
    CauseText{
        Cause::oom_memcg,
        "its memory cgroup's limit was reached and the kernel's out-of-memory killer chose it",
        "The kernel. The limit is that of its container, pod or service, or of a cgroup above; the machine can have "
        "plenty of free memory. With memory.oom.group it kills the whole group.",
        "SIGKILL from the kernel with mem_cgroup_out_of_memory on its stack, or oom_kill_memcg_member for the "
        "others of the group, and a mark_victim event for the chosen one.",
        {{{{"see the limit, and how often it was hit (cgroup v1: memory.limit_in_bytes, memory.oom_control)",
            "cd /sys/fs/cgroup/CGROUP && cat memory.max memory.events"},
           {"in Kubernetes: reason OOMKilled; then raise resources.limits.memory", "kubectl describe pod POD"},
           {"in docker", "docker inspect -f '{{.State.OOMKilled}} {{.HostConfig.Memory}}' CONTAINER"},
           {"for a service", "systemctl show UNIT -p MemoryMax -p MemoryPeak -p Result"},
           {"raise the limit, or find the leak; JVM, Node and Go have heap limits of their own to set below it", ""}}}},
        kKill},
    CauseText{
        Cause::cgroup_kill,
        "a process wrote to its cgroup's cgroup.kill, which kills all that is in the cgroup",
        "The process that wrote the file: a container runtime (runc, crun, LXC), `systemctl kill --signal=KILL`, or a "
        "script. (systemd-oomd kills process by process: cause kill or pidfd.)",
        "SIGKILL generated while the writer was in a write call, with cgroup_kill_write on the kernel's stack. "
        "si_code is SI_USER, as with kill(2). Linux 5.14 or later, cgroup v2.",
        {{{{"read who it was: command line and parents are in the report", ""},
           {"if it was a container runtime, see what stopped the container",
            "docker events --since 1h --until 0s --filter type=container"},
           {"if it was systemd, see why the unit was stopped", "journalctl -u UNIT -n 50"}}}},
        kKill},
    CauseText{Cause::parent_death,
              "its parent ended, and it had asked to be signalled then (PR_SET_PDEATHSIG)",
              "The kernel, for the dying parent. Programs that ask for it: bubblewrap --die-with-parent, setpriv "
              "--pdeath-signal, "
              "Go's Pdeathsig, many sandboxes and supervisors.",
              "Generated by the parent while it exits, in no system call that sends signals, with exactly the number "
              "that the process had set. si_code is SI_USER, as with kill(2).",
              {{{{"ask why the parent ended: watch it", "stapkill watch --name PARENT --until-death"},
                 {"the end of the thread that forked is enough: in Go lock that goroutine to its thread "
                  "(runtime.LockOSThread)",
                  ""},
                 {"see who sets it", "strace -f -e trace=prctl -p PARENT_PID"}}}},
              kParent},
    CauseText{
        Cause::pidns_exit,
        "the init (pid 1) of its pid namespace ended, and the kernel then kills all others in it",
        "The kernel, for the dying init: nearly always a container whose main process ended, or `unshare --pid`.",
        "SIGKILL from the kernel while that init exits, with zap_pid_ns_processes on its stack. The real question "
        "is why the init ended.",
        {{{{"see why the container's main process ended", "docker inspect -f '{{json .State}}' CONTAINER"},
           {"in Kubernetes", "kubectl logs POD --previous"},
           {"next time watch the init itself", "stapkill watch --pid INIT_PID --until-death"},
           {"if its children must end cleanly, let the init pass SIGTERM on and wait for them", ""}}}},
        kKill},
    CauseText{
        Cause::tty_signal,
        "somebody pressed ^C or ^\\ on its terminal",
        "A person at the terminal, or a program at the other end of a pseudo-terminal (ssh, tmux, expect, a CI "
        "runner). The kernel sends it to the whole foreground process group.",
        "SIGINT or SIGQUIT from the kernel (SI_KERNEL) with the terminal's isig function on the stack, often in a "
        "kernel thread. It names no sender, since a key has no pid.",
        {{{{"nothing is wrong if it was intended; else see who was logged in", "last -n 10"},
           {"keep a long job away from the terminal's keys", "setsid nohup COMMAND </dev/null >LOG 2>&1 &"},
           {"or make it a unit", "systemd-run --unit=NAME COMMAND"}}}},
        kKeys},
    CauseText{
        Cause::tty_hangup,
        "its terminal was hung up: the connection, the window or the session ended",
        "The kernel, when a terminal's other end closes (sshd, a terminal window, tmux, screen, a serial line) or "
        "when the session's leader ends. The killer is the process that closed it, if one did.",
        "SIGHUP from the kernel (SI_KERNEL) with __tty_hangup or disassociate_ctty on the stack. SIGHUP that a "
        "shell passes on to its jobs is cause kill.",
        {{{{"run what must outlive the login in tmux, or as a unit", "systemd-run --user --unit=NAME COMMAND"},
           {"or detach it", "setsid nohup COMMAND </dev/null >LOG 2>&1 &"},
           {"see whether the connection was lost", "journalctl -t sshd -n 20"}}}},
        kHangup},
    CauseText{
        Cause::tracer_exit,
        "its tracer ended, and had asked that its tracees die with it (PTRACE_O_EXITKILL)",
        "The kernel, for the dying tracer: `strace --kill-on-exit`, sandboxes and debuggers that trace what they run.",
        "SIGKILL from the kernel while the tracer exits, with exit_ptrace on its stack.",
        {{{{"ask why the tracer ended: watch it", "stapkill watch --name TRACER --until-death"},
           {"see what traces a running process", "grep TracerPid /proc/PID/status"}}}},
        kKill},
    CauseText{
        Cause::sysrq,
        "somebody used SysRq to end every process (e: SIGTERM, i: SIGKILL) or to call the OOM killer (f)",
        "A person at the console's keyboard, or a root process that wrote to /proc/sysrq-trigger: panic and fencing "
        "scripts, watchdogs, chaos tests.",
        "Signals from the kernel with send_sig_all or moom_callback on the stack. A write of e or i to the trigger "
        "file shows the writer; a key shows nobody.",
        {{{{"see the kernel's own line about it", "journalctl -k | grep -i sysrq"},
           {"see which keys are allowed (root may always write the file)", "cat /proc/sys/kernel/sysrq"},
           {"look for scripts and agents that use it", "grep -rsl sysrq-trigger /etc /usr/local /opt"}}}},
        kSysrq},
    CauseText{Cause::bpf,
              "a BPF program sent the signal (bpf_send_signal)",
              "The program's owner: a security agent that enforces a policy (Tetragon's Sigkill action), or a bpftrace "
              "script with signal().",
              "Generated with bpf_send_signal on the kernel's stack and no system call that sends signals. It can come "
              "late, from an interrupt (do_bpf_send_signal); then the task that ran is unrelated. The kernel does not "
              "say which program it was.",
              {{{{"list the BPF programs that are loaded, with their owners", "bpftool prog show"},
                 {"read the security agent's log for the policy that matched",
                  "kubectl logs -n kube-system ds/tetragon -c export-stdout --since=10m"}}}},
              kBpf},
    CauseText{Cause::unknown,
              "none of the known causes could be shown",
              "Not known. stapkill does not guess.",
              "The evidence did not fit any other cause: the signal was generated before the probes were live, events "
              "were lost, or the kernel did it in a way that is not recognised.",
              {{{{"read the evidence: it lists what was seen", "stapkill watch --verbose --pid PID --until-death"},
                 {"look for lost events in the summary; then give a larger buffer or fewer targets", ""},
                 {"read what the kernel wrote at that time", "journalctl -k --since '10 min ago'"},
                 {"check that this host can trace", "stapkill doctor"}}}},
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
