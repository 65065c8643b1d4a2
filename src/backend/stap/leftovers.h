#pragma once

#include <string>
#include <vector>

namespace stapkill {

/// Removes watch modules that a killed stapkill left loaded, and returns their names. Those that another stapkill uses
/// stay: staprun -d refuses them. Also removes build directories of the cache whose stapkill has ended.
std::vector<std::string> remove_leftovers(const std::string& staprun);

/// Whether a module of that name is loaded.
bool module_loaded(const std::string& name);

/// Unloads one module that nobody uses; true when it is gone.
bool unload_module(const std::string& staprun, const std::string& name);

}  // namespace stapkill
