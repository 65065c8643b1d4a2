// Context of every failure: where it was, and that there was one.
#include "backend/stap/messages.h"
#include "base/phrase.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context, explains
constexpr Message kMessages[] = {
    {"context.resolving", Level::warning,
     "semantic error: (while (resolving probe point|processing (probe|function))|resolution failed in alias expansion "
     "builder|unresolved type :|type was first inferred here|symbol without referent)",
     msgid("The place of the error that follows."), msgid("read the next semantic error"), "", "",
     "elaborate.cxx:6089,6136 (4.8)", true},
    {"stap.pass2", Level::error, R"(\bsemantic error: )", msgid("A semantic error that stapkill does not know."),
     msgid("read the text; stap -v says more"), "", "", "session.cxx:2437 (4.8)", true},
    {"context.kbuild", Level::error, "(?i:warning): (kbuild|make) exited with (status|signal): ",
     msgid("make failed; the compiler lines above say why. In pass 2 (a tracequery) stap continues."),
     msgid("read the compiler's lines above it; if there are none, run again with -v"), "smoke.build", "",
     "util.cxx:1050,1053 via buildrun.cxx:89 (4.8)", true},
    {"context.staprun", Level::error,
     R"((?i:warning): \S*(staprun|stapio|stapsh|stapdyn|stapbpf) exited with (status|signal): )",
     msgid("staprun failed; the ERROR: line above says why."), msgid("read the lines above it, and dmesg"), "smoke.run",
     "", "remote.cxx:110,114 (4.8); \"Warning:\" in old versions", true},
    {"context.pass", Level::error, R"(\bPass [1-5]: (parse|analysis|translation|compilation|run|execution) failed)",
     msgid("The pass that failed."), msgid("read the lines above it"), "", "",
     "main.cxx:1036,1136,1248,1294,1374 (4.8; \"execution failed\" in old versions)", true},
    {"context.make", Level::warning,
     R"(\bmake(\[\d+\])?: \*\*\* .*(Error \d+|Waiting for unfinished jobs)|cc1: all warnings being treated as errors|^compilation terminated\.)",
     msgid("The tail of a compiler failure."), msgid("read the lines above it"), "smoke.build", "", "make, gcc", true},
    // Only at the beginning of a line: a script's own warning may hold the word.
    {"stap.error", Level::error,
     "^ERROR: ", msgid("An error that stapkill does not know, or the script's own error()."),
     msgid("read the text of the error"), "", "", "staprun/mainloop.c:656", true},
};

}  // namespace

std::span<const Message> context_messages() {
  return kMessages;
}

}  // namespace stapkill
