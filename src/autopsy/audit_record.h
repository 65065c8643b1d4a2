#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace stapkill {

/// One record of the audit subsystem (auditd.conf(5) log_format; kernel/audit.c, kernel/auditsc.c). Its views are into
/// the line that it was read from.
struct AuditRecord {
  std::string_view type;      ///< "SYSCALL"; by name where the line has its number; empty for one that is not used here
  std::string_view node;      ///< of a log with name_format
  Time time = 0;              ///< 0: the line has none
  std::uint64_t serial = 0;   ///< together with the time it is the same for all records of an event
  std::string_view fields;    ///< what the kernel says
  std::string_view message;   ///< in msg='…': what a program with CAP_AUDIT_WRITE says
  std::string_view enriched;  ///< after 0x1d: auditd's own translation

  /// A field's value as it is written; empty where there is none.
  std::string_view raw(std::string_view name) const;
  /// The same of `message`, and where that has none, of `fields`.
  std::string_view said(std::string_view name) const;
  /// A number in decimal; none for 4294967295, which means "not set".
  std::optional<std::int64_t> id(std::string_view name) const;
  int pid(std::string_view name) const;
  /// A value of the translation, such as AUID="name"; "unset" is empty.
  std::string translated(std::string_view name) const;
};

/// A value without its quotes; "(none)", "(null)" and "?" are empty.
std::string audit_word(std::string_view raw);

/// An untrusted string: in quotes, or in large hexadecimal digits where it has a quote, a space or a control character
/// (audit_log_n_untrustedstring; libaudit's audit_encode_value).
std::string audit_text(std::string_view raw);

/// Reads a line of auditd's log ("[node=N ]type=T msg=audit(S.mmm:N): …", raw or enriched, T a name or UNKNOWN[N]) or
/// of the kernel's ("[audit: ]type=N audit(S.mmm:N): …").
std::optional<AuditRecord> audit_record(std::string_view line);

/// Reads what systemd-journald makes of a record (journald-audit.c): "TYPE fields", which has neither time nor serial.
std::optional<AuditRecord> journald_audit_record(std::string_view message);

/// The time of the first stamp in a text: "audit(1700000000.123", or LAUREL's {"ID":"1700000000.123. None without one.
std::optional<Time> first_audit_stamp(std::string_view text);

/// "1700000000.123:456" of a record: as ausearch -a takes the number after the colon.
std::string audit_event_id(const AuditRecord& record);

}  // namespace stapkill
