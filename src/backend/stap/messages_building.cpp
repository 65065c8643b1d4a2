// The compiler on SystemTap's runtime and on the module.
#include "backend/stap/messages.h"
#include "base/phrase.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context, explains
constexpr Message kMessages[] = {
    {"stap.untested-kernel", Level::error, R"(Kernel version \S+ is outside tested range)",
     msgid("SystemTap is older than the kernel, or much newer: the line names the kernels that it was tested with."),
     msgid("install a newer SystemTap, or boot a kernel within the range"), "stap.version", "", "main.cxx:1342 (5.0)",
     false, "runtime.compile runtime.modpost"},
    {"runtime.two-versions", Level::error,
     R"(error: .*\b_?(skipped_count(_\w+)?|error_count|session_state)\b.*undeclared|implicit declaration of function .{0,3}(skipped_count(_\w+)?|error_count|session_state)\b)",
     msgid("stap and the runtime's sources are of two versions: one was built from source, the other is a package, or "
           "an old "
           "SYSTEMTAP_RUNTIME is set."),
     msgid("remove one of the two (which -a stap; ls -d /usr/share/systemtap /usr/local/share/systemtap), and unset "
           "SYSTEMTAP_RUNTIME and SYSTEMTAP_TAPSET"),
     "stap.version", "", "gcc on the generated file; runtime/linux/common_session_state.h:15 (2.4+)", false,
     "runtime.compile runtime.compile-module"},
    {"runtime.task-work-cancel", Level::error,
     R"(stp_task_work\.c:\d+:\d+: error: |task_work_cancel.* from incompatible pointer type)",
     msgid("The kernel changed task_work_cancel (also in stable updates), and this SystemTap does not know it."),
     msgid(
         "stapkill works around this for its own probes and for `stapkill run`; `stapkill emit` prints the options for "
         "plain stap; SystemTap 5.2 has the fix"),
     "stap.runtime", "", "gcc, runtime/stp_task_work.c:107,13 (SystemTap < 5.2)", false},
    {"runtime.count-args", Level::error, R"re(error: "(__)?(COUNT_ARGS|CONCAT(ENATE)?)" redef)re",
     msgid("Both the kernel (in linux/args.h) and this SystemTap's tracepoint query define the macro; every "
           "kernel.trace() "
           "then fails."),
     msgid(
         "stapkill works around this for its own probes and for `stapkill run`; `stapkill emit` prints the options for "
         "plain stap; SystemTap 5.2 has the fix"),
     "stap.runtime", "", "gcc; stap tapsets.cxx tracequery text against include/linux/args.h (6.6+; SystemTap < 5.2)",
     false},
    {"runtime.modpost", Level::error, R"(ERROR: modpost: |ERROR: "\w+" \[.*\] undefined!)",
     msgid("The runtime uses a symbol that this kernel no longer exports."), msgid("install a newer SystemTap"),
     "stap.runtime", "", "scripts/mod/modpost.c", false},
    {"fs.space", Level::error,
     "No space left on device|Disk quota exceeded|printf: (printf: )?I/O error|write error: (No space|Disk quota)",
     msgid("The disk or the quota of TMPDIR or of the cache is full."),
     msgid("free some space, or set TMPDIR and SYSTEMTAP_DIR (for stapkill STAPKILL_CACHE) to directories elsewhere"),
     "fs.space", "", "libc, gcc, make", false, "runtime.compile runtime.compile-module stap.type"},
    {"fs.readonly", Level::error, ": Read-only file system",
     msgid("A directory that stap or kbuild writes to is read-only."),
     msgid("set TMPDIR and SYSTEMTAP_DIR (for stapkill STAPKILL_CACHE) to directories that can be written"), "fs.space",
     "", "libc", false},
    {"runtime.autoconf", Level::error, R"(runtime/linux/stap_mmap_lock\.h:\d+(:\d+)?: error: .*\bmmap_sem\b)",
     msgid(
         "All of stap's own tests of the kernel failed, so it takes the kernel for one before 5.8. Known on Ubuntu "
         "24.04: the compiler warns of missing prototypes there, which makes each test of SystemTap before 5.1 fail."),
     msgid("use stapkill run, which turns the warning off, or SystemTap 5.1 or newer, if need be built from source; "
           "with a "
           "newer one, see why the tests fail: stap -p4 -vvvvv"),
     "stap.runtime", "", "gcc; runtime/linux/stap_mmap_lock.h:10 (4.4 to 5.0); systemtap commit 2604d135069f", false,
     "runtime.compile runtime.compile-module"},
    {"runtime.compile", Level::error,
     R"(systemtap(-[\w.]+)?/(share/systemtap/)?runtime/\S+:\d+(:\d+)?: (fatal )?error: )",
     msgid(
         "The runtime of this SystemTap does not fit the headers of this kernel: SystemTap is older than the kernel."),
     msgid("install a newer SystemTap, or boot an older kernel"), "stap.runtime", "",
     "gcc, files below .../systemtap/runtime/", false},
    {"stap.query-header", Level::warning, R"(<command-line>: fatal error: \S+: No such file or directory)",
     msgid("@cast(...,\"kernel<HEADER>\") names a header that this kernel does not have."),
     msgid("name another header, or use @cast without one"), "stap.runtime", "", "gcc -include in typequery", false},
    {"runtime.compile-module", Level::error,
     R"(/stap\w{6}/\w+\.c:\d+(:\d+)?: (fatal )?error: |\b(stap_\w+|\w+_src)\.c:\d+(:\d+)?: (fatal )?error: |error: (implicit declaration of function|incompatible types when|passing argument \d+ of)|error: .* has no member named |/tracequery_\S+\.c:\d+(:\d+)?: (fatal )?error: )",
     msgid("C code of a tapset or of the script itself (with -g) does not compile against this kernel."),
     msgid("if it is a tapset's code, install a newer SystemTap; if it is the script's own, correct it"),
     "stap.runtime", "", "gcc, the generated file", false},
    {"runtime.uprobes-module", Level::error, "SystemTap's version of uprobes is out of date",
     msgid("Before Linux 3.5 SystemTap brings a module uprobes of its own, and the one that was compiled does not fit "
           "any "
           "more."),
     msgid("run the make command that the message names as root, or as a member of the group root"), "stap.runtime", "",
     "buildrun.cxx uprobes_pass (1.6, 2.4)", false},
    {"kernel.config.uprobes", Level::error, "user-space process-tracking facilities not available",
     msgid("The kernel lacks CONFIG_UPROBES (or utrace) and the script probes user space."),
     msgid("boot a kernel with CONFIG_UPROBES=y"), "kernel.config", "", "buildrun.cxx:837 (4.8)", false},
    {"stap.signing-mok", Level::error,
     "(Failed to get list of machine owner keys|requires modules to be signed for loading)",
     msgid("Secure Boot is on and stap has no key to sign with."),
     msgid("enrol a key and give stap --sign-module, or switch Secure Boot off"), "kernel.signing", "",
     "session.cxx:2878, csclient.cxx (4.8)", false},
};

}  // namespace

std::span<const Message> building_messages() {
  return kMessages;
}

}  // namespace stapkill
