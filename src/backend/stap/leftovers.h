#pragma once

#include <string>
#include <vector>

namespace stapkill {

/// Removes watch modules that a killed stapkill left loaded, and returns their names. Those whose
/// staprun lives stay: it is another stapkill's. Also removes build directories of the cache whose stapkill has ended.
std::vector<std::string> remove_leftovers(const std::string& staprun);

/// The watch module that the staprun with that pid loaded; "" when there is none.
std::string module_of(int staprun_pid);

/// Whether a module of that name is loaded.
bool module_loaded(const std::string& name);

/// Unloads one module that nobody uses; true when it is gone.
bool unload_module(const std::string& staprun, const std::string& name);

}  // namespace stapkill
