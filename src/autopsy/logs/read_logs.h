#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "autopsy/finding.h"
#include "autopsy/log_entry.h"
#include "autopsy/scope.h"

namespace stapkill {

using TakeEntry = std::function<void(const LogEntry&)>;

/// Entries of the text logs in /var/log, in scope, oldest first in each file: kern.log, syslog, messages, debug,
/// daemon.log, auth.log, secure, cron, user.log, dmesg, their rotated and compressed ones. Notes each file.
void read_text_logs(const Scope& scope, const TakeEntry& take, std::vector<SourceNote>& notes);

/// Entries of /dev/kmsg of this machine (dev-kmsg, Documentation/ABI/testing/dev-kmsg); nothing for a captured tree.
void read_kernel_buffer(const Scope& scope, const TakeEntry& take, std::vector<SourceNote>& notes);

/// Entries of systemd's journal, by journalctl(1), below the scope's files: those of the kernel, of pid 1, of
/// systemd-coredump, and of the daemons and tools that readers know.
void read_journal(const Scope& scope, const TakeEntry& take, std::vector<SourceNote>& notes);

/// Entries of one file that a colleague sent: any of those forms; journalctl's `-o export` and `-o json`, and a journal
/// file itself, too. `name`: for places and notes. The scope's times do not count: a file without a date is placed
/// by its own stamps.
void read_log_file(const std::string& path, const Scope& scope, const TakeEntry& take, std::vector<SourceNote>& notes);

/// Whether the first bytes of a file look like a log or a journal.
bool looks_like_log(std::string_view head);

}  // namespace stapkill
