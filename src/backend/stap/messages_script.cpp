// stap before pass 1, and the script: its text, options and arguments; the kernel's build tree.
#include "backend/stap/messages.h"
#include "base/phrase.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context
constexpr Message kMessages[] = {
    {"kernel.build", Level::error, R"(Checking " ?[^"]*/(\.config|Module\.symvers|Makefile) ?" fail)",
     msgid("The headers (kernel-devel) of that release are not installed, or the build link points nowhere."),
     msgid("install the headers (kernel-devel) of the running kernel"), "kernel.build", "",
     "session.cxx:2041,2083; buildrun.cxx:691 (4.8)", false},
    {"kernel.build.package", Level::error, "Incorrect version or missing kernel-devel package, use: (yum|dnf) install ",
     msgid("kernel-devel of the running release is missing (rpm systems); the package name follows."),
     msgid("run the command that the line names; reboot first when the repository no longer has the running kernel"),
     "kernel.build", "", "rpm_finder.cxx:219 (4.8)", false},
    {"kernel.build.release", Level::error, R"(ERROR: kernel release isn't (specified|found in "))",
     msgid("-r names a directory that is no kernel build tree."),
     msgid("name a release, or a tree that holds include/config/kernel.release"), "kernel.build", "",
     "main.cxx:521,523; util.cxx:1443 (4.8)", false},
    {"kernel.build.foreign", Level::warning, "kernel release/architecture mismatch with host forces last-pass 4",
     msgid("-r/-a name another kernel than the running one, so the module is only built."),
     msgid("load the module with staprun on that kernel"), "kernel.build.others", "", "session.cxx:1979 (4.8)", false},
    {"kernel.symbols", Level::warning, "Kernel function symbol table missing",
     msgid("stap found no System.map in the build tree or /boot (Debian ships a stub)."),
     msgid("ignore it for tracepoints and stapkill's own probes; nd_syscall and kprobe.function in your own script may "
           "need "
           "it"),
     "kernel.symbols", "", "session.cxx:2168 (4.8; 5.1 :2232, 5.5 :2231)", false},
    {"stap.input", Level::error, "Input file '[^']*' is (missing|empty)", msgid("The script file is missing or empty."),
     msgid("name the right file"), "", "", "main.cxx:962, parse.cxx (4.8)", false},
    {"stap.arguments", Level::error, "parse error: command line argument ",
     msgid("The script uses $1 or @1 but fewer arguments were given."),
     msgid("give the script's arguments after its name"), "", "", "parse.cxx junk_message (4.8)", false},
    {"stap.guru", Level::error, "error: .*(need stap -g|unless -g is specified)",
     msgid("The script holds C code or writes to the kernel, which needs guru mode."),
     msgid("if you trust the script, give it guru mode"), "", "-g",
     "parse.cxx:2151,3774,4224; tapsets.cxx:4668,5084,11205; elaborate.cxx:3150 (4.8)", false},
    {"stap.no-tapsets", Level::error,
     R"(parsed user script and 0 library scripts?|unresolved function .*identifier '(pid|tid|ppid|uid|gid|cpu|execname|pexecname|exit|gettimeofday_(s|ms|us|ns))')",
     msgid("stap has not found its own tapsets: it was built and not installed, another directory takes their place "
           "(SYSTEMTAP_TAPSET, XDG_DATA_DIRS), or a package is missing."),
     msgid("run the installed stap (after make install); name a further directory with -I, and unset SYSTEMTAP_TAPSET"),
     "stap.present", "",
     "main.cxx passes_0_4 (shown with -v); elaborate.cxx:2965 (4.8); the functions are in tapset/linux/context.stp",
     false, "stap.probe-point stap.no-match-bare stap.no-match stap.unresolved-tapset stap.unresolved-function"},
    {"stap.tapset-parse", Level::error, R"(\b(saw|at): (.* at )?\S*/tapset/\S+\.stpm?(:\d+| EOF))",
     msgid("A library script (a tapset) does not parse: it is of another version than stap, or was edited. The lines "
           "with "
           "\"parse error\" are about it."),
     msgid("reinstall SystemTap, all of its packages from one source; move away tapsets that other software put there"),
     "stap.version", "", "session.cxx:2627,2632 (4.8)", false,
     "stap.parse stap.tapset-broken stap.unresolved-function stap.unresolved-tapset stap.no-tapsets stap.no-probes"},
    {"stap.parse", Level::error, R"(\bparse error: )",
     msgid("A syntax error in the script; the next lines show the place (\"saw:\" / \"source:\")."),
     msgid("correct the script; an old one may need --compatible=VERSION; a tapset file is of another SystemTap"), "",
     "", "session.cxx:2607-2613, parse.cxx:379-4381 (4.8)", false},
    {"stap.tapset-broken", Level::warning, R"(tapset ".*" has errors)",
     msgid("A library script does not parse (another version, or edited)."), msgid("reinstall SystemTap"),
     "stap.version", "", "main.cxx:772,872 (4.8)", false,
     "stap.unresolved-function stap.unresolved-tapset stap.no-tapsets"},
    {"stap.options", Level::error,
     "\\b(stap: (unrecognized|invalid) option|stap: option .*requires an argument|Invalid (pass number|buffer "
     "size|target process ID|timeout interval|argument '|--vp argument|monitor interval|process ID)|ERROR: Safety "
     "pattern mismatch for |You can't specify .* together|Module name cannot be empty|A script must be specified|Only "
     "one script can be given|Cannot specify .* with -l/-L|ERROR:? .* (is )?invalid with )",
     msgid("stap was called with a wrong option or value."), msgid("correct the command line"), "", "",
     "session.cxx:563-1960, util.cxx assert_regexp_match (4.8)", false},
    {"stap.unused-argument", Level::warning, R"(unused command line option \$\d+/@\d+)",
     msgid("An argument after the script is not used by it (often an option that should stand before the script)."),
     msgid("put options before the script"), "", "", "main.cxx:1133 (4.8)", false},
};

}  // namespace

std::span<const Message> script_messages() {
  return kMessages;
}

}  // namespace stapkill
