#pragma once

#include <string>
#include <vector>

namespace stapkill {

/// Removes watch modules that a killed stapkill left loaded, and returns their names. A module whose staprun lives is
/// another stapkill's, and stays. Also removes old build directories from the cache.
std::vector<std::string> remove_leftovers(const std::string& staprun);

/// The watch module that the staprun with that pid loaded; "" when there is none.
std::string module_of(int staprun_pid);

/// Whether a module of that name is loaded.
bool module_loaded(const std::string& name);

/// Unloads one module that nobody uses; true when it is gone.
bool unload_module(const std::string& staprun, const std::string& name);

}  // namespace stapkill
