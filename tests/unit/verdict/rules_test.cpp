#include "verdict/rules.h"

#include <csignal>
#include <functional>
#include <set>

#include "catch.h"

using namespace stapkill;

namespace {

ProcessPtr make_process(int pid, std::string comm) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = 5;
  process->comm = std::move(comm);
  return process;
}

const ProcessPtr kVictim = make_process(100, "server"), kOther = make_process(200, "other");

/// A fatal signal as the kernel generated it, and what was seen around it; changed by a case.
struct Scene {
  SignalRecord signal;
  Circumstances seen;
  Surroundings around;

  Scene(int number, int code, const char* stack = "", ProcessPtr sender = kOther) {
    signal.number = number;
    signal.code = code;
    signal.sender = std::move(sender);
    signal.target = kVictim;
    seen.stack = stack_names(stack);
    seen.cpu_soft = seen.cpu_hard = seen.file_size = seen.core_size = Circumstances::kUnlimited;
    signal.seen = std::make_shared<Circumstances>();
  }
  Scene& call(std::string_view name) {
    signal.by = By::process;
    signal.own_context = true;
    signal.syscall = Syscall{name, 0};
    return *this;
  }
  Scene& own() {
    signal.own_context = true;
    return *this;
  }
  Scene& exiting() {
    signal.sender_exiting = true;
    return *this;
  }
  Scene& with(const std::function<void(Scene&)>& change) {
    change(*this);
    return *this;
  }
  const Rule& rule() {
    Death death{*kVictim, signal.number};
    return rule_for({death, signal, seen, around});
  }
  ProcessPtr killer() {
    Death death{*kVictim, signal.number};
    Clues clues{death, signal, seen, around};
    return killer_by(rule_for(clues), clues);
  }
};

constexpr int kKernel = 0x80;
constexpr char kOomMemcg[] =
    "__send_signal_locked,do_send_sig_info,__oom_kill_process,oom_kill_process,out_of_memory,mem_cgroup_out_of_memory,"
    "try_charge_memcg";
constexpr char kOomGroup[] =
    "do_send_sig_info,__oom_kill_process.isra.0,oom_kill_memcg_member,mem_cgroup_scan_tasks,oom_kill_process.cold,"
    "out_of_memory,mem_cgroup_out_of_memory";
constexpr char kOomGlobal[] =
    "do_send_sig_info,__oom_kill_process,oom_kill_process,out_of_memory,__alloc_pages_slowpath.constprop.0";
constexpr char kOomSysrq[] = "do_send_sig_info,__oom_kill_process,oom_kill_process,out_of_memory,moom_callback";

void check(Scene scene, std::string_view rule, Cause cause, const ProcessPtr& killer) {
  INFO(rule << ": " << scene.rule().name);
  CHECK(scene.rule().name == rule);
  CHECK(scene.rule().cause == cause);
  CHECK(scene.killer() == killer);
}

}  // namespace

TEST_CASE("rules: every rule has a name of its own, and a source", "[rules]") {
  std::set<std::string_view> names;
  for (const auto& rule : rules()) {
    CHECK(names.insert(rule.name).second);
    CHECK((!rule.source.empty() || &rule == &rules().back()));
    REQUIRE(rule.applies);
  }
}

TEST_CASE("rules: every cause of a signal has one", "[rules]") {
  for (Cause cause : all_causes()) {
    if (cause == Cause::exit) continue;
    INFO(name_of(cause));
    bool found = false;
    for (const auto& rule : rules()) found = found || rule.cause == cause;
    CHECK(found);
  }
}

TEST_CASE("rules: out of memory, of a cgroup, of the machine, by SysRq", "[rules]") {
  check(Scene(SIGKILL, kKernel, kOomMemcg), "oom-in-memcg", Cause::oom_memcg, nullptr);
  check(Scene(SIGKILL, kKernel, kOomGroup), "oom-in-memcg", Cause::oom_memcg, nullptr);
  check(Scene(SIGKILL, kKernel, kOomMemcg, kVictim).own(), "oom-in-memcg", Cause::oom_memcg, nullptr);
  check(Scene(SIGKILL, kKernel, kOomGlobal).own(), "oom-in-machine", Cause::oom_global, nullptr);
  check(Scene(SIGKILL, kKernel, kOomSysrq), "sysrq-oom", Cause::sysrq, nullptr);
  auto asked = Scene(SIGKILL, kKernel, kOomSysrq).with([](Scene& scene) { scene.around.asked_sysrq = kVictim; });
  check(asked, "sysrq-oom", Cause::sysrq, kVictim);
  // Another's SIGKILL while the killer's functions are not on the stack, or another signal from within them.
  check(Scene(SIGKILL, kKernel, "do_send_sig_info,mem_cgroup_out_of_memory"), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGTERM, kKernel, kOomMemcg), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGKILL, 0, kOomMemcg), "not-shown", Cause::unknown, nullptr);
}

