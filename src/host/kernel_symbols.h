#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/systemtap.h"

namespace stapkill {

/// How the functions of system calls are named: what stands before "kill". By machine where the kernel wraps them,
/// which x86_64 does since 4.17 (and EL 8's 4.18), arm64 since 4.19; else as in the table of system calls
/// (include/linux/syscalls.h).
std::string syscall_prefix(Facts& facts, const KernelBuild& kernel);

/// The functions of a kernel by name, as far as this host can tell: of the running one all, from /proc/kallsyms; of
/// another those in its System.map where that is no stub; else those that its headers name: system calls and what it
/// exports to modules. May hold a name that the kernel was built without; holds one twice never.
std::vector<std::string> kernel_function_names(const KernelBuild& kernel);

/// The functions in the text of a System.map (nm(1)'s lines).
std::vector<std::string> functions_of_system_map(std::string_view text);

/// The names of system calls in the text of a unistd.h.
std::vector<std::string> system_calls_of_header(std::string_view text);

/// What the kernel itself exports, in the text of a Module.symvers.
std::vector<std::string> exports_of_kernel(std::string_view text);

}  // namespace stapkill
