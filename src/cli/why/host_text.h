#pragma once

#include <string>

#include "base/phrase.h"
#include "cli/command.h"
#include "cli/why/host_answer.h"

namespace stapkill {

/// A judged death for a person: the sentence, what it was, what shows it, what is open or speaks against it, the time
/// line. With `verbose` every finding's place and what it proves.
std::string host_text(const FoundDeath& death, const Appearance& look, bool verbose);

/// What was read and what was not, and what to do so that the next death is explained.
std::string host_footer(const HostAnswer& answer, const FoundDeath* death, const Appearance& look, bool verbose);

/// "the journal (2026-11-30 10:00:00 to 12:00:00); /var/log/audit: not permitted": in one line, for an error.
Phrase sources_words(const HostAnswer& answer);

}  // namespace stapkill
