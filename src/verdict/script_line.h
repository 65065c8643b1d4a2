#pragma once

#include <optional>

#include "model/kernel_event.h"
#include "model/process.h"
#include "model/script_text.h"

namespace stapkill {

/// The line of `shell`'s script at which it started `doer`, or sent a signal (`doer` is the shell itself), from what
/// its variables said then. None unless it is certain that the line is one of that script: the numbers of eval and
/// traps count from the text's own beginning, those of a function from the file that defines it. Then the line has to
/// name the command.
std::optional<ScriptLine> script_line(const Process& shell, const kernel::BashLine& at,
                                      const std::optional<ScriptText>& text, const Process& doer);

}  // namespace stapkill
