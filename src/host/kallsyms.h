#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace stapkill {

/// A function of the running kernel or of a loaded module.
struct KernelFunction {
  std::string_view name, module;  ///< module "" for the kernel itself
};

/// Calls `visit` for every function in /proc/kallsyms (of another root with `proc`); its names do not depend on
/// kernel.kptr_restrict. False where it cannot be read or has none.
bool for_each_kernel_function(const std::function<void(const KernelFunction&)>& visit,
                              const std::string& proc = "/proc");

}  // namespace stapkill
