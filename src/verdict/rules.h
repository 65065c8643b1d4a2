#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/phrase.h"
#include "model/record.h"
#include "verdict/clues.h"

namespace stapkill {

/// Who is the killer by a rule (docs/causes.md).
enum class Killer {
  nobody,
  sender,              ///< the sender
  sender_if_own_code,  ///< the same, unless an interrupt or a kernel thread did it
  who_asked_sysrq,     ///< the process that asked for SysRq, which a kernel thread carried out; nobody when it was not
                       ///< seen
};

/// One way to recognise a cause. Rules are tried in the table's order; the first that applies decides.
struct Rule {
  std::string_view name;
  Cause cause;
  Killer killer;
  bool (*applies)(const Clues&);
  /// Text after "server(137) was killed by SIGKILL"; null: that of the table of causes (causes.h).
  Phrase (*because)(const Clues&);
  std::string_view missing;  ///< message: what would make it certain and was not seen; empty: it is certain
  std::string_view source;   ///< where the rule's facts come from: kernel file (6.1 and 6.12), manual page
};

/// The sender of a signal and what explains it; if it passed the signal on, also who sent that.
Phrase sender_with_story(const Clues& clues);

/// A rule's text, else that of the table of causes.
Phrase because(const Rule& rule, const Clues& clues);

/// ": it wrote to a pipe that nobody reads": the text of the table of causes.
Phrase because_text(Cause cause);

std::span<const Rule> rules();

/// The first rule that applies. The last one always does: its cause is `unknown`.
const Rule& rule_for(const Clues& clues);

/// The process that the rule names; null for nobody.
ProcessPtr killer_by(const Rule& rule, const Clues& clues);

}  // namespace stapkill
