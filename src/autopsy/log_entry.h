#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "autopsy/finding.h"
#include "base/time.h"

namespace stapkill {

/// One line of a log without what its logger added, or one entry of the journal. The views live as long as the call
/// that gets it.
struct LogEntry {
  Time time = 0;                   ///< wall time; 0: not known
  Time doubt = 0;                  ///< ns that the time may be off: a second for syslog, more for stamps from boot
  std::optional<Time> since_boot;  ///< ns, CLOCK_MONOTONIC, as the kernel's own stamp
  std::string_view program;        ///< who wrote it: "kernel", "systemd", "sudo"; "" where the line does not say
  int pid = 0;                     ///< of the program; 0: not said
  std::string_view message;        ///< one line
  std::string_view source;         ///< id of the source: "kernel-log", "journal", "log"
  std::string_view place;          ///< "/var/log/kern.log:18231"
  /// A field of the journal ("MESSAGE_ID", "_SYSTEMD_UNIT", "UNIT", "COREDUMP_PID"); empty where there is none. Null
  /// for lines of a text.
  std::function<std::string_view(std::string_view)> field = nullptr;
  /// Any user of the host may have written it in `program`'s name: a line that came through /dev/log. Such a line with
  /// the kernel's name is one of logger(1)'s, or the kernel's. In kern.log it is not logger's, which writes no facility
  /// kern (util-linux, misc-utils/logger.c, pencode; glibc's syslog(3) neither); rsyslog 8.2302's imuxsock and systemd
  /// 255's journald, forward_syslog_raw(), pass that facility on from a program that writes to the socket itself.
  bool forgeable = false;

  std::string_view value(std::string_view name) const { return field ? field(name) : std::string_view(); }
};

/// Reads entries in their order and keeps what they say about ends of processes. One that needs several lines (an
/// out-of-memory report) holds them until they are complete.
class MessageReader {
 public:
  virtual ~MessageReader() = default;
  /// Takes an entry; true where it was recognised, which ends the search for a reader.
  virtual bool take(const LogEntry& entry, std::vector<Finding>& findings) = 0;
  /// The log has ended: gives what was held.
  virtual void finish(std::vector<Finding>& findings) { static_cast<void>(findings); }
};

/// A finding with what every one takes from its entry.
Finding finding_at(const LogEntry& entry, Finding::Kind kind);

}  // namespace stapkill
