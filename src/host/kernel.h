#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/facts.h"

namespace stapkill {

/// A kernel's configuration, and the file it was read from.
struct KernelConfig {
  std::string source;
  std::map<std::string, std::string, std::less<>>
      options;  ///< "CONFIG_KPROBES" to "y"; without options that are not set
  Phrase note;  ///< what was wrong with a file that was tried before
  bool on(std::string_view option) const;
  std::string value(std::string_view option) const;
};

/// The configuration of a kernel: /proc/config.gz (of the running one), /boot/config-R, /lib/modules/R/config,
/// /lib/modules/R/build/.config, whichever comes first; the error says which were tried and why they failed.
Result<KernelConfig> kernel_config(Facts& facts, const std::string& release, bool running);

/// Reads the lines of a .config file.
std::map<std::string, std::string, std::less<>> parse_kernel_config(std::string_view text);

/// The releases in /lib/modules with their own image or modules.dep: bootable kernels, the newest last.
std::vector<std::string> installed_kernels(Facts& facts);

/// Possible paths of a vmlinux with debuginfo, in SystemTap's order (elfutils, libdwfl/linux-kernel-modules.c).
std::vector<std::string> debuginfo_paths(const std::string& release);

/// The full version of the running kernel's build, from uname -v ("6.1.192-2" on Debian; "" elsewhere).
std::string build_version(const Uname& name);

/// The machine that a kernel's release names: "x86_64" of "6.1.0-56-amd64", "aarch64" of "6.1.21-v8+"; "" when none.
std::string machine_of_release(const std::string& release);

}  // namespace stapkill
