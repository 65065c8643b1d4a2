#pragma once

#include <string>
#include <vector>

#include "base/phrase.h"
#include "model/process.h"
#include "verdict/origins.h"
#include "verdict/process_words.h"

namespace stapkill {

/// What explains a killer, to append to its name: ", run by /opt/app/restart.sh (sh 23490), a job of cron(811)". Goes
/// up to the first ancestor that explains the killer, past those that only pass on; of other ancestors it names the
/// nearest. Empty when nothing is known.
Phrase story_behind(const Deed& deed, const std::vector<ProcessPtr>& ancestry, const Lookups& lookups);

/// The same for a process that asked a manager, whose own command is named already.
Phrase story_of_client(const Process& client, const std::vector<ProcessPtr>& ancestry, const Lookups& lookups);

}  // namespace stapkill
