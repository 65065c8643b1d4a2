// The module when it starts: its checks of the kernel, registration of probes, memory.
#include "backend/stap/messages.h"
#include "base/phrase.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context
constexpr Message kMessages[] = {
    {"probe.hwbkpt", Level::error,
     "(Hwbkpt probe .*: registration error|Probe .* registration skipped: invalid symbol )",
     msgid("No free hardware breakpoint, or an unknown symbol."),
     msgid("watch fewer addresses (x86 has four), and existing symbols"), "", "",
     "tapsets.cxx:10944,10983 (4.8); runtime/linux/stap-hw-breakpoint.h:122 (5.1)", false},
    {"probe.registration-lockdown", Level::warning, R"(probe .* registration error.* \(rc -1\))",
     msgid("The kernel forbids kprobes (lockdown in confidentiality mode)."),
     msgid("probe tracepoints, which lockdown leaves alone, or switch Secure Boot or lockdown off"), "kernel.lockdown",
     "", "runtime/linux/kprobes.c:790,793; uprobes-inode.c:269 (4.8)", false},
    {"probe.registration-symbol", Level::warning, R"(probe .* registration error.* \(rc -2\))",
     msgid("The running kernel has no function of that name (it was inlined, renamed, or System.map is of another "
           "build)."),
     msgid("take the name from /proc/kallsyms, and the System.map of the running build"), "kernel.symbols", "",
     "runtime/linux/kprobes.c:790 (4.8)", false},
    {"probe.registration", Level::warning,
     R"(probe .* registration error|WARNING: probe (kernel|kprobe|module|process)\S* \()",
     msgid("The kernel refused to put a probe there: -22 blacklisted or not an instruction boundary, -84 another "
           "instruction "
           "there, -524 not supported, -16 busy, -12 no memory, -38 no kprobes."),
     msgid("probe a neighbour function or a tracepoint; /sys/kernel/debug/kprobes/blacklist lists what is forbidden"),
     "kernel.config", "",
     "kprobes.c:793, uprobes-inode.c:269 (4.8); \"_stp_error (probe %s registration error...\" translate.cxx:2070",
     false},
    {"probe.perf", Level::warning, "perf probe '.*' is not supported by this kernel",
     msgid("The machine (often a VM without a PMU) has no such counter."), msgid("use timer.* or perf.sw.* instead"),
     "kernel.config", "", "runtime/linux/perf.c:66 (4.8)", false},
    {"probe.uprobe-failed", Level::warning, R"(u\*probe failed )",
     msgid("A user-space probe could not be placed in that process."),
     msgid("ignore it: other processes are still probed"), "kernel.config", "",
     "runtime/linux/uprobes-common.c:119 (4.8)", false},
    {"runtime.uprobe-unregister", Level::error, "ERROR: Can't resolve uprobe_unregister!",
     msgid("Linux 6.12 renamed uprobe_unregister; SystemTap before 5.2 does not know it."),
     msgid(
         "stapkill works around this for its own probes and for `stapkill run`; `stapkill emit` prints the options for "
         "plain stap; SystemTap 5.2 has the fix"),
     "stap.runtime", "", "runtime/transport/transport.c:358 (4.8; 5.1 :380; from 5.2 it knows _nosync)", false},
    {"runtime.resolve", Level::error, R"((ERROR: |: )?[Cc]an't resolve [A-Za-z_]\w*( or \w+)?!)",
     msgid("The running kernel has no symbol of that name: SystemTap is older than the kernel."),
     msgid("install a newer SystemTap"), "stap.runtime", "",
     "stp_task_work.c:33,40; transport.c:348-372; stp_utrace.c:377-405 (4.8)", false},
    {"runtime.kallsyms", Level::error, "BUG: attempting to use unavailable kallsyms_on_each_symbol",
     msgid("kptr_restrict or lockdown hides the kernel symbols from SystemTap."),
     msgid("set the sysctl kernel.kptr_restrict to 1 or 0, on a kernel that is not locked down"), "kernel.lockdown", "",
     "runtime/sym.c:1171 (4.8)", false},
    {"runtime.no-stext", Level::warning, "No load address found _stext",
     msgid("staprun could not read the address of _stext from /proc/kallsyms (kptr_restrict=2, lockdown, container)."),
     msgid("run it as root, with the sysctl kernel.kptr_restrict at 1 or 0, outside containers"), "kernel.lockdown", "",
     "runtime/transport/symbols.c:42 (4.8)", false},
    {"kernel.version-mismatch", Level::error, R"(ERROR: module version mismatch \()",
     msgid("Headers and running kernel have the same release but are different builds (uname -v against the headers' "
           "UTS_VERSION); a module in the cache may be from before an update."),
     msgid("reboot into the installed kernel, or install the headers of the running build; empty stap's cache then: rm "
           "-r "
           "~/.systemtap/cache"),
     "kernel.build", "", "translate.cxx:1899 (4.8; 5.5 :1912)", false},
    {"kernel.release-mismatch", Level::error, R"(ERROR: module release mismatch \()",
     msgid("The module was compiled for another kernel release."),
     msgid("compile it with the headers of the running kernel"), "kernel.build", "",
     "translate.cxx:1889 (4.8; only with -DSTP_FULL_VERREL_CHECK)", false},
    {"stap.buildid-user", Level::warning, R"(Build-id mismatch( \[man (warning|error)::buildid\])?: "/)",
     msgid("The program or library that runs is not the file that stap read (replaced since, or another one inside a "
           "container)."),
     msgid("restart the program, or give stap the file that it runs from"), "", "", "runtime/sym.c:739 (4.8)", false},
    {"kernel.debuginfo.match", Level::error, "Build-id mismatch",
     msgid("The debuginfo that stap read is of another build than the running kernel or module."),
     msgid("install the debuginfo of exactly the running build, or reboot into the installed kernel"),
     "kernel.debuginfo.match", "", "runtime/sym.c:739, translate.cxx \"if (_stp_module_check()) rc = -EINVAL\" (4.8)",
     false},
    {"stap.process-tracking-runtime", Level::error,
     "(process-tracking (is|facilities are) not available in this kernel|cannot track target in process ')",
     msgid("The kernel lacks tracepoints or uprobes that following processes needs."),
     msgid("boot a kernel with CONFIG_UPROBES and CONFIG_TRACEPOINTS"), "kernel.config", "",
     "runtime/linux/task_finder_stubs.c:10,69,76 (4.8)", false},
    {"runtime.tracking-failed", Level::warning,
     R"((WARNING|ERROR): (task_finder |utrace_\w+ returned |stap_utrace_detach returned |Unable to get path \(error|register_(trace_)?s\w+ failed|Failed to initialize utrace hooks|__stp_tf_add_map returned))",
     msgid("Following processes failed for one task (it was ending) or altogether."),
     msgid("ignore it for single processes; else install a newer SystemTap"), "stap.runtime", "",
     "runtime/linux/task_finder2.c:422-1911, stp_utrace.c:412-433 (4.8)", false},
    {"runtime.no-memory", Level::error,
     "(ERROR|WARNING): (.*allocation failed|Unable to allocate space for |out of memory tracking |Couldn't reserve any "
     "print buffer space)",
     msgid(
         "The kernel had no memory for the module; arrays are allocated whole at start (MAXMAPENTRIES x MAXSTRINGLEN x "
         "CPUs)."),
     msgid("free memory, or ask for less"), "", "-DMAXMAPENTRIES=2048 -DMAXSTRINGLEN=512 -s4",
     "runtime_context.h:39, print.c:164, vsprintf.c:733; translate.cxx:2020; uprobes-inode.c:777 (4.8)", false},
    {"runtime.init", Level::error,
     "ERROR: (couldn't initialize (the main session|gettimeofday|tracepoints|stack support)|session has already been "
     "initialized|couldn't find udelay_simple|Failed to run STAP_MODULE_INIT_HOOK)",
     msgid("The module loaded but a part of the runtime could not start on this kernel."),
     msgid("see dmesg; most often a newer SystemTap is needed"), "stap.runtime", "",
     "translate.cxx:1949-1989, common_session_state.h:87 (4.8)", false},
    {"user.privilege.module", Level::error,
     R"((Your privilege credentials \(.*\) are insufficient|Unable to verify that you have the required privilege credentials))",
     msgid("The module needs a higher level than the user has (stapusr < stapsys < stapdev)."),
     msgid("run it with sudo, or join the groups stapdev and stapusr"), "user.privilege", "",
     "translate.cxx:1923,1934 (4.8)", false},
    {"runtime.procfs", Level::error, R"((Could not create (directory|path) "|Attempted to open too many procfs files))",
     msgid("A probe procfs(NAME) could not make its file: the name is used twice, or there are too many."),
     msgid("use other names, and check that no second module of that name is loaded"), "", "",
     "runtime/procfs.c:102,119,139 (4.8)", false},
};

}  // namespace

std::span<const Message> starting_messages() {
  return kMessages;
}

}  // namespace stapkill
