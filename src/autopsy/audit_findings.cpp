#include "autopsy/audit_findings.h"

#include "autopsy/number_text.h"
#include "base/signals.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;

constexpr std::size_t kLongestCommand = 64 << 10, kLongestName = 4096;

std::string text_of(std::string_view raw, std::size_t most = kLongestName) {
  return audit_text(raw.substr(0, 2 * most)).substr(0, most);
}

int signal_of(const AuditRecord& record) {
  auto number = whole_number<int>(record.raw("sig")).value_or(0);
  return number > 0 && number <= 64 ? number : 0;
}

/// audit_log_task (kernel/auditsc.c).
Party task_of(const AuditRecord& record, bool group) {
  Party party;
  (group ? party.pid : party.tid) = record.pid("pid");
  party.uid = record.id("uid");
  party.loginuid = record.id("auid");
  party.user = record.translated("UID");
  party.comm = text_of(record.raw("comm"));
  party.exe = text_of(record.raw("exe"));
  return party;
}

bool abnormal_end(const AuditRecord& record, Finding& finding) {
  finding.kind = Kind::abnormal_end;
  finding.signal = signal_of(record);
  finding.subject = task_of(record, !record.raw("res").empty());
  if (finding.signal) finding.reason = "ended by " + signal_name(finding.signal);
  return finding.signal != 0;
}

struct Action {
  std::uint32_t code;
  std::string_view name;
};

/// include/uapi/linux/seccomp.h, SECCOMP_RET_*.
constexpr std::uint32_t kKillProcess = 0x80000000, kTrap = 0x00030000;
constexpr Action kActions[] = {{kKillProcess, "end the process"}, {0, "end the thread"}, {kTrap, "send SIGSYS"}};

bool seccomp(const AuditRecord& record, Finding& finding) {
  finding.signal = signal_of(record);
  auto code = whole_hex(record.raw("code"));
  auto action = code ? std::optional(static_cast<std::uint32_t>(*code & 0xffff0000)) : std::nullopt;
  // The kernel logs a trap with sig=0 and sends SIGSYS, which a handler may take (__seccomp_filter).
  if (!finding.signal && action != kTrap) return false;
  finding.kind = finding.signal ? Kind::seccomp : Kind::note;
  finding.subject = task_of(record, action == kKillProcess);
  finding.by_kernel = true;
  finding.reason = "seccomp filter";
  for (const auto& row : kActions) {
    if (action == row.code) finding.reason += ": " + std::string(row.name);
  }
  if (auto call = whole_number<int>(record.raw("syscall"))) {
    auto name = record.translated("SYSCALL").substr(0, 40);
    bool known = !name.empty() && !name.starts_with("unknown");
    finding.reason += ", system call " + std::to_string(*call) + (known ? " (" + name + ")" : "");
  }
  return true;
}

/// systemd names a service without its suffix there.
bool service(const AuditRecord& record, Finding& finding, bool start) {
  auto unit = audit_word(record.said("unit").substr(0, 258));
  if (unit.empty()) return false;
  finding.subject.unit = unit.ends_with(".service") ? unit : unit + ".service";
  bool failed = record.said("res") == "failed" || record.said("res") == "0";
  auto pid = record.pid("pid");
  auto login = record.id("auid");
  if (start) {
    finding.kind = Kind::unit_start;
    finding.reason = failed ? "the service failed to start" : "the service started";
  } else if (pid != 1 && login) {
    finding.kind = Kind::unit_stop;
    finding.actor = task_of(record, true);
    finding.actor.comm = text_of(record.said("comm"));
    finding.actor.exe = text_of(record.said("exe"));
  } else {
    finding.kind = Kind::unit_result;
    finding.reason = failed ? "the service failed" : "the service became inactive";
  }
  finding.through = pid == 1 ? "systemd" : "";
  return true;
}

bool service_start(const AuditRecord& record, Finding& finding) {
  return service(record, finding, true);
}
bool service_stop(const AuditRecord& record, Finding& finding) {
  return service(record, finding, false);
}

bool command(const AuditRecord& record, Finding& finding) {
  finding.kind = Kind::command;
  finding.actor = task_of(record, true);
  finding.actor.comm.clear();
  finding.actor.exe = text_of(record.said("exe"));
  finding.actor.cmdline = text_of(record.said("cmd"), kLongestCommand);
  finding.actor.tty = audit_word(record.said("terminal").substr(0, 64));
  finding.failed = record.said("res") == "failed" || record.said("res") == "0";
  return !finding.actor.cmdline.empty();
}

bool boot(const AuditRecord&, Finding& finding) {
  finding.kind = Kind::boot;
  return true;
}

bool shutdown(const AuditRecord&, Finding& finding) {
  finding.kind = Kind::shutdown;
  return true;
}

/// src/auditd.c: auid and pid are those of the sender of the signal that ended it.
bool audit_ended(const AuditRecord& record, Finding& finding) {
  finding.kind = Kind::note;
  finding.reason = "auditd stopped: nothing was audited until it started again";
  finding.actor.pid = record.pid("pid");
  finding.actor.loginuid = record.id("auid");
  return true;
}

struct Row {
  std::string_view type;
  bool (*fill)(const AuditRecord& record, Finding& finding);
};

constexpr Row kRows[] = {
    {"ANOM_ABEND", abnormal_end},   {"SECCOMP", seccomp},        {"SERVICE_START", service_start},
    {"SERVICE_STOP", service_stop}, {"USER_CMD", command},       {"SYSTEM_BOOT", boot},
    {"SYSTEM_SHUTDOWN", shutdown},  {"DAEMON_END", audit_ended}, {"DAEMON_ABORT", audit_ended},
};

}  // namespace

std::optional<Finding> finding_of(const AuditRecord& record, Finding base) {
  for (const auto& row : kRows) {
    if (row.type == record.type) return row.fill(record, base) ? std::optional(std::move(base)) : std::nullopt;
  }
  return std::nullopt;
}

std::string audit_quote(std::string_view line) {
  std::string quote(line.substr(0, 4 * kLongestQuote));
  for (std::string_view name : {" cmd=", "'cmd=", " proctitle="}) {
    auto at = quote.find(name);
    if (at == std::string::npos) continue;
    auto start = at + name.size();
    auto stop = quote.compare(start, 1, "\"") == 0 ? quote.find('"', start + 1) : quote.find_first_of(" '", start);
    if (stop != std::string::npos && quote[stop] == '"') ++stop;
    quote.replace(start, stop == std::string::npos ? stop : stop - start, "…");
  }
  for (auto& each : quote) {
    if (each == '\x1d') each = ' ';
  }
  if (quote.size() > kLongestQuote) quote.resize(kLongestQuote);
  return quote;
}

}  // namespace stapkill
