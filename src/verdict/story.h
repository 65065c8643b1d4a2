#pragma once

#include <string>
#include <vector>

#include "model/process.h"
#include "verdict/origins.h"
#include "verdict/process_words.h"

namespace stapkill {

/// What explains a killer, to append to a sentence that names it: ", run by /opt/app/restart.sh (sh 23490), a job of
/// cron(811)". It goes up to the first ancestor that explains by itself, past those that only pass on; of others it
/// tells the nearest. Empty when nobody is known behind it.
std::string story_behind(const Deed& deed, const std::vector<ProcessPtr>& ancestry, const Lookups& lookups);

}  // namespace stapkill
