#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/record.h"
#include "verdict/clues.h"

namespace stapkill {

/// Whom a rule's cause names as the killer (docs/causes.md).
enum class Killer {
  nobody,
  sender,              ///< the task that was running when the signal was generated
  sender_if_own_code,  ///< the same, unless an interrupt or a kernel thread did it
  who_asked_sysrq,     ///< whoever asked for what a kernel thread then did; nobody when that was not seen
};

/// One way to tell a cause. The table has them in the order in which they are tried; the first that applies decides.
struct Rule {
  std::string_view name;
  Cause cause;
  Killer killer;
  bool (*applies)(const Clues&);
  /// Goes behind "server(137) was killed by SIGKILL"; null: what the table of causes says (causes.h).
  std::string (*because)(const Clues&);
  std::string_view missing;  ///< what was not seen that would make it certain; empty: nothing
  std::string_view source;   ///< of what the rule relies on: kernel file (read in 6.1 and 6.12), manual page
};

/// Who sent a signal, with what explains it; where that one passed on what it had been sent itself, also who sent that.
std::string sender_with_story(const Clues& clues);

std::span<const Rule> rules();

/// The first rule that applies. There is one for everything: the last is for what none can tell.
const Rule& rule_for(const Clues& clues);

/// The process that the rule names; null for nobody.
ProcessPtr killer_by(const Rule& rule, const Clues& clues);

}  // namespace stapkill
