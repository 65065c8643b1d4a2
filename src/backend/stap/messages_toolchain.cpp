// kbuild: its programs, the compiler and the header tree.
#include "backend/stap/messages.h"
#include "base/phrase.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context, explains
constexpr Message kMessages[] = {
    {"context.autoconf", Level::warning, R"(runtime/linux/autoconf-[\w-]+\.c:\d+(:\d+)?: (fatal )?error: )",
     msgid("stap compiles small tests to learn what the kernel has; a test that fails is an answer too."),
     msgid("nothing needs to be done"), "", "", "gcc; buildrun.cxx:182 (4.8; shown with -vvvvv)", true},
    {"toolchain.sdt", Level::error,
     R"(sys/sdt\.h\W{0,3}: No such file|sys/sdt\.h' file not found|(^|[\s/:'"])dtrace\W{0,3}: ([Cc]ommand )?not found|command not found: dtrace|dtrace command not found)",
     msgid("The header sys/sdt.h and the program dtrace are not installed. A program that has static marks (USDT) is "
           "built "
           "with them; to trace it with SystemTap needs neither."),
     msgid("install systemtap-sdt-dev (systemtap-sdt-devel; newer rpms: also systemtap-sdt-dtrace), or build the "
           "program "
           "without --enable-dtrace"),
     "", "", "gcc, clang; make, sh; Python configure.ac", false},
    {"toolchain.gcc", Level::error,
     R"(((^|[ /])(sh|bash|dash): .*|make(\[\d+\])?: )(\S*-)?(gcc|clang|cc|ld(\.lld)?|cc1)(-\d+(\.\d+)*)?: ([Nn]o such file or directory|(command )?not found)|error: cannot execute \W{0,3}cc1)",
     msgid("The compiler that the kernel headers name (Debian: gcc-12) is not in /usr/bin or /bin, which stap puts "
           "first in "
           "the PATH."),
     msgid("install exactly that compiler; another of the same major version works too, with -BCC=NAME"),
     "toolchain.compiler", "", "sh/make; kernel Makefile CC", false},
    {"toolchain.make", Level::error,
     R"(env: \W{0,3}make\W{0,3}: No such file or directory|kbuild exited with status: 127)",
     msgid("make is not installed."), msgid("install make"), "toolchain.compiler", "",
     "coreutils env; buildrun.cxx:108 runs env ... make", false},
    {"toolchain.pic", Level::error, "code model '?kernel'? does not support PIC mode",
     msgid("The compiler makes position-independent code by default (Debian since 9, Ubuntu since 16.10), and this "
           "kernel's "
           "Makefile is too old to forbid it."),
     msgid("install the compiler that built the kernel, or forbid it"), "toolchain.compiler", "-BKCFLAGS=-fno-pie",
     "gcc config/i386/i386.c; Linux Makefile -fno-PIE since 4.9", false},
    {"toolchain.gcc-header", Level::error, R"(linux/compiler-gcc\d+\.h: )",
     msgid("The compiler is newer than the kernel, whose headers have a file for each version of gcc that they know "
           "(up to "
           "4.1)."),
     msgid("install the compiler that built the kernel (/proc/version names it), and give stap -BCC=NAME"),
     "toolchain.compiler", "", "include/linux/compiler-gcc.h gcc_header() up to Linux 4.1", false},
    {"toolchain.kbuild-tools", Level::error,
     R"((\b(sh|bash|dash)|make(\[\d+\])?): (line )?(\d+: )?(\S*/)?(flex|bison|yacc|bc|m4|perl|awk|gawk|lz4c?|pahole|openssl|rsync|cpio|kmod|depmod): (command )?(not found|No such file)|openssl/\w+\.h: No such file)",
     msgid("kbuild calls a program that is not installed (flex and bison for kconfig, bc for timeconst.h, openssl's "
           "headers "
           "for signing)."),
     msgid("install the package that has it"), "kernel.build", "",
     "sh, make; scripts/kconfig, kernel/time/timeconst.bc", false},
    {"toolchain.elfutils", Level::error,
     R"(missing elfutils development headers/libraries|elfutils, libdw too old|(libelf|gelf|libdw|elfutils/\w+|dwarf)\.h: No such file|please install libelf-dev|cannot find -l(elf|dw|ebl)\b)",
     msgid(
         "The elfutils libraries' headers are missing: kbuild's objtool and modpost need them, and so does a build of "
         "SystemTap from source."),
     msgid("install libelf-dev and libdw-dev (elfutils-libelf-devel, elfutils-devel)"), "toolchain.compiler", "",
     "systemtap configure.ac:440 (2.4), :594 (5.6); Linux Makefile; gcc, ld", false, "toolchain.libelf"},
    {"toolchain.option", Level::error,
     "error: (unrecognized command[- ]line option|unrecognized argument in option|cannot load plugin|incompatible "
     "gcc/plugin versions|unknown argument:|inaccessible plugin file|.*plugin.*was not found)|cc1: .*fail to "
     "initialize plugin",
     msgid("The compiler is another (older) version than the one the kernel was built with, or a GCC plugin of the "
           "kernel "
           "does not fit it."),
     msgid("install the compiler version that /proc/version names, and give stap -BCC=NAME if it is not the default"),
     "toolchain.compiler", "", "gcc/clang driver", false},
    {"toolchain.differs", Level::warning, "warning: the (C )?compiler differs from the one used to build the kernel",
     msgid("The compiler's version text is not that of the compiler that built the kernel. Mostly harmless (same "
           "version, "
           "other file name); if options are refused next, this is the cause."),
     msgid("ignore it if it compiles; else install the compiler that the next lines name"), "toolchain.compiler", "",
     "kernel Makefile (external modules; newer kernels say \"the C compiler\")", false},
    {"toolchain.libelf", Level::error,
     R"((Cannot (generate ORC metadata|use CONFIG_(STACK_VALIDATION|UNWINDER_ORC|OBJTOOL))|scripts/(basic/fixdep|mod/modpost|genksyms/genksyms|module\.lds|recordmcount|sorttable|sign-file).*(No such file|not found|cannot execute|Exec format error)|tools/objtool/objtool: .*(No such file|not found|cannot execute|error while loading)))",
     msgid(
         "The programs of the header package are missing or of another architecture (linux-kbuild package, bare source "
         "tree)."),
     msgid(
         "reinstall the headers with their tools (linux-kbuild, kernel-devel); in a source tree: make modules_prepare"),
     "kernel.build", "", "kernel Makefile, scripts/", false},
    {"kernel.build.no-tree", Level::error,
     R"(make(\[\d+\])?: \*\*\* (No rule to make target \W)?/(usr/)?lib/modules/[^/]+/build\b|kernel headers for kernel \S+ cannot be found)",
     msgid("The headers of that kernel are not installed: the build link in /lib/modules points nowhere."),
     msgid("install the headers (kernel-devel) of the running kernel; in a container mount the host's /lib/modules and "
           "/usr/src"),
     "kernel.build", "", "make; dkms", false},
    {"kernel.build.broken", Level::error,
     R"((No rule to make target|fatal error: (generated|asm)/\S+\.h: No|ERROR: Kernel configuration is invalid|include/(generated/autoconf\.h|config/auto\.conf) (or|are) |arch/\w+/Makefile: No such file))",
     msgid("The header tree is incomplete (dangling link to -common headers, unprepared source, removed package)."),
     msgid("reinstall the headers; in a source tree: make oldconfig && make modules_prepare"), "kernel.build", "",
     "make; kernel Makefile", false},
    {"kernel.build.symvers", Level::warning, R"(Symbol version dump "?\S*Module\.symvers|Module\.symvers is missing)",
     msgid("The header tree has no Module.symvers."), msgid("reinstall the headers"), "kernel.build", "",
     "scripts/Makefile.modpost, modpost.c", false},
    {"toolchain.crash", Level::error,
     "internal compiler error|Killed signal terminated program cc1|[Cc]annot allocate memory.*cc1",
     msgid("The compiler crashed or was killed by the OOM killer."),
     msgid("give it more memory, or use another compiler"), "toolchain.compiler", "", "gcc", false},
    {"tool.missing", Level::warning,
     R"(\b(sh|bash|dash|ksh|sudo|env)(: (line )?\d+)?: [^\s:]+: (command )?not found|command not found: \S+)",
     msgid("The shell has no program of that name."), msgid("install the package that has it, or give its full path"),
     "", "", "sh, bash, zsh, sudo", false},
};

}  // namespace

std::span<const Message> toolchain_messages() {
  return kMessages;
}

}  // namespace stapkill
