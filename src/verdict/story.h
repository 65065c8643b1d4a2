#pragma once

#include <string>
#include <vector>

#include "event/process.h"
#include "verdict/origins.h"

namespace stapkill {

/// "kill(23549)".
std::string name_and_pid(const Process& process);

/// The script that an interpreter was given, made absolute with the directory in which it was seen to exec, else as it
/// was given; "" when the process runs none.
std::string script_of(const Process& process);

/// The program that an interpreter was given among its options, as by sh -c and perl -e; "" where there is none.
std::string program_given_to(const Process& process);

/// Whether the process is a shell or another interpreter: its arguments then tell more than its name.
bool is_interpreter(const Process& process);

/// What explains a killer, to append to a sentence that names it: ", run by /opt/app/restart.sh (sh 23490), a job of
/// cron(811)". It goes up to the first ancestor that explains by itself, past those that only pass on; of others it
/// tells the nearest. Empty when nobody is known behind it.
std::string story_behind(const Deed& deed, const std::vector<ProcessPtr>& ancestry, const Lookups& lookups);

}  // namespace stapkill
