#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/systemtap.h"

namespace stapkill {

/// Prefix of the functions of system calls: what comes before "kill". By machine where the kernel wraps them (x86_64
/// since 4.17 and EL 8's 4.18, arm64 since 4.19); else as in the table of system calls (include/linux/syscalls.h).
std::string syscall_prefix(Facts& facts, const KernelBuild& kernel);

/// Names of a kernel's functions, as far as this host knows them. For the running kernel all, from /proc/kallsyms; for
/// another those of its System.map, unless that is a stub; else those in its headers: system calls and exports to
/// modules. May contain names that the kernel was built without; no duplicates.
std::vector<std::string> kernel_function_names(const KernelBuild& kernel);

/// The functions in the text of a System.map (nm(1)'s lines).
std::vector<std::string> functions_of_system_map(std::string_view text);

/// The names of system calls in the text of a unistd.h.
std::vector<std::string> system_calls_of_header(std::string_view text);

/// What the kernel itself exports, in the text of a Module.symvers.
std::vector<std::string> exports_of_kernel(std::string_view text);

}  // namespace stapkill
