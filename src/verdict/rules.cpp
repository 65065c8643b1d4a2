#include "verdict/rules.h"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "base/signals.h"
#include "verdict/causes.h"
#include "verdict/childs_end.h"
#include "verdict/evidence.h"
#include "verdict/fault.h"
#include "verdict/relay.h"
#include "verdict/story.h"

namespace stapkill {
namespace {

constexpr int kUser = 0, kKernel = 0x80, kTimer = -2;        // si_code (include/uapi/asm-generic/siginfo.h)
constexpr int kSeccompTrap = 1, kMemoryError = 5;            // SYS_SECCOMP, BUS_MCEERR_AO
constexpr std::uint64_t kExitKill = std::uint64_t{1} << 23;  // PT_EXITKILL (include/linux/ptrace.h)
constexpr std::uint64_t kSecond = 1'000'000'000;

constexpr std::uint64_t kChargedAtOnce = 64;  // MEMCG_CHARGE_BATCH, include/linux/memcontrol.h

/// The sender's own code ran. Backends recognise that by its memory, which an exiting sender has given up already.
bool by_own_code(const Clues& clues) {
  return clues.signal.own_context || clues.signal.sender_exiting;
}

bool asked(const Clues& clues) {
  return clues.signal.by == By::process && clues.signal.syscall;
}

bool to_itself(const Clues& clues) {
  return same_process(*clues.signal.sender, *clues.signal.target);
}

template <typename... Calls>
bool by_call(const Clues& clues, Calls... calls) {
  return asked(clues) && ((clues.signal.syscall->name == calls) || ...);
}

bool is(const Clues& clues, int number, int code) {
  return clues.signal.number == number && clues.signal.code == code;
}

bool any_of(int number, std::initializer_list<int> numbers) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

bool killed_by_oom_killer(const Clues& clues) {
  return is(clues, SIGKILL, kKernel) && clues.seen.in({"__oom_kill_process", "oom_kill_process", "oom_kill_task"});
}

bool cpu_time_reaches(const Clues& clues, std::uint64_t limit) {
  return clues.signal.seen && limit < Circumstances::kUnlimited / kSecond && clues.seen.cpu_ns >= limit * kSecond;
}

bool counts_cpu_time(const Clues& clues) {
  return clues.seen.in({"check_process_timers", "handle_posix_cpu_timers", "posix_cpu_timers_work",
                        "run_posix_cpu_timers", "update_process_times"});
}

/// The out-of-memory killer marked it, and only the fill of memory cgroups is known.
bool marked_unseen(const Clues& clues) {
  return clues.around.oom_marked && is(clues, SIGKILL, kKernel) && clues.signal.seen && clues.seen.stack.empty();
}

bool nearly_full(const Circumstances::Memory& memory) {
  return memory.usage + kChargedAtOnce >= memory.limit;
}

/// ", its parent": how a killer and its victim are related; "" where they are not.
Phrase kinship(const Process& killer, const Ancestry& parents, const Clues& clues) {
  auto parent_of = [](const Ancestry& list) { return list && !list->empty() ? list->front().get() : nullptr; };
  const Process* above_killer = parent_of(parents);
  const Process* above_victim = parent_of(clues.around.parents);
  if (above_victim && same_process(*above_victim, killer)) return killer.pid == 1 ? "" : phrase(", its parent");
  if (above_killer && same_process(*above_killer, clues.death.process)) return phrase(", its child");
  bool siblings = above_killer && above_victim && above_killer->pid != 1 && same_process(*above_killer, *above_victim);
  return siblings ? phrase(", its sibling") : "";
}

/// The target of the call, if that is more than this one process. The pid is the caller's argument (kill(2)).
Phrase aim_text(const SignalRecord& signal) {
  if (!signal.syscall || !signal.syscall->pid || !signal.syscall->aims_at) return {};
  auto pid = *signal.syscall->pid;
  switch (*signal.syscall->aims_at) {
    case Aim::everyone:
      return phrase(" (kill(-1): everything that it may signal)");
    case Aim::own_group:
      return phrase(" (kill(0): its own process group)");
    case Aim::group:
      return phrase(" (kill({}): process group {})", pid, -pid);
    default:
      return {};
  }
}

/// A killer's name, and what explains it.
Phrase with_story(const Process& killer, const Ancestry& parents, const Clues& clues, const Phrase& aim = {}) {
  static const std::vector<ProcessPtr> nobody;
  return name_and_pid(killer) + kinship(killer, parents, clues) + aim +
         story_behind({killer, clues.death.process, clues.signal.number, clues.signal.boot},
                      parents ? *parents : nobody, clues.around.lookups);
}

/// The sender of a signal; if it only passed the signal on, also who sent that, and so on.
Phrase with_relays(const SignalRecord& signal, const Clues& clues, int turns) {
  auto relay = turns > 0 ? relay_of(signal, clues.around) : std::nullopt;
  if (!relay) return with_story(*signal.sender, signal.ancestry, clues, aim_text(signal));
  Phrase text = name_and_pid(*signal.sender) + kinship(*signal.sender, signal.ancestry, clues) + aim_text(signal) +
                own_text({*signal.sender, clues.death.process, signal.number, signal.boot});
  auto before = duration_text(signal.boot - relay->signal->boot);
  return text + phrase(", which had been sent {} {} before by {}", signal_name(relay->signal->number), before,
                       with_relays(*relay->signal, clues, turns - 1));
}

/// " by itself, with exit status 3": how the sender ended, whose end made the kernel send the signal.
Phrase own_end(const Clues& clues) {
  auto status = clues.around.end_of ? clues.around.end_of(*clues.signal.sender) : std::nullopt;
  if (!status) return {};
  return WIFEXITED(*status) ? phrase(" by itself, with exit status {}", WEXITSTATUS(*status))
                            : phrase(" by {}", signal_name(WTERMSIG(*status)));
}

/// ", which SIGKILL from kill(12), run by …, had ended": who ended the process whose end made the kernel send the
/// signal.
Phrase ended_by(const Clues& clues) {
  auto relay = relay_of(clues.signal, clues.around);
  if (!relay) return own_end(clues);
  return phrase(", {} after {} from {}", duration_text(clues.signal.boot - relay->signal->boot),
                signal_name(relay->signal->number), with_relays(*relay->signal, clues, kMostRelays - 1));
}

Phrase oom_text(const Clues& clues) {
  const auto* mark = oom_before_stop(clues);
  if (!mark) return {};
  return phrase(", {} after the kernel's out-of-memory killer killed {} in it",
                duration_text(clues.signal.boot - mark->at), name_and_pid(*mark->victim));
}

Phrase from_sender(const Clues& clues) {
  return phrase(" from {}", sender_with_story(clues)) + oom_text(clues);
}

/// A wrapper may kill itself by its child's signal (unshare(1), env(1), a shell's trap).
Phrase as_its_child(const Clues& clues) {
  auto child = clues.around.killed_child ? clues.around.killed_child(clues.signal.number) : std::nullopt;
  return child ? phrase(", as its child ended: {}", childs_end_text(*child, clues.death, clues.around)) : "";
}

Phrase because_itself(const Clues& clues) {
  const Process& itself = clues.death.process;
  return phrase(" ({})", call_text(clues.signal)) + as_its_child(clues) +
         story_behind({itself, itself, clues.signal.number, clues.signal.boot}, *clues.signal.ancestry,
                      clues.around.lookups);
}

Phrase because_bpf(const Clues& clues) {
  return phrase(" from a BPF program (bpf_send_signal), while {} ran", name_and_pid(*clues.signal.sender));
}

Phrase because_sysrq_signal(const Clues& clues) {
  std::string_view key = clues.signal.number == SIGTERM ? "e" : "i";
  if (!clues.signal.own_context) return phrase(": SysRq {} was asked for at a keyboard", key);
  return phrase(": SysRq {} was asked for by {}", key, with_story(*clues.signal.sender, clues.signal.ancestry, clues));
}

Phrase because_sysrq_oom(const Clues& clues) {
  const auto& asker = clues.around.asked_sysrq;
  if (!asker) return phrase(": SysRq f was asked for");
  return phrase(": SysRq {} was asked for by {}", "f", with_story(*asker, clues.around.sysrq_ancestry, clues));
}

Phrase because_memcg(const Clues& clues) {
  if (!clues.seen.memory) return phrase(" from the kernel's out-of-memory killer: a memory cgroup was at its limit");
  return phrase(" from the kernel's out-of-memory killer: memory cgroup {} was at its limit of {}",
                limited_cgroup(clues), size_text(clues.seen.memory->limit * 4096));
}

Phrase because_global(const Clues& clues) {
  Phrase text = phrase(" from the kernel's out-of-memory killer: the machine's memory was used up");
  return clues.around.memory_bytes ? text + phrase(" ({})", size_text(clues.around.memory_bytes)) : text;
}

Phrase because_cgroup(const Clues& clues) {
  auto cgroup = cgroup_text(clues.death.process);
  auto sender = sender_with_story(clues);
  return cgroup.empty() ? phrase(": cgroup.kill was written by {}", sender)
                        : phrase(": cgroup.kill{} was written by {}", cgroup, sender);
}

Phrase because_namespace(const Clues& clues) {
  return phrase(": {}, the init of its pid namespace, ended", name_and_pid(*clues.signal.sender)) + ended_by(clues);
}

Phrase because_tracer(const Clues& clues) {
  auto tracer = name_and_pid(*clues.signal.sender);
  if (clues.seen.threads > 0) return phrase(": the thread of {} that traced it with PTRACE_O_EXITKILL ended", tracer);
  return phrase(": {}, which traced it with PTRACE_O_EXITKILL, ended", tracer) + ended_by(clues);
}

/// ioctl_tty(2), TIOCSIG; the compiler may inline any of them.
bool by_other_end(const Clues& clues) {
  return clues.seen.in({"pty_signal", "pty_unix98_ioctl", "pty_bsd_ioctl"});
}

Phrase because_ptrace(const Clues& clues) {
  return phrase(": its tracer {} ended it (PTRACE_KILL)", name_and_pid(*clues.signal.sender));
}

/// ": its terminal pts/3 was hung up": of a terminal, and by whom.
Phrase hangup_text(const std::string& terminal, const Process* who, bool ended) {
  if (!who) {
    return terminal.empty() ? phrase(": its terminal was hung up") : phrase(": its terminal {} was hung up", terminal);
  }
  auto name = name_and_pid(*who);
  if (terminal.empty()) {
    return ended ? phrase(": its terminal was hung up when {} ended", name)
                 : phrase(": its terminal was hung up by {}", name);
  }
  return ended ? phrase(": its terminal {} was hung up when {} ended", terminal, name)
               : phrase(": its terminal {} was hung up by {}", terminal, name);
}

Phrase because_hangup(const Clues& clues) {
  bool own = by_own_code(clues), ended = own && clues.signal.sender_exiting;
  const Process* who = own ? clues.signal.sender.get() : nullptr;
  auto terminal = clues.seen.tty.empty() ? std::string() : terminal_name(clues.seen.tty);
  Phrase text = hangup_text(terminal, who, ended) +
                login_of(clues.death.process, *clues.around.parents, who, clues.around.lookups);
  return ended ? text + ended_by(clues) : text;
}

Phrase because_orphaned(const Clues& clues) {
  return phrase(": its process group was stopped and lost its last parent outside, {}",
                name_and_pid(*clues.signal.sender));
}

Phrase because_key(int number, const std::string& terminal) {
  Phrase key = number == SIGQUIT ? phrase("^\\") : number == SIGINT ? phrase("^C") : "";
  if (key.empty()) {
    return terminal.empty() ? phrase(": a key at its terminal") : phrase(": a key at its terminal {}", terminal);
  }
  return terminal.empty() ? phrase(": {} at its terminal", key) : phrase(": {} at its terminal {}", key, terminal);
}

Phrase because_terminal(const Clues& clues) {
  auto terminal = clues.seen.tty.empty() ? std::string() : terminal_name(clues.seen.tty);
  if (!by_other_end(clues)) return because_key(clues.signal.number, terminal);
  auto holder = name_and_pid(*clues.signal.sender);
  if (terminal.empty())
    return phrase(": {}, which holds the other end of its terminal, asked for it (TIOCSIG)", holder);
  return phrase(": {}, which holds the other end of its terminal {}, asked for it (TIOCSIG)", holder, terminal);
}

Phrase because_parent(const Clues& clues) {
  auto parent = name_and_pid(*clues.signal.sender);
  if (clues.seen.threads > 0) return phrase(": the thread of {} that was its parent ended (PR_SET_PDEATHSIG)", parent);
  return phrase(": its parent {} ended (PR_SET_PDEATHSIG)", parent) + ended_by(clues);
}

Phrase because_timer(const Clues& clues) {
  return clues.signal.code == kTimer ? phrase(": a timer of its own ran out (timer_create)")
                                     : phrase(": a timer of its own ran out (alarm, setitimer)");
}

Phrase because_cpu_soft(const Clues& clues) {
  return phrase(": it used {} s of CPU time, its soft limit (RLIMIT_CPU)", clues.seen.cpu_soft);
}

Phrase because_cpu_hard(const Clues& clues) {
  return phrase(": it used {} s of CPU time, its hard limit (RLIMIT_CPU)", clues.seen.cpu_hard);
}

Phrase because_file_size(const Clues& clues) {
  if (!clues.signal.seen) return phrase(": it wrote beyond its file size limit (RLIMIT_FSIZE)");
  return phrase(": it wrote beyond {} bytes, its file size limit (RLIMIT_FSIZE)", clues.seen.file_size);
}

Phrase because_exec(const Clues&) {
  return phrase(": its exec failed after its old program was gone");
}

Phrase because_unknown(const Clues& clues) {
  return phrase(", which the kernel generated while {} ran (si_code {})", name_and_pid(*clues.signal.sender),
                code_name(clues.signal));
}

constexpr Rule kRules[] = {
    {"own-call", Cause::self, Killer::sender, [](const Clues& c) { return asked(c) && to_itself(c); }, because_itself,
     "", "kill(2), tkill(2), rt_sigqueueinfo(2), pidfd_send_signal(2)"},
    {"kill-call", Cause::kill, Killer::sender, [](const Clues& c) { return by_call(c, "kill"); }, from_sender, "",
     "kill(2)"},
    {"tkill-call", Cause::tkill, Killer::sender, [](const Clues& c) { return by_call(c, "tkill", "tgkill"); },
     from_sender, "", "tkill(2)"},
    {"sigqueue-call", Cause::sigqueue, Killer::sender,
     [](const Clues& c) { return by_call(c, "rt_sigqueueinfo", "rt_tgsigqueueinfo"); }, from_sender, "",
     "rt_sigqueueinfo(2)"},
    {"pidfd-call", Cause::pidfd, Killer::sender, [](const Clues& c) { return by_call(c, "pidfd_send_signal"); },
     from_sender, "", "pidfd_send_signal(2)"},

    {"bpf-helper", Cause::bpf, Killer::nobody,
     [](const Clues& c) {
       return c.seen.in({"bpf_send_signal_common", "do_bpf_send_signal", "bpf_send_signal", "bpf_send_signal_thread",
                         "bpf_send_signal_task"});
     },
     because_bpf, "", "kernel/trace/bpf_trace.c, bpf_send_signal_common"},
    {"sysrq-signal", Cause::sysrq, Killer::sender_if_own_code,
     [](const Clues& c) {
       return c.seen.in({"send_sig_all", "sysrq_handle_term", "sysrq_handle_kill"});
     },
     because_sysrq_signal, "", "drivers/tty/sysrq.c, send_sig_all"},
    {"sysrq-oom", Cause::sysrq, Killer::who_asked_sysrq,
     [](const Clues& c) { return killed_by_oom_killer(c) && c.seen.in({"moom_callback"}); }, because_sysrq_oom, "",
     "drivers/tty/sysrq.c, moom_callback"},
    {"oom-in-memcg", Cause::oom_memcg, Killer::nobody,
     [](const Clues& c) {
       return killed_by_oom_killer(c) && c.seen.in({"mem_cgroup_out_of_memory", "mem_cgroup_oom_synchronize"});
     },
     because_memcg, "", "mm/memcontrol.c, mem_cgroup_out_of_memory"},
    {"oom-in-machine", Cause::oom_global, Killer::nobody,
     [](const Clues& c) {
       return killed_by_oom_killer(c) && c.seen.in({"__alloc_pages_may_oom", "__alloc_pages_slowpath",
                                                    "pagefault_out_of_memory", "out_of_memory"});
     },
     because_global, "", "mm/oom_kill.c, out_of_memory"},
    {"cgroup-kill-file", Cause::cgroup_kill, Killer::sender,
     [](const Clues& c) {
       return c.signal.number == SIGKILL && c.seen.in({"cgroup_kill_write", "cgroup_kill_control", "__cgroup_kill"});
     },
     because_cgroup, "", "kernel/cgroup/cgroup.c, cgroup_kill_write"},
    {"namespace-init", Cause::pidns_exit, Killer::sender,
     [](const Clues& c) { return is(c, SIGKILL, kKernel) && c.seen.in({"zap_pid_ns_processes"}); }, because_namespace,
     "", "kernel/pid_namespace.c, zap_pid_ns_processes"},
    {"tracer-exitkill", Cause::tracer_exit, Killer::sender,
     [](const Clues& c) { return is(c, SIGKILL, kKernel) && c.signal.sender_exiting && c.seen.in({"exit_ptrace"}); },
     because_tracer, "", "kernel/ptrace.c, exit_ptrace"},
    {"terminal-hangup", Cause::tty_hangup, Killer::sender_if_own_code,
     [](const Clues& c) {
       return c.signal.number == SIGHUP &&
              c.seen.in({"__tty_hangup", "tty_vhangup", "tty_vhangup_session", "tty_signal_session_leader",
                         "disassociate_ctty", "do_tty_hangup"});
     },
     because_hangup, "", "drivers/tty/tty_jobctrl.c, disassociate_ctty and tty_signal_session_leader"},
    {"orphaned-group", Cause::unknown, Killer::nobody,
     [](const Clues& c) { return is(c, SIGHUP, kKernel) && c.signal.sender_exiting && !c.seen.stack.empty(); },
     because_orphaned, "", "kernel/exit.c, kill_orphaned_pgrp"},
    {"terminal-key", Cause::tty_signal, Killer::nobody,
     [](const Clues& c) {
       return any_of(c.signal.number, {SIGINT, SIGQUIT, SIGTSTP}) && c.signal.code == kKernel &&
              (by_other_end(c) || c.seen.in({"isig", "__isig", "n_tty_receive_signal_char",
                                             "n_tty_receive_char_special", "n_tty_receive_buf_common"}));
     },
     because_terminal, "", "drivers/tty/n_tty.c, isig"},
    {"parent-ended", Cause::parent_death, Killer::sender,
     [](const Clues& c) {
       return c.signal.code == kUser && c.signal.sender_exiting && c.seen.pdeath_signal == c.signal.number;
     },
     because_parent, "", "kernel/exit.c, forget_original_parent; prctl(2)"},
    {"tracers-kill", Cause::unknown, Killer::nobody,
     [](const Clues& c) {
       return is(c, SIGKILL, kUser) && c.signal.own_context && c.seen.in({"ptrace_request", "arch_ptrace"});
     },
     because_ptrace, "", "kernel/ptrace.c, ptrace_request, since 5.19; ptrace(2), PTRACE_KILL"},
    {"posix-timer", Cause::timer, Killer::nobody,
     [](const Clues& c) {
       return c.signal.code == kTimer &&
              (c.seen.in({"send_sigqueue", "posixtimer_send_sigqueue", "posix_timer_fn", "posix_timer_event",
                          "posix_timer_queue_signal", "posix_cpu_timers_work", "handle_posix_cpu_timers"}) ||
               (c.seen.stack.empty() && !c.signal.own_context));
     },
     because_timer, "", "kernel/time/posix-timers.c; posix-cpu-timers.c, cpu_timer_fire; timer_create(2)"},
    {"interval-timer", Cause::timer, Killer::nobody,
     [](const Clues& c) {
       return c.signal.code == kKernel &&
              ((c.signal.number == SIGALRM && (c.seen.stack.empty() || c.seen.in({"it_real_fn"}))) ||
               any_of(c.signal.number, {SIGVTALRM, SIGPROF}));
     },
     because_timer, "", "kernel/time/itimer.c, it_real_fn; setitimer(2)"},
    {"cpu-hard-limit", Cause::rlimit_cpu, Killer::nobody,
     [](const Clues& c) {
       return is(c, SIGKILL, kKernel) && to_itself(c) && counts_cpu_time(c) && cpu_time_reaches(c, c.seen.cpu_hard);
     },
     because_cpu_hard, "", "kernel/time/posix-cpu-timers.c, check_process_timers; getrlimit(2)"},
    {"cpu-soft-limit", Cause::rlimit_cpu, Killer::nobody,
     [](const Clues& c) { return is(c, SIGXCPU, kKernel) && to_itself(c) && cpu_time_reaches(c, c.seen.cpu_soft); },
     because_cpu_soft, "", "kernel/time/posix-cpu-timers.c, check_process_timers; getrlimit(2)"},
    {"file-size-limit", Cause::rlimit_fsize, Killer::nobody,
     [](const Clues& c) { return is(c, SIGXFSZ, kUser) && to_itself(c); }, because_file_size, "",
     "mm/filemap.c, generic_write_check_limits; getrlimit(2)"},
    {"pipe-without-reader", Cause::sigpipe, Killer::nobody,
     [](const Clues& c) { return is(c, SIGPIPE, kUser) && to_itself(c); }, nullptr, "",
     "fs/pipe.c, pipe_write; net/core/stream.c, sk_stream_error; signal(7)"},
    {"seccomp-signal", Cause::seccomp, Killer::nobody,
     [](const Clues& c) { return is(c, SIGSYS, kSeccompTrap) && to_itself(c); }, nullptr, "",
     "kernel/signal.c, force_sig_seccomp; seccomp(2)"},
    {"exec-failed", Cause::unknown, Killer::nobody,
     [](const Clues& c) {
       return any_of(c.signal.number, {SIGSEGV, SIGKILL}) && to_itself(c) &&
              c.seen.in({"bprm_execve", "begin_new_exec", "load_elf_binary", "search_binary_handler"});
     },
     because_exec, "", "fs/exec.c, bprm_execve"},
    {"cpu-fault", Cause::fault, Killer::nobody,
     [](const Clues& c) {
       return any_of(c.signal.number, {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV}) && c.signal.code > 0 &&
              (!c.seen.stack.empty() || !is(c, SIGSEGV, kKernel)) &&  // which can also be a failed exec
              (to_itself(c) || is(c, SIGBUS, kMemoryError));
     },
     fault_text, "", "arch/x86/kernel/traps.c, arch/x86/mm/fault.c; sigaction(2)"},
    // Without the stack: kernels before 5.17 on bpf, or its record was lost.
    {"marked-after-sysrq", Cause::sysrq, Killer::who_asked_sysrq,
     [](const Clues& c) { return marked_unseen(c) && c.around.asked_sysrq; }, because_sysrq_oom,
     msgid("the kernel's stack; memory could also have run out just then"), "drivers/tty/sysrq.c, moom_callback"},
    {"marked-in-full-memcg", Cause::oom_memcg, Killer::nobody,
     [](const Clues& c) { return marked_unseen(c) && c.seen.memory && nearly_full(*c.seen.memory); }, because_memcg,
     msgid("the kernel's stack; its cgroup was full, but the killer may have chosen it for another reason"),
     "mm/oom_kill.c, mark_oom_victim"},
    {"marked-with-room-in-memcg", Cause::oom_global, Killer::nobody, marked_unseen, because_global,
     msgid("the kernel's stack; it could also be a limit of memory nodes, or SysRq f"),
     "mm/oom_kill.c, mark_oom_victim"},
    {"exiting-tracer", Cause::tracer_exit, Killer::sender,
     [](const Clues& c) {
       return is(c, SIGKILL, kKernel) && c.seen.stack.empty() && c.signal.sender_exiting && c.seen.ptrace & kExitKill;
     },
     because_tracer, msgid("the kernel's stack; the sender ended just then, but may not be the tracer"),
     "kernel/ptrace.c, exit_ptrace"},
    {"cpu-time-at-hard-limit", Cause::rlimit_cpu, Killer::nobody,
     [](const Clues& c) {
       return is(c, SIGKILL, kKernel) && c.seen.stack.empty() && to_itself(c) && !c.around.oom_marked &&
              cpu_time_reaches(c, c.seen.cpu_hard);
     },
     because_cpu_hard,
     msgid("the kernel's stack; its time was used up, but something else could have ended it just then"),
     "kernel/time/posix-cpu-timers.c, check_process_timers"},
    {"not-shown", Cause::unknown, Killer::nobody, [](const Clues&) { return true; }, because_unknown, "", ""},
};

}  // namespace

Phrase sender_with_story(const Clues& clues) {
  return with_relays(clues.signal, clues, kMostRelays);
}

Phrase because(const Rule& rule, const Clues& clues) {
  return rule.because ? rule.because(clues) : because_text(rule.cause);
}

Phrase because_text(Cause cause) {
  return phrase(": {}", phrase_from(text_of(cause).because));
}

std::span<const Rule> rules() {
  return kRules;
}

const Rule& rule_for(const Clues& clues) {
  return *std::find_if(std::begin(kRules), std::end(kRules) - 1, [&](const Rule& rule) { return rule.applies(clues); });
}

ProcessPtr killer_by(const Rule& rule, const Clues& clues) {
  switch (rule.killer) {
    case Killer::sender:
      return clues.signal.sender;
    case Killer::sender_if_own_code:
      return by_own_code(clues) ? clues.signal.sender : nullptr;
    case Killer::who_asked_sysrq:
      return clues.around.asked_sysrq;
    case Killer::nobody:
      break;
  }
  return nullptr;
}

}  // namespace stapkill
