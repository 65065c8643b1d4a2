#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "autopsy/log_entry.h"

namespace stapkill {

// Who wrote an entry. The journal adds fields that begin with '_' and that no writer can choose
// (systemd.journal-fields(7), TRUSTED JOURNAL FIELDS). A text has only the name of a program, which any user can choose
// (logger -t systemd): it proves no writer, so each of these is true of every text. An export without such fields is as
// good as a text.

/// Whether the entry has fields that say who wrote it.
bool writer_is_known(const LogEntry& entry);

/// The user who wrote it; none where it is not known.
std::optional<std::int64_t> writer_uid(const LogEntry& entry);

/// Whether it may be from root, or from the kernel's log, which only root can write to.
bool may_be_roots(const LogEntry& entry);

/// The same, or from a process in that unit of the system.
bool may_be_units(const LogEntry& entry, std::string_view unit);

/// Whether it may be from the system's own pid 1.
bool may_be_init(const LogEntry& entry);

/// Whether it may be from a user's systemd; never from pid 1.
bool may_be_user_manager(const LogEntry& entry);

/// Whether its writer's program may be `name`: the last part of _EXE, or _COMM where there is no _EXE.
bool may_be_program(const LogEntry& entry, std::string_view name);

}  // namespace stapkill
