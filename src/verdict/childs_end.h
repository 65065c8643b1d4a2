#pragma once

#include <string>
#include <vector>

#include "base/phrase.h"
#include "verdict/clues.h"

namespace stapkill {

/// "sleep(12), killed by SIGKILL from kill(13), run by …": a child with the same end as its parent, and who ended it,
/// where that was seen.
Phrase childs_end_text(const KilledChild& child, const Death& of_parent, const Surroundings& around);

/// The steps that led to the child's end; each is `likely`: that the parent ended because of it was not seen.
std::vector<ChainStep> chain_of_childs_end(const KilledChild& child, const Death& of_parent,
                                           const Surroundings& around);

/// One line of evidence for it.
Phrase evidence_of_childs_end(const KilledChild& child);

}  // namespace stapkill
