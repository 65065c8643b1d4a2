#pragma once

#include <string>
#include <vector>

#include "verdict/clues.h"

namespace stapkill {

/// "sleep(12), killed by SIGKILL from kill(13), run by …": the child of one that ended as it did, and who ended it,
/// where that was seen.
std::string childs_end_text(const KilledChild& child, const Death& of_parent, const Surroundings& around);

/// The steps by which the child ended; each is `likely`, for that its parent ended for it was not seen.
std::vector<ChainStep> chain_of_childs_end(const KilledChild& child, const Death& of_parent,
                                           const Surroundings& around);

/// What was seen of it, a line of evidence.
std::string evidence_of_childs_end(const KilledChild& child);

}  // namespace stapkill
