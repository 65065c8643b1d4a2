#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "event/process.h"

namespace stapkill {

/// What records tell of a machine, and what a verdict takes from it.
struct MachineFacts {
  std::string hostname, kernel, arch, boot_id;
  std::string core_pattern;             ///< as core_pattern()
  std::uint64_t memory_bytes = 0;       ///< as memory_bytes()
  std::optional<bool> core_uses_pid{};  ///< as core_uses_pid()
};
MachineFacts machine_facts();

/// Bytes of memory that this machine has (sysinfo(2)); 0 when that cannot be told.
std::uint64_t memory_bytes();

/// /proc/sys/kernel/core_pattern without its newline; "" when it cannot be read.
std::string core_pattern(const std::string& proc = "/proc");

/// /proc/sys/kernel/core_uses_pid: whether a core's name gets ".PID" where core_pattern has none; none when it cannot
/// be read.
std::optional<bool> core_uses_pid(const std::string& proc = "/proc");

/// The other end of the first established TCP connection that this very process (by pid and start time) holds, as an
/// address without its port; none when it has none, has ended, or may not be looked at. Linear in the process's files
/// and the machine's connections: for a report's sentence, not for each event.
std::optional<std::string> tcp_peer(const Process& process, const std::string& proc = "/proc");

/// Whether systemd has a unit file of that name (systemd.unit(5), the system manager's search path).
bool has_unit_file(const std::string& name, const std::string& root = "");

}  // namespace stapkill
