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
  std::string stamp;    ///< changes with the translator's file; valid only on this machine
};

/// Finds stap and staprun on PATH, or by $STAPKILL_STAP and $STAPKILL_STAPRUN. Never runs them.
Result<SystemTap> find_systemtap(Facts& facts);

/// The running kernel's release from uname(2); $STAPKILL_KERNEL overrides it (for a lab that fills caches).
std::string running_kernel();

/// A kernel's build tree (headers).
struct KernelBuild {
  std::string release;
  std::string build;   ///< resolved /lib/modules/R/build
  std::string source;  ///< where linux/*.h lie: resolved /lib/modules/R/source, or build
  std::string stamp;   ///< changes with Module.symvers or .config; valid only on this machine
};

/// The build tree of a release; an error names the package with it.
Result<KernelBuild> find_kernel_build(Facts& facts, const std::string& release);

/// From `stap -V`: "4.8", and the newest kernel that this version was tested with, "6.1.0-rc3"; "" where missing.
struct SystemTapVersion {
  std::string version, newest_kernel;
};
SystemTapVersion parse_systemtap_version(std::string_view text);

/// The newest kernel that a released SystemTap was tested with; "" for unknown versions.
std::string newest_kernel_of(std::string_view version);

/// The oldest known SystemTap that was tested with that kernel; "" for none.
std::string systemtap_for_kernel(std::string_view release);

}  // namespace stapkill
