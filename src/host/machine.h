#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/machine_facts.h"
#include "model/process.h"

namespace stapkill {

/// Facts of this machine.
MachineFacts machine_facts();

/// Bytes of memory of this machine (sysinfo(2)); 0 when not known.
std::uint64_t memory_bytes();

/// /proc/sys/kernel/core_pattern without its newline; "" when it cannot be read.
std::string core_pattern(const std::string& proc = "/proc");

/// /proc/sys/kernel/core_uses_pid: whether a core's name gets ".PID" where core_pattern has none; none when it cannot
/// be read.
std::optional<bool> core_uses_pid(const std::string& proc = "/proc");

/// The peer address, without its port, of the first established TCP connection of exactly that process (by pid and
/// start time); none when it has none, has ended, or may not be read. Linear in the process's files and the machine's
/// connections: for a report, not for each event.
std::optional<std::string> tcp_peer(const Process& process, const std::string& proc = "/proc");

/// Where a login that systemd-logind knows came from: "ssh from 192.0.2.7", "login on tty1", "cron". From
/// /run/systemd/sessions/SESSION (systemd 252, logind-session.c, session_save), whose name is audit's number of the
/// login (logind-dbus.c, method_create_session). None where logind is not there, or forgot the login.
std::optional<std::string> login_origin(std::int64_t session, const std::string& root = "");

/// The file of a job of at(1) that exactly that process, the shell that atd started, reads; none where it reads none,
/// has ended, or may not be read.
std::optional<std::string> at_job(const Process& process, const std::string& proc = "/proc");

/// The directory of a living shell's script, whose relative path is `word`. Shells keep their script open, read-only
/// and close-on-exec (bash(1) at 255, dash(1) at the first free one from 10 on). None where no open file proves it.
std::optional<std::string> script_directory(const Process& process, std::string_view word,
                                            const std::string& proc = "/proc");

/// Whether systemd has a unit file of that name (systemd.unit(5), the system manager's search path).
bool has_unit_file(const std::string& name, const std::string& root = "");

}  // namespace stapkill
