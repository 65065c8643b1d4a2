#pragma once

#include <string_view>
#include <vector>

#include "base/phrase.h"
#include "store/stored_death.h"

namespace stapkill {

/// "the recorder did not watch from … to …", "events lost at …": a sentence for each interval in which not all
/// was seen; the latest three, and how many there were before. Ends that were only counted are not among them.
std::vector<Phrase> blind_texts(const std::vector<BlindInterval>& blind);

/// How many clean ends were only counted.
std::uint64_t counted_ends(const std::vector<BlindInterval>& blind);

/// "not_armed", "lost" or "left_out".
std::string_view name_of(BlindInterval::Why why);

}  // namespace stapkill