TEST_CASE("rules: a mark of the out-of-memory killer alone is likely at most", "[rules]") {
  auto marked = [](std::uint64_t usage, std::uint64_t limit) {
    return Scene(SIGKILL, kKernel).with([&](Scene& scene) {
      scene.around.oom_marked = true;
      if (limit) scene.seen.memory = Circumstances::Memory{0, usage, limit, "pod"};
    });
  };
  check(marked(1000, 1010), "marked-in-full-memcg", Cause::oom_memcg, nullptr);
  check(marked(100, 1010), "marked-with-room-in-memcg", Cause::oom_global, nullptr);
  check(marked(0, 0), "marked-with-room-in-memcg", Cause::oom_global, nullptr);
  CHECK_FALSE(marked(1000, 1010).rule().missing.empty());
  auto unseen = marked(1000, 1010).with([](Scene& scene) { scene.signal.seen = nullptr; });
  check(unseen, "not-shown", Cause::unknown, nullptr);
  auto unmarked = marked(1000, 1010).with([](Scene& scene) { scene.around.oom_marked = false; });
  check(unmarked, "not-shown", Cause::unknown, nullptr);
}

TEST_CASE("rules: a mark shortly after somebody asked for SysRq f", "[rules]") {
  auto scene = Scene(SIGKILL, kKernel).with([](Scene& one) {
    one.around.oom_marked = true;
    one.around.asked_sysrq = kOther;
  });
  check(scene, "marked-after-sysrq", Cause::sysrq, kOther);
  CHECK_FALSE(scene.rule().missing.empty());
}

TEST_CASE("rules: a tracer's PTRACE_KILL", "[rules]") {
  check(Scene(SIGKILL, 0, "send_sig_info,ptrace_request,arch_ptrace,__x64_sys_ptrace").own(), "tracers-kill",
        Cause::unknown, nullptr);
  check(Scene(SIGTERM, 0, "send_sig_info,ptrace_request").own(), "not-shown", Cause::unknown, nullptr);
}

TEST_CASE("rules: cgroup.kill", "[rules]") {
  check(Scene(SIGKILL, 0, "send_sig,cgroup_kill_write,kernfs_fop_write_iter").own(), "cgroup-kill-file",
        Cause::cgroup_kill, kOther);
  check(Scene(SIGKILL, 0, "send_sig,__cgroup_kill,cgroup_kill_write", kVictim).own(), "cgroup-kill-file",
        Cause::cgroup_kill, kVictim);
  check(Scene(SIGKILL, 0, "send_sig,cgroup_freeze_write").own(), "not-shown", Cause::unknown, nullptr);
}

TEST_CASE("rules: the end of another process", "[rules]") {
  constexpr char exits[] = "group_send_sig_info,do_exit,do_group_exit";
  auto wants = [](int number) { return [number](Scene& scene) { scene.seen.pdeath_signal = number; }; };
  check(Scene(SIGTERM, 0, exits).exiting().with(wants(SIGTERM)), "parent-ended", Cause::parent_death, kOther);
  check(Scene(SIGTERM, 0, exits).exiting().with(wants(SIGHUP)), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGTERM, 0, exits).with(wants(SIGTERM)), "not-shown", Cause::unknown, nullptr);

  check(Scene(SIGKILL, kKernel, "group_send_sig_info,zap_pid_ns_processes,do_exit").exiting(), "namespace-init",
        Cause::pidns_exit, kOther);
  check(Scene(SIGKILL, kKernel, exits).exiting(), "not-shown", Cause::unknown, nullptr);

  check(Scene(SIGKILL, kKernel, "send_sig_info,exit_ptrace,do_exit").exiting(), "tracer-exitkill", Cause::tracer_exit,
        kOther);
  auto traced = [](Scene& scene) { scene.seen.ptrace = 1 << 23; };
  check(Scene(SIGKILL, kKernel).exiting().with(traced), "exiting-tracer", Cause::tracer_exit, kOther);
  check(Scene(SIGKILL, kKernel).with(traced), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGKILL, kKernel, exits).exiting().with(traced), "not-shown", Cause::unknown, nullptr);
}

TEST_CASE("rules: a process that ends asks for nothing, whatever system call it died in", "[rules]") {
  auto scene = Scene(SIGKILL, 0, "group_send_sig_info,do_exit,get_signal").exiting();
  scene.seen.pdeath_signal = SIGKILL;
  check(scene, "parent-ended", Cause::parent_death, kOther);
}

