#pragma once

#include <string>

#include "model/process.h"

namespace stapkill {

/// Whether both are the same process, at whatever moments.
bool same_process(const Process& one, const Process& other);

/// "kill(23549)".
std::string name_and_pid(const Process& process);

/// The script that an interpreter was given, made absolute with the directory in which it was seen to exec, else as it
/// was given; "" when the process runs none.
std::string script_of(const Process& process);

/// The program that an interpreter was given among its options, as by sh -c and perl -e; "" where there is none.
std::string program_given_to(const Process& process);

/// Whether the process is a shell or another interpreter: its arguments then tell more than its name.
bool is_interpreter(const Process& process);

}  // namespace stapkill
