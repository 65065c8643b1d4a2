#pragma once

#include <string>

#include "autopsy/inquest/death.h"

namespace stapkill {

/// "nginx(1234)"; "pid 1234" without a name; else its container, pod or unit: "container web of pod default/web-0",
/// "nginx.service"; "a process" where nothing is known.
std::string words_for(const Party& party);

/// The same for who did something: "kill(812), uid 0", "systemd-oomd".
std::string actor_words(const Party& party);

/// How a process ended, as far as it is known: "was killed by SIGKILL", "exited with status 3", "ended with status 137
/// (SIGKILL, or the program's own status)", "ended".
std::string end_words(const FoundDeath& death);

}  // namespace stapkill
