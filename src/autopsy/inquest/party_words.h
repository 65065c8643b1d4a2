#pragma once

#include "autopsy/inquest/death.h"
#include "base/phrase.h"

namespace stapkill {

/// "nginx(1234)"; "pid 1234" without a name; else its container, pod or unit: "container web of pod default/web-0",
/// "nginx.service"; "a process" where nothing is known.
Phrase words_for(const Party& party);

/// The same for who did something: "kill(812), uid 0", "systemd-oomd".
Phrase actor_words(const Party& party);

/// How a process ended, as far as it is known: "was killed by SIGKILL", "exited with status 3", "ended with status 137
/// (SIGKILL, or the program's own status)", "ended".
Phrase end_words(const FoundDeath& death);

}  // namespace stapkill
