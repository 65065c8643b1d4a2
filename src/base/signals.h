#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/phrase.h"

namespace stapkill {

/// "SIGKILL" for 9, "SIGRTMIN+1" for 35, "SIG99" for a number without a name. Numbers are those of x86 and ARM.
std::string signal_name(int number);

/// "KILL", "SIGKILL", "kill", "9", "RTMIN+1"; none when it names no signal (0 is no signal).
std::optional<int> parse_signal(std::string_view text);

/// "SI_USER" for 0 and so on (include/uapi/asm-generic/siginfo.h); the meaning of a positive code depends on the
/// signal.
std::string signal_code_name(int number, int code);

/// Whether the default action of a signal is to end the process (signal(7)), not to stop it or to do nothing.
bool ends_by_default(int number);

/// Whether the default action of a signal is to do nothing (signal(7)): SIGCHLD, SIGURG, SIGWINCH, and SIGCONT.
bool harmless_by_default(int number);

/// A wait(2) status in words: "exited with status 1", "was killed by SIGSEGV".
Phrase describe_status(int status);

}  // namespace stapkill
