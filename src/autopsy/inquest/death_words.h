#pragma once

#include <string>
#include <vector>

#include "autopsy/inquest/death.h"

namespace stapkill {

/// "nginx(1234) was killed by SIGKILL from …": the sentence of a judged death, printable, with its full stop.
Phrase summary_of(const FoundDeath& death);

/// What shows it: the decisive finding, what else shows the end, the rest.
std::vector<const Finding*> evidence_for(const FoundDeath& death);

/// "the kernel's log (/var/log/kern.log:12): Killed process …": a finding with its place and its own words. Printable.
Phrase quoted(const Finding& finding);

/// "proves that …", and "open: …" where it leaves something open.
std::vector<Phrase> meaning_of(const Finding& finding);

/// The evidence with its meaning, a line for each finding.
std::vector<Phrase> evidence_lines(const FoundDeath& death);

/// All findings of a death in order of time; each once.
std::vector<const Finding*> time_line(const FoundDeath& death);

/// A finding in a line: "systemd: nginx.service: Main process exited, code=killed, status=9/KILL". Printable.
Phrase finding_words(const Finding& finding);

}  // namespace stapkill
