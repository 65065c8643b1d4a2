#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "autopsy/records/core_finding.h"

namespace stapkill {

/// What the name of a file of systemd-coredump says: core.COMM.UID.BOOT.PID.TIME, and how it is compressed. COMM is
/// escaped as \x2e; TIME is in microseconds, whole seconds since the kernel gives no more. Source: systemd
/// src/coredump/coredump.c, make_filename(), versions 215 to 257. None for another name.
struct CoredumpName {
  CoreOrigin origin;
  std::string compression;  ///< "zst", "xz", "lz4"; "": none
};
std::optional<CoredumpName> coredump_name(std::string_view name);

/// The pattern of kernel.core_pattern (core(5)), for the names of cores that it gives.
class CorePattern {
 public:
  /// None for a pipe, a socket (Linux 6.16), a relative pattern, or one that gives each core a directory.
  static std::optional<CorePattern> parse(std::string_view pattern);

  const std::string& directory() const { return directory_; }
  /// What a name tells: %P, %s, %t, %u, %e. None for a name that the pattern does not give.
  std::optional<CoreOrigin> match(std::string_view name) const;

 private:
  struct Compiled;
  std::string directory_;
  std::shared_ptr<const Compiled> compiled_;
};

/// A time of whole seconds, in the middle of that second.
void set_second(CoreOrigin& origin, std::int64_t seconds);

}  // namespace stapkill
