#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/facts.h"

namespace stapkill {

/// A kernel's configuration and the file that it was read from.
struct KernelConfig {
  std::string source;
  std::map<std::string, std::string, std::less<>> options;  ///< "CONFIG_KPROBES" to "y"; those not set are not there
  std::string note;  ///< what was wrong with a file that should have told, before another did
  bool on(std::string_view option) const;
  std::string value(std::string_view option) const;
};

/// The configuration of a kernel: /proc/config.gz (of the running one), /boot/config-R, /lib/modules/R/config,
/// /lib/modules/R/build/.config, whichever comes first; the error says which were tried and why not.
Result<KernelConfig> kernel_config(Facts& facts, const std::string& release, bool running);

/// Reads the lines of a .config file.
std::map<std::string, std::string, std::less<>> parse_kernel_config(std::string_view text);

/// The releases in /lib/modules that have an image or a modules.dep of their own: kernels that could be booted, the
/// newest last.
std::vector<std::string> installed_kernels(Facts& facts);

/// Where a vmlinux with debuginfo would be, in the order in which SystemTap looks (elfutils,
/// libdwfl/linux-kernel-modules.c).
std::vector<std::string> debuginfo_paths(const std::string& release);

/// The full version of the running kernel's build as its own words tell it ("6.1.192-2" on Debian; "" elsewhere).
std::string build_version(const Uname& name);

}  // namespace stapkill
