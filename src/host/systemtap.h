#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/facts.h"

namespace stapkill {

/// A SystemTap installation.
struct SystemTap {
  std::string stap;     ///< path of the translator
  std::string staprun;  ///< path of the loader, "" when it is missing
  std::string runtime;  ///< the runtime's sources, "/usr/share/systemtap/runtime"
  std::string stamp;    ///< changes whenever the translator's file does; of this machine only
};

/// Finds stap and staprun on PATH; $STAPKILL_STAP and $STAPKILL_STAPRUN name others. Never runs them.
Result<SystemTap> find_systemtap(Facts& facts);

/// The running kernel's release, as uname(2) gives it; $STAPKILL_KERNEL names another (a lab that warms caches).
std::string running_kernel();

/// A kernel's build tree (headers).
struct KernelBuild {
  std::string release;
  std::string build;   ///< resolved /lib/modules/R/build
  std::string source;  ///< where linux/*.h lie: resolved /lib/modules/R/source, or build
  std::string stamp;   ///< changes whenever Module.symvers or .config does; of this machine only
};

/// The build tree of a release; the error names the package that has it.
Result<KernelBuild> find_kernel_build(Facts& facts, const std::string& release);

/// What `stap -V` says: "4.8", and the newest kernel that this version was tested with, "6.1.0-rc3"; "" where not told.
struct SystemTapVersion {
  std::string version, newest_kernel;
};
SystemTapVersion parse_systemtap_version(std::string_view told);

/// The newest kernel that a released SystemTap was tested with, "" for versions that are not known here.
std::string newest_kernel_of(std::string_view version);

/// The oldest known SystemTap that was tested with that kernel; "" when none is known to.
std::string systemtap_for_kernel(std::string_view release);

}  // namespace stapkill
