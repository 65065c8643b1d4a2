// stap in pass 2: the probe points and functions that the script names.
#include "backend/stap/messages.h"
#include "base/phrase.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context, explains
constexpr Message kMessages[] = {
    {"stap.no-match.syscall", Level::error,
     R"(no match( \(similar functions?: .*\b__(x64|ia32|arm64|s390x?|powerpc|riscv|se|do)_sys_| while resolving probe point kprobe\.function\("(sys|SyS)_))",
     msgid(
         "The kernel has other names for its system calls' functions than the probe: sys_X became __x64_sys_X in Linux "
         "4.17 (__arm64_sys_X, …). A tapset that still says sys_X is older than the kernel."),
     msgid("use the new name, or syscall.X and nd_syscall.X of a SystemTap that knows the kernel; `stapkill probes` "
           "lists "
           "what there is"),
     "stap.runtime", "", "tapsets.cxx:8800,9101 (4.8); arch/x86/include/asm/syscall_wrapper.h (4.17)", false},
    {"stap.no-match.mark", Level::error, R"(no match( \(similar marks?: | while resolving probe point .*\.mark\())",
     msgid(
         "The program or library has no static mark (USDT) of that name: it was built without them, is stripped, or is "
         "another file than the one that runs."),
     msgid(
         "list the existing marks: stap -L 'process(\"FILE\").mark(\"*\")'; build it with them (--with-dtrace-support, "
         "systemtap-sdt-devel)"),
     "", "", "tapsets.cxx:8557 (4.8); the probe point stands on the source: line", false},
    {"stap.no-match.tracepoint", Level::error,
     R"(no match( \(similar tracepoints?: | for (kernel|module)\S*\.tracepoint| while resolving probe point (kernel|module\(.*\))\.trace))",
     msgid("The kernel has no tracepoint of that name, or the headers with it did not compile (the compiler's lines "
           "above)."),
     msgid("list the existing tracepoints: `stapkill probes 'kernel.trace(\"*\")'`, or /sys/kernel/tracing/events; if "
           "there "
           "is a compiler error above, that is the cause"),
     "stap.runtime", "", "tapsets.cxx:13143 (4.8), :15826 (5.6)", false},
    {"stap.no-match.library", Level::error,
     R"(no match( \(similar librar(y|ies): | while resolving probe point .*\.library\())",
     msgid("The program does not load a library of that name."), msgid("name the library's file as ldd shows it"), "",
     "", "tapsets.cxx:10083 (5.6)", false},
    {"stap.no-match", Level::error, R"(no match \(similar functions?: )",
     msgid(
         "The kernel or program has no function of that name (renamed, inlined, or of another version); the line names "
         "similar ones."),
     msgid("use one of the names in the line"), "", "", "tapsets.cxx:8800,9101,10646 (4.8)", false},
    {"stap.no-match.program", Level::error, R"(no match while resolving probe point process\b)",
     msgid("The program or library has no such function that stap can see: it is stripped, its debuginfo is not "
           "installed or "
           "of another build, or the file is not the one that runs."),
     msgid("name the file that runs (ls -l /proc/PID/exe), and install its debuginfo or build it with -g; `stapkill "
           "probes "
           "FILE` lists what there is"),
     "", "", "elaborate.cxx:1045 (4.8); the probe point stands on the source: line", false},
    {"stap.no-match.kprobe", Level::error, R"(no match while resolving probe point kprobe\.)",
     msgid("The kernel has no function of that name any more, or stap found no System.map to look it up in."),
     msgid("look it up in /proc/kallsyms; if it is there, stap needs a System.map with it"), "kernel.symbols", "",
     "elaborate.cxx:1045 (4.8); the probe point stands on the source: line", false},
    {"stap.no-match.module", Level::error,
     R"((no match|kernel/module debuginfo.*) while resolving probe point module\()",
     msgid("stap has no such module, no such function in it, or no debuginfo of it. It looks below /lib/modules of the "
           "release; a driver that is built into the kernel is no module."),
     msgid("if modules.builtin names it, use kernel.function(); else install the kernel's debuginfo; a module of your "
           "own, "
           "built with -g, must lie below /lib/modules/RELEASE, for example in extra"),
     "kernel.debuginfo", "", "elaborate.cxx:1045, dwflpp.cxx:349 (4.8); 1.x in one line", false},
    {"stap.no-match.kernel", Level::error, R"(no match while resolving probe point kernel\.)",
     msgid("kernel.function() and module() probes need the kernel's debuginfo, and stap has none; or the function is "
           "not in "
           "this kernel."),
     msgid("install the debuginfo of the running kernel, or probe with kprobe.function() or a tracepoint"),
     "kernel.debuginfo", "", "elaborate.cxx:1045 (4.8); the probe point stands on the source: line", false},
    {"stap.no-match-bare", Level::error, R"(semantic error: no match( while resolving probe point .*)?\s*$)",
     msgid("Nothing fits the probe point and there is nothing similar: no debuginfo and no System.map, a missing "
           "program, "
           "every tracequery failed, or the kernel lacks CONFIG_KPROBES."),
     msgid("see which probe point the line above names; for kernel.trace the compiler's lines say why; kprobe.function "
           "needs "
           "a System.map"),
     "kernel.symbols", "", "elaborate.cxx:1045 (4.8)", false},
    {"stap.return-probes", Level::error, "semantic error: process return probes not available",
     msgid("stap cannot probe the return of a program's function: without a System.map it cannot see that the kernel "
           "supports it (Debian ships a stub)."),
     msgid("use .function(…) without .return; for .return, give stap the System.map of the kernel's debug package: "
           "`stapkill "
           "doctor --only kernel.symbols` shows how"),
     "kernel.symbols", "", "tapsets.cxx uprobe_derived_probe (4.8)", false},
    {"stap.probe-point", Level::error, "semantic error: probe point (mismatch|truncated)",
     msgid("The probe point has a wrong or missing part (typo, or another SystemTap version)."),
     msgid("correct it; stap -l PATTERN lists what there is"), "", "", "elaborate.cxx:460,569,671 (4.8)", false},
    {"user.privilege.probe", Level::error,
     "semantic error: (probe point is not allowed for|function may not be used when) --privilege=",
     msgid("A member of stapusr/stapsys only may not use this probe or function."),
     msgid("run it with sudo, or join the group stapdev"), "user.privilege", "", "elaborate.cxx:467,3131 (4.8)", false},
    {"stap.unresolved-tapset", Level::error,
     R"(semantic error: (unresolved function|arity mismatch).* at \S*/tapset/\S+\.stp)",
     msgid("A tapset calls a function that no tapset defines: the tapsets are of two versions, or one was edited or "
           "does not "
           "parse."),
     msgid("reinstall SystemTap, all of its packages from one source"), "stap.version", "",
     "elaborate.cxx:2965,3269 (4.8)", false},
    {"stap.unresolved-function", Level::error, "semantic error: (unresolved function |arity mismatch found)",
     msgid("The script calls a function that no tapset defines (typo, missing -I, older SystemTap)."),
     msgid("correct the name, or name the tapset's directory with -I"), "stap.version", "",
     "elaborate.cxx:2965,3269 (4.8)", false},
    {"stap.timer", Level::error,
     "semantic error: (interval value out of range|randomization value out of range|invalid (interval|randomize) for "
     "jiffies timer|unrecognized timer variant|frequency must be greater than 0|profiling timer support)",
     msgid("A probe timer.* has an interval outside its range (ms: 1..86400000)."), msgid("correct the interval"), "",
     "", "tapset-timers.cxx:67-679 (4.8)", false},
    {"stap.executable", Level::error,
     "semantic error: (cannot find executable '|unspecified process probe is invalid|invalid -[xc] (pid|command) for "
     "unspecified process)",
     msgid("The program of a process() probe does not exist, or process without a path lacks -c/-x."),
     msgid("give the full path, or -x PID or -c COMMAND"), "", "", "tapsets.cxx:759,8670-8677,8843 (4.8)", false},
    {"kernel.config.utrace", Level::error,
     R"(#error "Process probes|not available without (kernel |exported )?(CONFIG_|perf_event)|CONFIG_\w+ not available on this kernel)",
     msgid("The kernel was configured without what the probe needs. utrace was in Red Hat's kernels up to EL 6; since "
           "Linux "
           "3.5 it is CONFIG_UPROBES, which SystemTap before 1.8 does not know."),
     msgid("boot a kernel with that option; on a kernel since 3.5 install a newer SystemTap"), "kernel.config", "",
     "tapsets.cxx:5497,11041; tapset-perfmon.cxx:304 (4.8); 1.6: buildrun.cxx:421, tapset-utrace.cxx:128; "
     "runtime/linux/task_finder.c:14 (2.4)",
     false, "runtime.compile"},
    {"stap.no-probes", Level::error, "semantic error: no probes found",
     msgid("All probes were optional and none exists here, or all handlers were empty and elided."),
     msgid("see the warnings before it; to keep empty handlers, turn off optimisation"), "", "-u",
     "elaborate.cxx:2572 (4.8)", false},
    {"probe.blocklisted", Level::warning,
     R"(WARNING: ((kprobes )?function \S+ (return probe )?is (in )?bl(ock|ack)listed|tracepoint \S+ is bl(ock|ack)listed))",
     msgid("The function may not be probed safely; stap leaves it out."), msgid("ignore it, or probe its caller"), "",
     "", "tapsets.cxx:1588-1605,12586 (4.8)", false},
    {"probe.inline-return", Level::warning, R"(cannot probe \.return of \d+ inlined function)",
     msgid("Inlined functions have no return to probe."), msgid("ignore it, or probe a function that is not inlined"),
     "", "", "tapsets.cxx:9063 (4.8)", false},
};

}  // namespace

std::span<const Message> probe_messages() {
  return kMessages;
}

}  // namespace stapkill
