#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "script/template.h"

namespace stapkill {

/// Gives parameters whose default is a system call's function (`__x64_sys_kill`) the name that it has where functions
/// of system calls begin with `prefix` (host/kernel_symbols.h); what `values` has stays.
std::map<std::string, std::string> with_function_names(const Template& source,
                                                       std::map<std::string, std::string> values,
                                                       const std::string& prefix);

/// A script for manual use: the template with its values, after comment lines that say what it shows, what it needs
/// and the command line for this host, with the shims that its SystemTap needs (which are written below the cache).
/// `file` is the name under which the command finds it.
Result<std::string> emit_script(const Template& source, const std::map<std::string, std::string>& values,
                                const std::string& file);

}  // namespace stapkill