TEST_CASE("rules: a terminal", "[rules]") {
  check(Scene(SIGINT, kKernel, "__kill_pgrp_info,kill_pgrp,isig,n_tty_receive_buf_common"), "terminal-key",
        Cause::tty_signal, nullptr);
  check(Scene(SIGQUIT, kKernel, "kill_pgrp,__isig,n_tty_receive_signal_char"), "terminal-key", Cause::tty_signal,
        nullptr);
  check(Scene(SIGINT, kKernel, "do_send_sig_info,something_else"), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGTERM, kKernel, "kill_pgrp,isig"), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGHUP, kKernel, "tty_signal_session_leader,__tty_hangup,pty_close").own(), "terminal-hangup",
        Cause::tty_hangup, kOther);
  check(Scene(SIGHUP, kKernel, "kill_pgrp,disassociate_ctty,do_exit").exiting(), "terminal-hangup", Cause::tty_hangup,
        kOther);
  check(Scene(SIGHUP, kKernel, "__tty_hangup,do_tty_hangup,process_one_work"), "terminal-hangup", Cause::tty_hangup,
        nullptr);
  check(Scene(SIGHUP, kKernel, "__kill_pgrp_info,do_exit").exiting(), "orphaned-group", Cause::unknown, nullptr);
  check(Scene(SIGHUP, kKernel).exiting(), "not-shown", Cause::unknown, nullptr);
  for (const char* end : {"kill_pgrp,pty_signal", "__kill_pgrp_info,kill_pgrp,pty_unix98_ioctl,tty_ioctl"})
    check(Scene(SIGINT, kKernel, end).own(), "terminal-key", Cause::tty_signal, nullptr);
}

TEST_CASE("rules: a terminal that is hung up is reported with its login, a cgroup.kill with its unit", "[rules]") {
  auto victim = std::make_shared<Process>(*kVictim);
  victim->uid = 54321;
  victim->cgroup = "/system.slice/web.service";
  Death death{*victim, SIGHUP};
  auto text = [&](const Scene& scene) {
    Clues clues{death, scene.signal, scene.seen, scene.around};
    return rule_for(clues).because(clues);
  };
  auto sshd = make_process(12, "sshd");
  auto in_login = [&](Scene& scene) {
    scene.signal.ancestry = std::make_shared<std::vector<ProcessPtr>>();
    scene.around.parents = std::make_shared<std::vector<ProcessPtr>>(std::vector<ProcessPtr>{sshd});
    scene.around.lookups.peer_of = [](const Process&) { return std::optional<std::string>("10.0.0.7"); };
    scene.seen.tty = "pts3";
  };
  constexpr char stack[] = "kill_pgrp,disassociate_ctty,do_exit";
  CHECK(text(Scene(SIGHUP, kKernel, stack, sshd).exiting().with(in_login)) ==
        ": its terminal pts/3 was hung up when sshd(12) ended, in a login of uid 54321 from 10.0.0.7");
  CHECK(text(Scene(SIGHUP, kKernel, "__tty_hangup,tty_vhangup", sshd).own().with(in_login)) ==
        ": its terminal pts/3 was hung up by sshd(12), in a login of uid 54321 from 10.0.0.7");
  CHECK(text(Scene(SIGHUP, kKernel, stack).exiting().with(in_login)) ==
        ": its terminal pts/3 was hung up when other(200) ended, in a login by sshd(12) of uid 54321 from 10.0.0.7");
  CHECK(text(Scene(SIGHUP, kKernel, "__tty_hangup,do_tty_hangup,process_one_work")) == ": its terminal was hung up");
  CHECK(text(Scene(SIGKILL, 0, "send_sig,cgroup_kill_write").own().with(in_login)) ==
        ": cgroup.kill in its unit web.service or above was written by other(200)");
}

TEST_CASE("rules: timers", "[rules]") {
  check(Scene(SIGALRM, kKernel, "kill_pid_info,it_real_fn,__hrtimer_run_queues"), "interval-timer", Cause::timer,
        nullptr);
  check(Scene(SIGALRM, kKernel), "interval-timer", Cause::timer, nullptr);
  check(Scene(SIGPROF, kKernel, "check_process_timers", kVictim), "interval-timer", Cause::timer, nullptr);
  check(Scene(SIGUSR1, -2, "send_sigqueue,posix_timer_event,posix_timer_fn"), "posix-timer", Cause::timer, nullptr);
  // Linux 7.2 of Debian forky, a timer of CPU time: what queues the signal is inlined.
  check(Scene(SIGUSR1, -2, "posix_cpu_timers_work,task_work_run"), "posix-timer", Cause::timer, nullptr);
  check(Scene(SIGUSR1, -2), "posix-timer", Cause::timer, nullptr);
  // Forged: from the process's own code, with no timer on the stack.
  check(Scene(SIGUSR1, -2).own(), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGALRM, kKernel, "do_send_sig_info,alien"), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGALRM, -2, "do_rt_sigqueueinfo").call("rt_sigqueueinfo"), "sigqueue-call", Cause::sigqueue, kOther);
}

