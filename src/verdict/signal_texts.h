#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "model/record.h"

namespace stapkill {

/// What a signal does to a process that has no handler for it and does not ignore it (signal(7)).
enum class DefaultAction { terminate, core, stop, resume, ignore };

/// The text about a signal, as messages of the catalogue. Numbers are those of x86 and ARM.
struct SignalText {
  int number;  ///< the first, where a row is for several
  int last;
  DefaultAction action;
  std::string_view meaning;
  std::string_view sender;            ///< the kernel's occasions and the usual programs
  std::span<const Cause> own_causes;  ///< causes that use only this signal, the likeliest first
};

/// "ends the process", "stops the process; it lives on", …: a message of the catalogue.
std::string_view describe(DefaultAction action);

/// The text of a signal from 1 to 64; null for another number.
const SignalText* signal_text(int number);

/// Whether a program can handle, block or ignore it.
bool can_be_caught(int number);

/// Whether a process can die by it.
bool ends_process(const SignalText& text);

/// The causes that a death by it can have: its own, then those of any signal.
std::vector<Cause> causes_behind(int number);

}  // namespace stapkill
