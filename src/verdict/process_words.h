#pragma once

#include <string>

#include "model/process.h"

namespace stapkill {

/// Whether both are the same process, perhaps at different moments.
bool same_process(const Process& one, const Process& other);

/// "kill(23549)".
std::string name_and_pid(const Process& process);

/// The script of an interpreter: absolute where the directory of its exec was seen, else as given; "" when the process
/// runs none.
std::string script_of(const Process& process);

/// The program among an interpreter's options, as in sh -c and perl -e; "" where there is none.
std::string program_given_to(const Process& process);

/// Whether the process is a shell or another interpreter: its arguments then say more than its name.
bool is_interpreter(const Process& process);

}  // namespace stapkill
