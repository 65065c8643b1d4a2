// stap in passes 2 and 3: what the script names and the kernel or its debuginfo does not have.
#include "backend/stap/messages.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context
constexpr Message kMessages[] = {
    {"kernel.debuginfo.package", Level::error, "Missing separate debuginfos, use: debuginfo-install ",
     "The debuginfo packages that the line names are not installed.",
     "run the command that the line names; nothing where only libraries are named and the script runs",
     "kernel.debuginfo", "", "rpm_finder.cxx:230 (4.8)", false},
    {"kernel.debuginfo", Level::error, R"(semantic error: missing \w+ kernel/module debuginfo)",
     "The script has kernel.function()/module() probes, which need the DWARF of this kernel (or of this module).",
     "install the kernel's debuginfo package, or use kprobe.function and tracepoints", "kernel.debuginfo", "",
     "dwflpp.cxx:349,387 (4.8; 5.x :339,377)", false},
    {"kernel.debuginfo.warning", Level::warning,
     R"((WARNING|semantic error): cannot find (kernel|module \S+) debuginfo)",
     "No DWARF for the kernel, module or program named; probes by symbol table may still work. As \"semantic error\" "
     "it ends the run.",
     "nothing when the script compiles; else install the debuginfo of what is named", "kernel.debuginfo", "",
     "dwflpp.cxx:154-171 (4.8)", false},
    {"stap.dwarf", Level::error,
     R"((semantic error|WARNING): .*(\[man error::dwarf\]|\[error::dwarf\]|libdwfl failure|target-symbol requires debuginfo|unable to find any scopes containing|not accessible at this address|dwarf_|cannot get (type|size|byte_size|declaration|offset|bit field)))",
     "The debuginfo does not say where the variable is at this place: optimised away, DWARF newer than the elfutils "
     "stap was built with, or no debuginfo.",
     "guard it with @defined(), probe another place, or let such variables be 0", "kernel.debuginfo", "--skip-badvars",
     "dwflpp.cxx:2849-4369, tapsets.cxx:4708,7037,3931; util/dwflpp DWFL_ASSERT (4.8)", false},
    {"stap.variable", Level::error,
     R"(semantic error: (unable to find (tracepoint|plt) variable '|unable to find (local|global) '|unresolved (target-symbol|@var\(\)) expression))",
     "The probe point has no such $variable on this kernel (tracepoint arguments change between versions).",
     "use one of the alternatives that the line names, guarded by @defined(), or let it be 0", "stap.runtime",
     "--skip-badvars", "tapsets.cxx:11188,7686; dwflpp.cxx:2849; elaborate.cxx:6712 (4.8)", false},
    {"stap.member-tapset", Level::error,
     "semantic error: unable to find member '(real_start_time|state|cpu|recent_cid|__i_ctime|i_ctime|i_uid|nsproxy)' "
     "for struct (task_struct|mm_context_t|inode)",
     "A tapset function of this SystemTap reads a field that this kernel renamed: SystemTap is older than the kernel "
     "(4.8: task_ancestry needs real_start_time).",
     "do without the tapset function that the line's place names, or install a newer SystemTap; `stapkill emit` has "
     "scripts that do without",
     "stap.runtime", "", "dwflpp.cxx:3648 (4.8)", false},
    {"stap.member", Level::error, "semantic error: unable to find member '",
     "The structure has no such field on this kernel.",
     "use one of the alternatives, guarded by @defined(); where the place is a tapset file, a newer SystemTap is "
     "needed",
     "stap.runtime", "", "dwflpp.cxx:3648 (4.8)", false},
    {"stap.struct-access", Level::error, "semantic error: '[^']+'.* is being accessed instead of a member",
     "A whole structure was used as a value.", "name a member with ->, or print all of it with $ or $$", "", "",
     "dwflpp.cxx:4021 (4.8)", false},
    {"stap.type", Level::error, "semantic error: type definition '[^']*' not found in '",
     "@cast names a type that the header or debuginfo does not have - or the tracequery/typequery for it did not "
     "compile (see the compiler lines before).",
     "name the right header in @cast; where a compiler error stands above, that is the cause", "stap.runtime", "",
     "elaborate.cxx:6789 (4.8)", false},
    {"stap.no-match", Level::error, R"(semantic error: no match \(similar \w+: )",
     "The kernel or program has no function/tracepoint/mark of that name; the line names near ones.",
     "use one of the names in the line", "", "", "tapsets.cxx:8800,9101,10646,13143,8557 (4.8)", false},
    {"stap.no-match-bare", Level::error, "semantic error: no match$",
     "Nothing fits the probe point and there is nothing similar: no debuginfo and no System.map, a missing program, "
     "every tracequery failed, or the kernel lacks CONFIG_KPROBES.",
     "see which probe point the line above names; for kernel.trace the compiler's lines say why; kprobe.function needs "
     "a System.map",
     "kernel.symbols", "", "elaborate.cxx:1045 (4.8)", false},
    {"stap.return-probes", Level::error, "semantic error: process return probes not available",
     "stap has no .return of a program's functions: without a System.map it cannot see that the kernel can (Debian "
     "ships "
     "a stub).",
     "take .function(…) without .return; for .return, give stap the System.map of the kernel's debug package: "
     "`stapkill "
     "doctor --only kernel.symbols` tells how",
     "kernel.symbols", "", "tapsets.cxx uprobe_derived_probe (4.8)", false},
    {"stap.probe-point", Level::error, "semantic error: probe point (mismatch|truncated)",
     "The probe point has a wrong or missing part (typo, or another SystemTap version).",
     "correct it; stap -l PATTERN lists what there is", "", "", "elaborate.cxx:460,569,671 (4.8)", false},
    {"user.privilege.probe", Level::error,
     "semantic error: (probe point is not allowed for|function may not be used when) --privilege=",
     "A member of stapusr/stapsys only may not use this probe or function.",
     "run it with sudo, or join the group stapdev", "user.privilege", "", "elaborate.cxx:467,3131 (4.8)", false},
    {"stap.unresolved-function", Level::error, "semantic error: (unresolved function |arity mismatch found)",
     "The script calls a function that no tapset defines (typo, missing -I, older SystemTap).",
     "correct the name, or name the tapset's directory with -I", "stap.version", "", "elaborate.cxx:2965,3269 (4.8)",
     false},
    {"stap.timer", Level::error,
     "semantic error: (interval value out of range|randomization value out of range|invalid (interval|randomize) for "
     "jiffies timer|unrecognized timer variant|frequency must be greater than 0|profiling timer support)",
     "A probe timer.* has an interval outside its range (ms: 1..86400000).", "correct the interval", "", "",
     "tapset-timers.cxx:67-679 (4.8)", false},
    {"stap.executable", Level::error,
     "semantic error: (cannot find executable '|unspecified process probe is invalid|invalid -[xc] (pid|command) for "
     "unspecified process)",
     "The program of a process() probe is not there, or process without a path lacks -c/-x.",
     "give the full path, or -x PID or -c COMMAND", "", "", "tapsets.cxx:759,8670-8677,8843 (4.8)", false},
    {"kernel.config.utrace", Level::error,
     R"(semantic error: .*(not available without (kernel |exported )?(CONFIG_|perf_event)|CONFIG_\w+ not available on this kernel))",
     "The kernel was configured without what the probe needs.", "boot a kernel with that option", "kernel.config", "",
     "tapsets.cxx:5497,11041; tapset-perfmon.cxx:304 (4.8)", false},
    {"stap.typing", Level::error,
     R"(semantic error: (type mismatch|unresolved arity-\d+ global array|array locals not supported|expected (numeric|string) type|return type mismatch))",
     "The script uses a variable as number and as text, or an array without \"global\".", "correct the script", "", "",
     "elaborate.cxx:7470-7600; translate.cxx:5506 (4.8)", false},
    {"stap.no-probes", Level::error, "semantic error: no probes found",
     "All probes were optional and none exists here, or all handlers were empty and elided.",
     "see the warnings before it; to keep empty handlers, do without optimisation", "", "-u",
     "elaborate.cxx:2572 (4.8)", false},
    {"probe.blocklisted", Level::warning,
     R"(WARNING: ((kprobes )?function \S+ (return probe )?is (in )?bl(ock|ack)listed|tracepoint \S+ is bl(ock|ack)listed))",
     "The function may not be probed safely; stap leaves it out.", "nothing, or probe its caller", "", "",
     "tapsets.cxx:1588-1605,12586 (4.8)", false},
    {"probe.inline-return", Level::warning, R"(cannot probe \.return of \d+ inlined function)",
     "Inlined functions have no return to probe.", "nothing, or probe a function that is not inlined", "", "",
     "tapsets.cxx:9063 (4.8)", false},
    {"stap.never-assigned", Level::warning, "WARNING: never-assigned (local|global) variable '",
     "A variable is read but never set: mostly a misspelt name; the message names similar ones.", "correct the name",
     "", "", "elaborate.cxx:3423,3470,3524 (4.8)", false},
    {"stap.elided", Level::warning,
     R"(WARNING: ([Ee]liding |side-effect-free function '|Probe '.*' has been elided|statement will never be reached|Bad \$context variable being substituted|confusing usage, ))",
     "stap left out code without effect, or put 0 for a variable that does not exist (--skip-badvars).",
     "nothing; but a probe that \"has been elided\" reports nothing, and -u keeps it", "", "",
     "elaborate.cxx:3338-3992,5065,5136,5792; tapsets.cxx:4685 (4.8)", false},
    {"stap.symbol-data", Level::warning,
     R"((missing unwind/symbol data for module '|libdwfl failure getting symbol table|skipping module .* table \(too big|No unwind data for |No debug line data for |Error: Cannot find vmlinux))",
     "A module named by -d has no symbols, or is too big for the tables.",
     "nothing, or install its debuginfo; for \"too big\" raise -DMAX_UNWIND_TABLE_SIZE", "kernel.debuginfo", "",
     "translate.cxx:7170,7417,7493,8179; tapsets.cxx:9364 (4.8)", false},
    {"stap.cache-off", Level::warning, R"((failed to create (systemtap data|cache) directory|^Copy failed \("))",
     "The cache directory cannot be written (read-only, full, no HOME); with -p4 the printed module path may then not "
     "exist.",
     "set SYSTEMTAP_DIR to a directory that can be written", "fs.space", "",
     "session.cxx:238,248; hash.cxx:206; util.cxx:193 (4.8)", false},
    {"stap.tmpdir", Level::error, R"(cannot create temporary directory \(")",
     "TMPDIR or /tmp cannot be written (full, read-only, missing).", "set TMPDIR to a directory with 200 MB free",
     "fs.space", "", "session.cxx:2675 (4.8)", false},
    {"stap.out-of-memory", Level::error, R"(Out of memory\.   Please check --rlimit-as)",
     "stap itself ran out of memory (debuginfo of a whole kernel takes over 1 GB).",
     "use fewer wildcards, or a machine with more memory", "", "", "main.cxx:1606 (4.8)", false},
    {"stap.server", Level::error,
     "([Uu]nable to (find|connect to) a (suitable )?(compile.?)?server|using a compile-server is not supported)",
     "A compile server was asked for and is not there.", "leave --use-server out", "stap.present", "",
     "main.cxx:535; csclient.cxx (4.8)", false},
};

}  // namespace

std::span<const Message> analysis_messages() {
  return kMessages;
}

}  // namespace stapkill
