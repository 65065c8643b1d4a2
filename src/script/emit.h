#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "script/template.h"

namespace stapkill {

/// For a kernel whose functions of system calls begin with `prefix` (host/kernel_symbols.h): sets parameters whose
/// default is such a function (`__x64_sys_kill`) to its name there. Given `values` stay.
std::map<std::string, std::string> with_function_names(const Template& source,
                                                       std::map<std::string, std::string> values,
                                                       const std::string& prefix);

/// A script for manual use: the template with its values, after comment lines that say what it shows, what it needs and
/// which command runs it on this host, with the shims that this SystemTap needs (written below the cache). `file` is
/// the script's name in the command.
Result<std::string> emit_script(const Template& source, const std::map<std::string, std::string>& values,
                                const std::string& file);

}  // namespace stapkill