TEST_CASE("rules: limits", "[rules]") {
  auto cpu = [](std::uint64_t used, std::uint64_t soft, std::uint64_t hard) {
    return [=](Scene& scene) {
      scene.seen.cpu_ns = used * 1'000'000'000;
      scene.seen.cpu_soft = soft;
      scene.seen.cpu_hard = hard;
    };
  };
  constexpr char timers[] = "send_signal_locked,posix_cpu_timers_work,task_work_run";
  check(Scene(SIGXCPU, kKernel, timers, kVictim).with(cpu(1, 1, 9)), "cpu-soft-limit", Cause::rlimit_cpu, nullptr);
  check(Scene(SIGXCPU, kKernel, timers, kVictim).with(cpu(0, 1, 9)), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGXCPU, kKernel, timers, kVictim), "not-shown", Cause::unknown, nullptr);  // RLIMIT_RTTIME
  check(Scene(SIGKILL, kKernel, timers, kVictim).with(cpu(2, 1, 2)), "cpu-hard-limit", Cause::rlimit_cpu, nullptr);
  check(Scene(SIGKILL, kKernel, timers, kVictim).with(cpu(1, 1, 2)), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGKILL, kKernel, "", kVictim).with(cpu(2, 1, 2)), "cpu-time-at-hard-limit", Cause::rlimit_cpu, nullptr);
  check(Scene(SIGKILL, kKernel, "alien", kVictim).with(cpu(2, 1, 2)), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGXFSZ, 0, "", kVictim), "file-size-limit", Cause::rlimit_fsize, nullptr);
  check(Scene(SIGXFSZ, 0), "not-shown", Cause::unknown, nullptr);
}

TEST_CASE("rules: what a process does to itself", "[rules]") {
  check(Scene(SIGPIPE, 0, "", kVictim).own(), "pipe-without-reader", Cause::sigpipe, nullptr);
  check(Scene(SIGPIPE, 0).own(), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGPIPE, 0, "", kVictim).call("kill"), "own-call", Cause::self, kVictim);
  check(Scene(SIGSYS, 1, "", kVictim), "seccomp-signal", Cause::seccomp, nullptr);
  check(Scene(SIGSYS, 2, "", kVictim), "not-shown", Cause::unknown, nullptr);  // syscall user dispatch
  for (int number : {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV}) {
    check(Scene(number, 1, "force_sig_fault,asm_exc_page_fault", kVictim).own(), "cpu-fault", Cause::fault, nullptr);
    check(Scene(number, 0, "", kVictim).own(), "not-shown", Cause::unknown, nullptr);
    check(Scene(number, 1, "do_rt_sigqueueinfo", kVictim).call("rt_sigqueueinfo"), "own-call", Cause::self, kVictim);
  }
  check(Scene(SIGSEGV, kKernel, "force_sig,exc_general_protection", kVictim).own(), "cpu-fault", Cause::fault, nullptr);
  check(Scene(SIGSEGV, kKernel, "", kVictim).own(), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGTRAP, kKernel, "", kVictim).own(), "cpu-fault", Cause::fault, nullptr);
  check(Scene(SIGBUS, 5, "kill_proc,memory_failure"), "cpu-fault", Cause::fault, nullptr);
  check(Scene(SIGSEGV, 1), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGSEGV, kKernel, "force_fatal_sig,bprm_execve,do_execveat_common", kVictim).own(), "exec-failed",
        Cause::unknown, nullptr);
}

TEST_CASE("rules: BPF programs and SysRq's signals", "[rules]") {
  check(Scene(SIGKILL, kKernel, "group_send_sig_info,bpf_send_signal_common,bpf_send_signal", kVictim).own(),
        "bpf-helper", Cause::bpf, nullptr);
  check(Scene(SIGKILL, kKernel, "group_send_sig_info,do_bpf_send_signal,irq_work_run"), "bpf-helper", Cause::bpf,
        nullptr);
  // Programs of other tracers, and stapkill's own, are on the stack of any signal.
  check(Scene(SIGKILL, kKernel, "bpf_trace_run5,bpf_prog_1234_on_signal"), "not-shown", Cause::unknown, nullptr);
  check(Scene(SIGTERM, kKernel, "do_send_sig_info,send_sig_all,sysrq_handle_term,write_sysrq_trigger").own(),
        "sysrq-signal", Cause::sysrq, kOther);
  check(Scene(SIGKILL, kKernel, "send_sig_all,sysrq_handle_kill,sysrq_filter"), "sysrq-signal", Cause::sysrq, nullptr);
}

TEST_CASE("rules: a stack's names are compared without what a compiler appends", "[rules]") {
  CHECK(stack_names("a.isra.0,b.cold,c [module],0xffffffff81000000,,d") ==
        std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(stack_names("").empty());
}
