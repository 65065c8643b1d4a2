// The module while it runs: limits that an option raises, and faults of scripts and tapsets.
#include "backend/stap/messages.h"
#include "base/phrase.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context
constexpr Message kMessages[] = {
    {"stap.maxaction", Level::error, "ERROR: MAXACTION exceeded( near |$)",
     msgid("One probe hit executed more statements than MAXACTION (1000; 10000 where interruptible) allows."),
     msgid("allow more statements"), "", "-DMAXACTION=102400",
     "tapsets.cxx:349 + translate.cxx:56 (4.8; 5.1 :57, 5.5 same text)", false},
    {"stap.array-size", Level::error, R"(ERROR: Array overflow, check size limit \(\d+\))",
     msgid("An array that the script declared with its own size is full; -DMAXMAPENTRIES does not touch it."),
     msgid("raise the [N] of its declaration, or write NAME% so that old entries make room"), "", "",
     "translate.cxx:854,876,3468 (4.8)", false},
    {"stap.maxmapentries", Level::error, "ERROR: Array overflow, check MAXMAPENTRIES",
     msgid("A global array without a size of its own holds MAXMAPENTRIES (2048) elements and is full."),
     msgid("allow larger arrays"), "", "-DMAXMAPENTRIES=102400", "translate.cxx:53,854,876 (4.8)", false},
    {"stap.aggregate-overflow", Level::error, "ERROR: aggregation overflow in ",
     msgid("Merging the per-CPU parts of a statistics array did not fit into MAXMAPENTRIES."),
     msgid("allow larger arrays"), "", "-DMAXMAPENTRIES=102400", "translate.cxx:57,4492,4920,5314 (4.8)", false},
    {"stap.maxnesting", Level::error, "ERROR: MAXNESTING exceeded( near |$)",
     msgid("Function calls of the script are nested deeper than MAXNESTING (10 for recursive functions)."),
     msgid("allow deeper nesting"), "", "-DMAXNESTING=100", "translate.cxx:54,2669 (4.8)", false},
    {"stap.maxskipped", Level::error, "Skipped too many probes, check MAXSKIPPED",
     msgid("More than MAXSKIPPED (100) probe hits were lost, by lock waits, re-entry or missed kretprobes, and the "
           "script "
           "gave up."),
     msgid("narrow the targets, or allow more losses"), "", "-DMAXSKIPPED=102400 -DMAXTRYLOCK=1000",
     "tapsets.cxx:371, runtime/linux/uprobes-common.c:141 (4.8)", false},
    {"stap.overload", Level::error, R"(probe overhead (\(\d+ cycles\) )?exceeded threshold)",
     msgid("The probe handlers took more than half of the CPU for a second; SystemTap stops itself to spare the "
           "machine."),
     msgid("narrow the targets; if the machine can bear the load, turn off the check"), "", "-DSTP_NO_OVERLOAD",
     "tapsets.cxx:317 (4.8)", false},
    {"stap.transport", Level::warning, R"(There were \d+ transport failures\.)",
     msgid("The module wrote faster than staprun read, so output was dropped."),
     msgid("give the module a larger buffer"), "", "-s64",
     "runtime/transport/transport.c:430 (4.8; 5.1 :455, 5.5 :472)", false},
    {"stap.pending", Level::warning, R"((WARNING|ERROR): too many pending \((warning|error|system)\) messages)",
     msgid("The module said more at once than its message pool holds, so some of its own warnings or errors are "
           "missing."),
     msgid("look at the first message above it: that is the one to fix"), "", "",
     "runtime/transport/control.c:326,337,348 (4.8)", false, "context.staprun"},
    {"stap.maxtrylock", Level::warning, R"(WARNING: Skipped due to global '[^']+' lock timeout: \d+)",
     msgid("Several CPUs wanted the same script variable and a probe gave up after MAXTRYLOCK (100) tries of 10 us."),
     msgid("count with <<< instead of ++, or let probes wait longer for locks"), "", "-DMAXTRYLOCK=1000",
     "translate.cxx:2435 (4.8)", false},
    {"stap.kretactive", Level::warning, "WARNING: Skipped due to missed k(ret)?probe(/[12])? on '",
     msgid("More calls of the function were in flight than there are return-probe instances, or the probe was hit "
           "re-entrantly."),
     msgid("give return probes more instances"), "", "-DKRETACTIVE=200", "runtime/linux/kprobes.c:388,395,406 (4.8)",
     false},
    {"stap.skipped-why", Level::warning,
     R"(WARNING: Skipped due to (low stack|reentrancy|uprobe (un)?register failure): \d+)",
     msgid("The reason of the losses counted in the line above: a probe inside a probe, too little kernel stack, or a "
           "failed "
           "uprobe."),
     msgid(
         "ignore it while the number is small; for low stack try -DMINSTACKSPACE=512; for reentrancy do not probe what "
         "handlers call"),
     "", "", "translate.cxx:2439-2445 (4.8; only with -t)", false},
    {"stap.skipped", Level::warning, R"(WARNING: Number of errors: \d+, skipped probes: [1-9]\d*)",
     msgid("Probe hits were lost inside SystemTap; the two counts follow."),
     msgid("stap -t names the reason; let more be lost before SystemTap gives up, and let probes wait longer for their "
           "locks"),
     "", "-DMAXSKIPPED=102400 -DMAXTRYLOCK=1000", "translate.cxx:2423 (4.8)", false},
    {"stap.error-count", Level::warning, R"(WARNING: Number of errors: [1-9]\d*, skipped probes: 0\b)",
     msgid("A count of the ERROR: lines above; no cause of its own."), msgid("see the ERROR line before it"), "", "",
     "translate.cxx:2423 (4.8)", false},
    {"stap.timelock", Level::warning, "_stp_gettimofday_ns seqlock timeout",
     msgid("The clock of the runtime could not be read in time (often after a CPU frequency change or in a VM)."),
     msgid("ignore it if it happens once; else let it try longer"), "",
     "-DSTP_TIMELOCKTRIES=100 -DSTP_TIMELOCKDELAY=100", "runtime/time.c:461 (4.8)", false},
    {"stap.fault", Level::error,
     R"(ERROR: ((read|write) fault( \[man error::fault\])? at 0x[0-9a-f]+|register access fault))",
     msgid("The script followed a pointer that is not valid, or read memory that is paged out."),
     msgid("put the access into try { } catch { }, or let such hits pass"), "", "--suppress-handler-errors",
     "translate.cxx:8234-8240 (4.8)", false},
    {"stap.copy-fault", Level::error,
     R"(ERROR: (user|kernel) (unsigned )?(string|long|int|short|char|pointer) copy fault( -\d+)? at (0x)?[0-9a-f]+)",
     msgid("A string or number at that address could not be read: the page is not in memory or the pointer is bad."),
     msgid("use user_string2() with a text for the bad case, or try { } catch { }, or let such hits pass"), "",
     "--suppress-handler-errors",
     "tapset/uconversions.stp, uconversions-guru.stp:16ff, linux/conversions.stp:29ff (4.8)", false},
    {"stap.copy-fault-warned", Level::warning,
     "WARNING: (user|kernel) (unsigned )?(string|long|int|short|char|pointer) copy fault ",
     msgid("One string could not be read; the tapset put a default in its place."), msgid("nothing needs to be done"),
     "", "", "tapset/uconversions.stp:526ff (4.8)", false},
    {"stap.kernel-access", Level::error, "ERROR: Unable to access kernel space data at 0x",
     msgid("Kernel memory at that address could not be read."),
     msgid("put the access into try { } catch { }, or let such hits pass"), "", "--suppress-handler-errors",
     "tapset/linux/conversions.stp:438 (4.8)", false},
    {"stap.returnval", Level::error, R"(ERROR: returnval\(\) not defined in this context)",
     msgid("returnval() was called where the probe is a tracepoint, as nd_syscall.*.return is without System.map."),
     msgid("use the alias's own retval or retstr, or give stap a System.map"), "kernel.symbols", "",
     "tapset/errno.stp:438 (4.8-5.5)", false},
    {"stap.no-registers", Level::error,
     "ERROR: (No registers available in this context|invalid call without context registers|[Cc]annot access (CPU "
     "registers in this context|syscall number))",
     msgid("int_arg()/register() were called in a probe that has no CPU registers (a tracepoint or timer)."),
     msgid("use the variables of the probe alias instead"), "kernel.symbols", "",
     "tapset/x86_64/registers.stp:72, linux/utrace.stp:9, linux/aux_syscalls.stp:6317 (4.8)", false},
    {"stap.arith", Level::error,
     "ERROR: (division by 0|empty aggregate|histogram index out of range|all functions exhausted|divide by zero in "
     "DWARF operand)",
     msgid("The script divided by zero or read a statistic that has no values."),
     msgid("ask @count() or the divisor first, or let such hits pass"), "", "--suppress-handler-errors",
     "translate.cxx:55,58,59,6186,8238 (4.8)", false},
    {"stap.namespace", Level::error, "ERROR: cannot resolve id in namespace",
     msgid("ns_pid() or a similar function found no number of that task in the target namespace."),
     msgid("give stap --target-namespaces=PID of a process inside, or use try { } catch { }"), "env.container", "",
     "tapset/linux/context.stp:56, task.stp:234 (4.8)", false},
    {"stap.unprivileged-tapset", Level::error, "ERROR: myproc-unprivileged tapset function called",
     msgid("A script for stapusr looked at a process of another user."),
     msgid("run it as root or as a member of stapdev"), "user.privilege", "", "translate.cxx:8230 (4.8)", false},
    {"stap.unwind-missing", Level::warning, "Missing unwind data for (a )?module, rerun with 'stap -d ",
     msgid("A backtrace passed through a file whose unwind tables are not in the module."),
     msgid("give stap -d with the file that the line names, or --ldd"), "", "", "runtime/unwind.c:1527 (4.8)", false},
    {"stap.unwind-read", Level::warning, "_stp_read_address failed to access memory",
     msgid("A backtrace met an address that could not be read: the page of the stack is not in memory, or the unwind "
           "tables "
           "do not fit."),
     msgid("nothing needs to be done: the backtrace ends there"), "", "", "runtime/unwind.c:1463 (4.8)", false},
    {"stap.histogram", Level::warning, "WARNING: histogram: (interval cannot be zero|Number of buckets must be)",
     msgid("@hist_linear() has a start, stop and interval that make no buckets."),
     msgid("correct the numbers of @hist_linear()"), "", "", "runtime/stat-common.c:20,28 (4.8)", false},
};

}  // namespace

std::span<const Message> running_messages() {
  return kMessages;
}

}  // namespace stapkill
