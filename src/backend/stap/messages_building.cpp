// kbuild and the compiler, and what stands around every failure.
#include "backend/stap/messages.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context
constexpr Message kMessages[] = {
    {"context.autoconf", Level::warning, R"(runtime/linux/autoconf-[\w-]+\.c:\d+(:\d+)?: (fatal )?error: )",
     "stap asks the compiler what the kernel has, and a no is an answer too.", "nothing needs to be done", "", "",
     "gcc; buildrun.cxx:182 (4.8; shown with -vvvvv)", true},
    {"runtime.task-work-cancel", Level::error,
     R"(stp_task_work\.c:\d+:\d+: error: |task_work_cancel.* from incompatible pointer type)",
     "The kernel changed task_work_cancel (also in stable updates), and this SystemTap does not know it.",
     "stapkill mends this by itself for its own probes; for a script of yours `stapkill emit` prints the options; "
     "SystemTap 5.2 knows it",
     "stap.runtime", "", "gcc, runtime/stp_task_work.c:107,13 (SystemTap < 5.2)", false},
    {"runtime.count-args", Level::error, R"re(error: "(__)?(COUNT_ARGS|CONCAT(ENATE)?)" redefined)re",
     "The kernel defines in linux/args.h what this SystemTap's tracepoint query defines too; every kernel.trace() then "
     "fails.",
     "stapkill mends this by itself for its own probes; for a script of yours `stapkill emit` prints the options; "
     "SystemTap 5.2 knows it",
     "stap.runtime", "", "gcc; stap tapsets.cxx tracequery text against include/linux/args.h (6.6+; SystemTap < 5.2)",
     false},
    {"toolchain.gcc", Level::error,
     R"(((^|[ /])(sh|bash|dash): .*|make(\[\d+\])?: )(\S*-)?(gcc|clang|cc|ld(\.lld)?|cc1)(-\d+(\.\d+)*)?: ([Nn]o such file or directory|(command )?not found)|error: cannot execute \W{0,3}cc1)",
     "The compiler that the kernel headers name (Debian: gcc-12) is not in /usr/bin or /bin, which stap puts first in "
     "the PATH.",
     "install that very compiler; another of the same major version does too, with -BCC=NAME", "toolchain.compiler", "",
     "sh/make; kernel Makefile CC", false},
    {"toolchain.make", Level::error,
     R"(env: \W{0,3}make\W{0,3}: No such file or directory|kbuild exited with status: 127)", "make is not installed.",
     "install make", "toolchain.compiler", "", "coreutils env; buildrun.cxx:108 runs env ... make", false},
    {"toolchain.option", Level::error,
     "error: (unrecognized command[- ]line option|unrecognized argument in option|cannot load plugin|incompatible "
     "gcc/plugin versions|unknown argument:|inaccessible plugin file|.*plugin.*was not found)|cc1: .*fail to "
     "initialize plugin",
     "The compiler is another (older) version than the one the kernel was built with, or a GCC plugin of the kernel "
     "does not fit it.",
     "install the compiler version that /proc/version names, and give stap -BCC=NAME if it is not the default",
     "toolchain.compiler", "", "gcc/clang driver", false},
    {"toolchain.differs", Level::warning, "warning: the (C )?compiler differs from the one used to build the kernel",
     "The compiler has another version text than the one that built the kernel. Mostly harmless (same version, other "
     "file name); the cause when options are then refused.",
     "nothing when it compiles; else install the compiler that the next lines name", "toolchain.compiler", "",
     "kernel Makefile (external modules; newer kernels say \"the C compiler\")", false},
    {"toolchain.libelf", Level::error,
     R"((Cannot (generate ORC metadata|use CONFIG_(STACK_VALIDATION|UNWINDER_ORC|OBJTOOL))|scripts/(basic/fixdep|mod/modpost|genksyms/genksyms|module\.lds).*(No such file|not found|cannot execute|Exec format error)|tools/objtool/objtool: .*(No such file|not found|cannot execute|error while loading)))",
     "The programs of the header package are missing or of another architecture (linux-kbuild package, bare source "
     "tree).",
     "reinstall the headers with their tools (linux-kbuild, kernel-devel); in a source tree: make modules_prepare",
     "kernel.build", "", "kernel Makefile, scripts/", false},
    {"kernel.build.broken", Level::error,
     R"((No rule to make target|ERROR: Kernel configuration is invalid|include/(generated/autoconf\.h|config/auto\.conf) (or|are) |arch/\w+/Makefile: No such file))",
     "The header tree is incomplete (dangling link to -common headers, unprepared source, removed package).",
     "reinstall the headers; in a source tree: make oldconfig && make modules_prepare", "kernel.build", "",
     "make; kernel Makefile", false},
    {"kernel.build.symvers", Level::warning,
     R"((Symbol version dump "?\S*Module\.symvers"?\s+is missing|Module\.symvers is missing))",
     "The header tree has no Module.symvers.", "reinstall the headers", "kernel.build", "",
     "scripts/Makefile.modpost, modpost.c", false},
    {"runtime.modpost", Level::error, R"(ERROR: modpost: |ERROR: "\w+" \[.*\] undefined!)",
     "The runtime uses a symbol that this kernel no longer exports.", "install a newer SystemTap", "stap.runtime", "",
     "scripts/mod/modpost.c", false},
    {"fs.space", Level::error,
     "No space left on device|Disk quota exceeded|printf: (printf: )?I/O error|write error: (No space|Disk quota)",
     "The disk or the quota of TMPDIR or of the cache is full.",
     "free some space, or set TMPDIR and SYSTEMTAP_DIR (for stapkill STAPKILL_CACHE) to directories elsewhere",
     "fs.space", "", "libc, gcc, make", false},
    {"fs.readonly", Level::error, ": Read-only file system", "A directory that stap or kbuild writes to is read-only.",
     "set TMPDIR and SYSTEMTAP_DIR (for stapkill STAPKILL_CACHE) to directories that can be written", "fs.space", "",
     "libc", false},
    {"runtime.compile", Level::error,
     R"(systemtap(-[\w.]+)?/(share/systemtap/)?runtime/\S+:\d+(:\d+)?: (fatal )?error: )",
     "The runtime of this SystemTap does not fit the headers of this kernel: SystemTap is older than the kernel.",
     "install a newer SystemTap, or boot an older kernel", "stap.runtime", "",
     "gcc, files below .../systemtap/runtime/", false},
    {"stap.query-header", Level::warning, R"(<command-line>: fatal error: \S+: No such file or directory)",
     "@cast(...,\"kernel<HEADER>\") names a header that this kernel does not have.",
     "name another header, or use @cast without one", "stap.runtime", "", "gcc -include in typequery", false},
    {"runtime.compile-module", Level::error,
     R"(/stap\w{6}/stap_\w+\.c:\d+(:\d+)?: (fatal )?error: |error: (implicit declaration of function|incompatible types when|passing argument \d+ of)|error: .* has no member named |/tracequery_\S+\.c:\d+(:\d+)?: (fatal )?error: )",
     "C code of a tapset or of the script itself (with -g) does not compile against this kernel.",
     "where it is a tapset's code, install a newer SystemTap; where it is the script's own, correct it", "stap.runtime",
     "", "gcc, the generated file", false},
    {"toolchain.crash", Level::error,
     "internal compiler error|Killed signal terminated program cc1|[Cc]annot allocate memory.*cc1",
     "The compiler crashed or was killed by the OOM killer.", "give it more memory, or use another compiler",
     "toolchain.compiler", "", "gcc", false},
    {"kernel.config.uprobes", Level::error, "user-space process-tracking facilities not available",
     "The kernel lacks CONFIG_UPROBES (or utrace) and the script probes user space.",
     "boot a kernel with CONFIG_UPROBES=y", "kernel.config", "", "buildrun.cxx:837 (4.8)", false},
    {"stap.signing-mok", Level::error,
     "(Failed to get list of machine owner keys|requires modules to be signed for loading)",
     "Secure Boot is on and stap has no key to sign with.",
     "enrol a key and give stap --sign-module, or switch Secure Boot off", "kernel.signing", "",
     "session.cxx:2878, csclient.cxx (4.8)", false},
    {"context.resolving", Level::warning,
     "semantic error: (while (resolving probe point|processing (probe|function))|resolution failed in alias expansion "
     "builder|unresolved type :|type was first inferred here|symbol without referent)",
     "Where the error that follows happened.", "read the next semantic error", "", "", "elaborate.cxx:6089,6136 (4.8)",
     true},
    {"stap.pass2", Level::error, "^semantic error: ", "A semantic error that is not in the table.",
     "read the text; stap -v says more", "", "", "session.cxx:2437 (4.8)", true},
    {"context.kbuild", Level::error, "(?i:warning): (kbuild|make) exited with (status|signal): ",
     "make failed; the compiler lines above say why. In pass 2 (a tracequery) stap goes on.",
     "read the compiler's lines above it; where there are none, run again with -v", "smoke.build", "",
     "util.cxx:1050,1053 via buildrun.cxx:89 (4.8)", true},
    {"context.staprun", Level::error,
     R"((?i:warning): \S*(staprun|stapio|stapsh|stapdyn) exited with (status|signal): )",
     "staprun failed; the ERROR: line above says why.", "read the lines above it, and dmesg", "smoke.run", "",
     "remote.cxx:110,114 (4.8); \"Warning:\" in old versions", true},
    {"context.pass", Level::error, "^Pass [1-5]: (parse|analysis|translation|compilation|run|execution) failed",
     "The pass that failed.", "read the lines above it", "", "",
     "main.cxx:1036,1136,1248,1294,1374 (4.8; \"execution failed\" in old versions)", true},
    {"context.make", Level::warning,
     R"(^make(\[\d+\])?: \*\*\* .*(Error \d+|Waiting for unfinished jobs)|^cc1: all warnings being treated as errors|^compilation terminated\.)",
     "The tail of a compiler failure.", "read the lines above it", "smoke.build", "", "make, gcc", true},
    {"stap.error", Level::error, "^ERROR: ", "An error that is not in the table, or the script's own error().",
     "read the text: a script's own error(), or one that is new", "", "", "staprun/mainloop.c:656", true},
};

}  // namespace

std::span<const Message> building_messages() {
  return kMessages;
}

}  // namespace stapkill
