#pragma once

#include <string>
#include <vector>

#include "sys/result.h"

namespace stapkill {

/// A SystemTap installation.
struct SystemTap {
  std::string stap;     ///< path of the translator
  std::string staprun;  ///< path of the loader, "" when it is missing
  std::string runtime;  ///< the runtime's sources, "/usr/share/systemtap/runtime"
  std::string stamp;    ///< changes whenever the translator's file does
};

/// Finds stap and staprun on PATH; $STAPKILL_STAP and $STAPKILL_STAPRUN name others. Never runs them.
Result<SystemTap> find_systemtap();

/// The running kernel's release, as uname(2) gives it; $STAPKILL_KERNEL names another (a lab that warms caches).
std::string running_kernel();

/// A kernel's build tree (headers).
struct KernelBuild {
  std::string release;
  std::string build;   ///< resolved /lib/modules/R/build
  std::string source;  ///< where linux/*.h lie: resolved /lib/modules/R/source, or build
  std::string stamp;   ///< changes whenever Module.symvers or .config does
};

/// The build tree of a release; the error names the package that has it.
Result<KernelBuild> find_kernel_build(const std::string& release);

/// What /etc/os-release says: ID, or "linux".
std::string distribution_id();

}  // namespace stapkill
