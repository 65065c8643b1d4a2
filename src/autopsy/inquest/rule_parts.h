#pragma once

#include <initializer_list>
#include <optional>
#include <vector>

#include "autopsy/inquest/death.h"

namespace stapkill {

/// What a rule concludes; none where it does not apply.
using Found = std::optional<Conclusion>;

/// The first and the last finding of a kind; null where there is none.
const Finding* first_of(const std::vector<const Finding*>& findings, Finding::Kind kind);
const Finding* last_of(const std::vector<const Finding*>& findings, Finding::Kind kind);

/// Whether a source shows, by its pid, that it ended by this signal.
bool is_shown_to_end_by(const FoundDeath& death, int number);

/// Whether the end may be by one of these signals: it is, or its signal is not known.
bool can_be_by(const FoundDeath& death, std::initializer_list<int> numbers);

Conclusion make_conclusion(Cause cause, Confidence confidence, Phrase sentence, const Finding* decisive);

/// systemd's limit or stop job before its signal; null where there is none.
const Finding* reason_of_systemd(const FoundDeath& death);

/// ": a job to stop the unit had begun"; "" for no reason.
Phrase systemds_reason(const Finding* reason);

/// Who asked for a stop job, where audit or the journal names a login.
Party asker_of(const Finding* reason);

/// The process of pid 1.
Party systemd_itself();

}  // namespace stapkill
