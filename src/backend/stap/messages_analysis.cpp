// stap in passes 2 and 3: what debuginfo, types and the script lack; stap itself.
#include "backend/stap/messages.h"
#include "base/phrase.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context, explains
constexpr Message kMessages[] = {
    {"kernel.debuginfo.package", Level::error, "Missing separate debuginfos, use: (dnf )?debuginfo-install",
     msgid("The debuginfo packages that the line names are not installed."),
     msgid("run the command that the line names; ignore it if only libraries are named and the script runs"),
     "kernel.debuginfo", "", "rpm_finder.cxx:230 (4.8)", false,
     "stap.no-match-bare stap.no-match.kernel stap.no-match.module stap.no-match.program stap.type stap.type-kernel "
     "stap.type-program stap.global stap.dwarf"},
    {"kernel.debuginfo", Level::error, R"(missing \S+ kernel/module debuginfo)",
     msgid(
         "The script has kernel.function()/module() probes, which need the DWARF of this kernel (or of this module)."),
     msgid("install the kernel's debuginfo package, or use kprobe.function and tracepoints"), "kernel.debuginfo", "",
     "dwflpp.cxx:349,387 (4.8; 5.x :339,377)", false,
     "stap.no-match-bare stap.no-match.kernel stap.no-match.module stap.no-match.kprobe stap.type stap.type-kernel "
     "stap.type-tapset stap.no-probes"},
    {"program.debuginfo", Level::warning, R"((WARNING|semantic error): cannot find module \S*/\S+ debuginfo)",
     msgid("The named program or library has no debuginfo: functions in its symbol table can be probed, but variables "
           "and "
           "types cannot be read."),
     msgid("install the debuginfo package of the running version, or build it with -g and do not strip it"), "", "",
     "dwflpp.cxx:154-171 (4.8)", false,
     "stap.no-match-bare stap.no-match.program stap.type stap.type-program stap.global stap.dwarf stap.variable"},
    {"kernel.debuginfo.warning", Level::warning,
     R"((WARNING|semantic error): cannot find (kernel|module \S+) debuginfo)",
     msgid("The kernel, or the named kernel module, has no debuginfo: kernel.function() and module() probes cannot be "
           "found; "
           "tracepoints and kprobe.function() need none."),
     msgid("ignore it if the script compiles; else install the debuginfo of the running kernel, or use kprobe.function "
           "and "
           "tracepoints"),
     "kernel.debuginfo", "", "dwflpp.cxx:154-171 (4.8)", false,
     "stap.no-match-bare stap.no-match.kernel stap.no-match.module stap.no-match.kprobe stap.type stap.type-kernel "
     "stap.type-tapset stap.dwarf stap.no-probes"},
    {"stap.symbol-table", Level::warning, "libdwfl failure getting symbol table",
     msgid("elfutils cannot read the symbols of the kernel's image; stap takes them from /proc/kallsyms instead."),
     msgid("nothing needs to be done"), "", "", "translate.cxx:7170 (4.8; RHBZ 1795196)", false},
    {"stap.dwarf", Level::error,
     R"((semantic error|WARNING): .*(\[man error::dwarf\]|\[error::dwarf\]|libdwfl failure|debuginfo scope not found|target-symbol requires debuginfo|unable to find any scopes containing|not accessible at this address|dwarf_|cannot get (type|size|byte_size|declaration|offset|bit field)))",
     msgid("The debuginfo does not say where the variable is at this place: optimised away, DWARF newer than the "
           "elfutils "
           "stap was built with, or no debuginfo."),
     msgid("guard it with @defined(), probe another place, or let such variables be 0"), "kernel.debuginfo",
     "--skip-badvars", "dwflpp.cxx:2849-4369, tapsets.cxx:4708,7037,3931; util/dwflpp DWFL_ASSERT (4.8)", false},
    {"stap.global", Level::error, R"(semantic error: unable to find global '[^']*'.* in \W?\S*/)",
     msgid("The debuginfo of that program or library names no such global variable at this place: it is of another "
           "source "
           "file, the program was built with -flto or stripped, or it is of another version."),
     msgid("name the source file too, as in @var(\"NAME@FILE.c\"); else build the program with -g and without -flto"),
     "", "", "dwflpp.cxx:2849 (4.8)", false},
    {"stap.variable", Level::error,
     R"(semantic error: (unable to find (tracepoint|plt) variable '|unable to find (local|global) '|unresolved (target-symbol|@var\(\)) expression))",
     msgid("The probe point has no such $variable on this kernel (tracepoint arguments change between versions)."),
     msgid("use one of the alternatives that the line names, guarded by @defined(), or let it be 0"), "stap.runtime",
     "--skip-badvars", "tapsets.cxx:11188,7686; dwflpp.cxx:2849; elaborate.cxx:6712 (4.8)", false},
    {"stap.member-tapset", Level::error,
     R"(semantic error: unable to find member '((real_start_time|state|cpu|recent_cid|__i_ctime|i_ctime|i_uid|nsproxy)' for struct (task_struct|mm_context_t|inode)|.* at \S*/tapset/\S+\.stp))",
     msgid("A tapset function of this SystemTap reads a field that this kernel renamed: SystemTap is older than the "
           "kernel "
           "(4.8: task_ancestry needs real_start_time)."),
     msgid("install a newer SystemTap, or avoid the tapset function at the place that the line names; the scripts of "
           "`stapkill emit` do without it"),
     "stap.runtime", "", "dwflpp.cxx:3648 (4.8)", false},
    {"stap.member", Level::error, "semantic error: unable to find member '",
     msgid("The structure has no such field on this kernel."),
     msgid("use one of the alternatives, guarded by @defined(); if the place is a tapset file, install a newer "
           "SystemTap"),
     "stap.runtime", "", "dwflpp.cxx:3648 (4.8)", false},
    {"stap.struct-access", Level::error, "semantic error: '[^']+'.* is being ",
     msgid("A whole structure was used as a value."), msgid("name a member with ->, or print all of it with $ or $$"),
     "", "", "dwflpp.cxx:4021 (4.8)", false},
    {"stap.type-kernel", Level::error, R"(semantic error: type definition '[^']*' not found in 'kernel')",
     msgid("The type is looked up in the kernel's debuginfo, and stap has none, or that of another build."),
     msgid("install the debuginfo of the running kernel; in your own script name a header instead, as in @cast(…, "
           "\"TYPE\", "
           "\"kernel<linux/sched.h>\")"),
     "kernel.debuginfo", "", "elaborate.cxx:6789 (4.8)", false},
    {"stap.type-program", Level::error, R"(semantic error: type definition '[^']*' not found in '[^'<]*/[^'<]*')",
     msgid("The debuginfo of that program or library has no such type: it is stripped or was built without -g, it is "
           "of "
           "another version than the script is for, or the path is not a full one."),
     msgid("name the file by its full path, and install its debuginfo or build it with -g"), "", "",
     "elaborate.cxx:6789 (4.8)", false},
    {"stap.type-tapset", Level::error,
     R"(semantic error: type definition '[^']*' not found in '.* at \S*/tapset/\S+\.stp)",
     msgid("A tapset reads a type that this kernel's headers or debuginfo do not have: SystemTap is older than the "
           "kernel, "
           "or the query for it did not compile (see the compiler's lines above)."),
     msgid("install a newer SystemTap, or avoid the tapset function at the place that the line names; if there is a "
           "compiler "
           "error above, that is the cause"),
     "stap.runtime", "", "elaborate.cxx:6789 (4.8)", false},
    {"stap.type", Level::error, "semantic error: (type definition '[^']*' not found in '|unresolved struct )",
     msgid("@cast names a type that the header or debuginfo does not have, or its tracequery/typequery did not compile "
           "(see "
           "the compiler's lines above)."),
     msgid("name the right header in @cast; if there is a compiler error above, that is the cause"), "stap.runtime", "",
     "elaborate.cxx:6789 (4.8)", false},
    {"stap.typing", Level::error,
     R"(semantic error: ((probe_\w+ with )?type mismatch|unresolved type for |[Ee]xpecting symbol or array index|unresolved arity-\d+ global array|array locals not supported|expected (numeric|string) type|return type mismatch))",
     msgid("The script uses a variable both as a number and as text, or an array without \"global\"."),
     msgid("correct the script"), "", "", "elaborate.cxx:7470-7600; translate.cxx:5506 (4.8)", false},
    {"stap.never-assigned", Level::warning, "WARNING: never-assigned (local|global) variable '",
     msgid("A variable is read but never set: mostly a misspelt name; the message names similar ones."),
     msgid("correct the name"), "", "", "elaborate.cxx:3423,3470,3524 (4.8)", false},
    {"stap.elided", Level::warning,
     R"(WARNING: ([Ee]liding |side-effect-free function '|Probe '.*' has been elided|statement will never be reached|Bad \$context variable being substituted|confusing usage, ))",
     msgid("stap left out code without effect, or put 0 for a variable that does not exist (--skip-badvars)."),
     msgid("ignore it; a probe that \"has been elided\" reports nothing, and -u keeps it"), "", "",
     "elaborate.cxx:3338-3992,5065,5136,5792; tapsets.cxx:4685 (4.8)", false},
    {"stap.symbol-data", Level::warning,
     R"((missing unwind/symbol data for module '|skipping module .* table \(too big|No unwind data for |No debug line data for |Error: Cannot find vmlinux))",
     msgid("A module named by -d has no symbols, or is too big for the tables."),
     msgid("ignore it, or install its debuginfo; for \"too big\" raise -DMAX_UNWIND_TABLE_SIZE"), "kernel.debuginfo",
     "", "translate.cxx:7170,7417,7493,8179; tapsets.cxx:9364 (4.8)", false},
    {"stap.cache-off", Level::warning, R"((failed to create (systemtap data|cache) directory|\bCopy failed \("))",
     msgid("The cache directory cannot be written (read-only, full, no HOME); with -p4 the printed module path may "
           "then not "
           "exist."),
     msgid("set SYSTEMTAP_DIR to a directory that can be written"), "fs.space", "",
     "session.cxx:238,248; hash.cxx:206; util.cxx:193 (4.8)", false},
    {"stap.tmpdir", Level::error, R"(cannot create temporary directory \(")",
     msgid("TMPDIR or /tmp cannot be written (full, read-only, missing)."),
     msgid("set TMPDIR to a directory with 200 MB free"), "fs.space", "", "session.cxx:2675 (4.8)", false},
    {"stap.out-of-memory", Level::error,
     R"(Out of memory\.   Please check --rlimit-as|std::bad_alloc|virtual memory exhausted|(fork|vfork|mmap)\W*: Cannot allocate memory)",
     msgid("stap itself ran out of memory (debuginfo of a whole kernel takes over 1 GB)."),
     msgid("use fewer wildcards, or a machine with more memory"), "", "", "main.cxx:1606 (4.8); libstdc++; gcc", false},
    {"stap.server", Level::error,
     "([Uu]nable to (find|connect to) a (suitable )?(compile.?)?server|using a compile-server is not supported)",
     msgid("There is no compile server, but the command line asks for one."), msgid("leave --use-server out"),
     "stap.present", "", "main.cxx:535; csclient.cxx (4.8)", false},
};

}  // namespace

std::span<const Message> analysis_messages() {
  return kMessages;
}

}  // namespace stapkill
