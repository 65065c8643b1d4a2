#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace stapkill {

/// Facts of a machine that records and verdicts use.
struct MachineFacts {
  std::string hostname, kernel, arch, boot_id;
  std::string core_pattern;             ///< as core_pattern() of host/machine.h
  std::uint64_t memory_bytes = 0;       ///< as memory_bytes() there
  std::optional<bool> core_uses_pid{};  ///< as core_uses_pid() there
};

}  // namespace stapkill
