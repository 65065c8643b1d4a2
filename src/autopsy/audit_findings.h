#pragma once

#include <optional>

#include "autopsy/audit_record.h"
#include "autopsy/finding.h"

namespace stapkill {

/// What a record that stands alone says, added to a finding that has its time, source and place:
/// - ANOM_ABEND: a signal that dumps core, from any sender. Its pid is the thread group's since 4.9; from 4.17 on the
///   record has "res=1" in the place of "reason=", and only such a pid is put into subject.pid, another into
///   subject.tid (audit_core_dumps, audit_log_task; before 4.9 it is current->pid).
/// - SECCOMP: a filter's action; without a signal it is none that ends a process. The pid is as above: with
///   code=0x80000000 (4.14) the thread group's.
/// - SERVICE_START, SERVICE_STOP: systemd's word that a service became active, or inactive, for whatever reason
///   (manager_send_unit_audit); by another program than pid 1, with a login: that it stopped it.
/// - USER_CMD: what sudo ran. SYSTEM_BOOT, SYSTEM_SHUTDOWN. DAEMON_END, DAEMON_ABORT: audit itself stopped.
/// None for others.
std::optional<Finding> finding_of(const AuditRecord& record, Finding base);

/// The record's line for a quote: without what a user ran, which may hold secrets, and without auditd's separator.
std::string audit_quote(std::string_view line);

}  // namespace stapkill
