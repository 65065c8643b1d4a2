// Messages of a kernel in trouble (dmesg), perhaps because of a module of stap's.
#include "backend/stap/messages.h"
#include "base/phrase.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context, explains
constexpr Message kMessages[] = {
    {"crash.stap-module", Level::error, R"(\+0x[0-9a-f]+/0x[0-9a-f]+ \[stap_\w+\])",
     msgid("A probe handler of that module was running on the CPU that the kernel complains about."),
     msgid("do not load that script again on a machine that matters: probe fewer and rarer places, not within "
           "interrupts, "
           "locks or the scheduler, without -g, and keep SystemTap's overload check (no -DSTP_NO_OVERLOAD)"),
     "stap.runtime", "", "kernel call traces: symbol+offset/size [module]; kernel/kallsyms.c sprint_symbol", false,
     "crash.soft-lockup crash.hard-lockup crash.rcu-stall crash.hung-task crash.oops crash.panic"},
    {"crash.soft-lockup", Level::error, R"(soft lockup - CPU#\d+ stuck for \d+s)",
     msgid("A CPU ran in the kernel for that long without coming back to the scheduler. With a stap_ module among "
           "\"Modules "
           "linked in\" or in the call trace the probes are too many, too slow, or wait for one another."),
     msgid(
         "end stap (staprun -d NAME, else reboot), and probe rarer places; without a stap_ module it is not SystemTap"),
     "", "", "kernel/watchdog.c", false},
    {"crash.hard-lockup", Level::error, "hard LOCKUP on cpu|detected hard LOCKUP",
     msgid("A CPU took no interrupts for seconds. With a stap_ module in the call trace a probe handler hangs."),
     msgid("reboot, and probe rarer places, not in interrupt handlers"), "", "",
     "kernel/watchdog_hld.c; watchdog.c (6.5+)", false},
    {"crash.rcu-stall", Level::error, R"(rcu\w*:? .*(self-)?detected stalls? on|rcu_\w+ kthread starved)",
     msgid("A CPU held up RCU, by which the kernel frees memory, for that long: something runs there without a pause."),
     msgid("see which function is at the top of the call trace; with a stap_ module, end stap and probe rarer places"),
     "", "", "kernel/rcu/tree_stall.h", false},
    {"crash.hung-task", Level::error, R"(INFO: task .+:\d+ blocked for more than \d+ seconds)",
     msgid("The task waited for that long and could not be killed. staprun, stapio and rmmod do so when a probe "
           "handler of "
           "the module does not end."),
     msgid("see which function is at the top of the call trace; with staprun, stapio or a stap_ module, reboot to get "
           "rid of "
           "it"),
     "", "", "kernel/hung_task.c", false},
    {"crash.oops", Level::error,
     R"(BUG: unable to handle |BUG: kernel NULL pointer dereference|general protection fault|Unable to handle kernel |\bOops: |kernel BUG at )",
     msgid("The kernel met a fault of its own code or of a module's; RIP and the call trace say whose."),
     msgid("reboot; with a stap_ module in RIP or in the call trace, stop using that script; with any other module it "
           "is not "
           "SystemTap"),
     "stap.runtime", "", "arch/x86/mm/fault.c, arch/x86/kernel/traps.c, arch/arm64/mm/fault.c", false},
    {"crash.panic", Level::error, "Kernel panic - not syncing",
     msgid("The kernel stopped; the lines before it say why, and the call trace where."),
     msgid("read the first BUG: or Oops: above it; with a stap_ module in the call trace, stop using that script"),
     "stap.runtime", "", "kernel/panic.c", false},
    {"crash.oom-kill", Level::error,
     R"([Oo]ut of memory: Kill(ed)? process \d+ \((stap\w*|cc1|gcc\S*|ld|as|make|clang\S*|objtool)\))",
     msgid("The out-of-memory killer ended stap, or the compiler that it called."),
     msgid("give it more memory (debuginfo of a kernel takes over 1 GB, the compiler 300 MB), or compile on another "
           "machine"),
     "", "", "mm/oom_kill.c", false, "toolchain.crash"},
    {"crash.memory", Level::error,
     R"((stap\w*|insmod|modprobe|systemd-udevd): page allocation failure|vmalloc: allocation (failure|of)|vmalloc error: size|vmap allocation for size \d+ failed|[Cc]ould not allocate \d+ bytes percpu data|percpu: allocation failed|PERCPU: allocation failed)",
     msgid("The kernel had no memory in one piece for the module: its arrays are allocated whole when it is loaded, "
           "for each "
           "CPU."),
     msgid("free memory, or ask for less"), "", "-DMAXMAPENTRIES=2048 -DMAXSTRINGLEN=512 -s4",
     "mm/page_alloc.c, mm/vmalloc.c, mm/percpu.c, kernel/module/main.c percpu_modalloc", false,
     "insert.memory runtime.no-memory"},
};

}  // namespace

std::span<const Message> crash_messages() {
  return kMessages;
}

}  // namespace stapkill
