#include <algorithm>
#include <string>

#include "autopsy/messages/parts.h"
#include "autopsy/messages/patterns.h"
#include "autopsy/messages/unit_names.h"
#include "autopsy/messages/writer.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;

constexpr std::string_view kProgram = "systemd-coredump";
constexpr std::string_view kCoredump = "fc2e22bc6ee647b6b90729ab34a250b1";  // SD_MESSAGE_COREDUMP
constexpr Time kSecond = 1'000'000'000;

/// Sources: systemd, src/journal/coredump.c (219), src/coredump/coredump.c (229 to 256), coredump-submit.c (main). The
/// kernel gives it the pid as %P, of the initial pid namespace, since 229; before as %p, of the process's own
/// (sysctl.d/50-coredump.conf.in): of a process in a container that pid is another one than the host's.
struct Row {
  const char* pattern;  ///< groups: pid, comm, then as `user` and `signal` say
  const char* reason;
  int user = 0, signal = 0;
};
constexpr Row kRows[] = {
    {R"(Process (\d{1,10}) \((.*)\) of user (\d{1,10}) dumped core\.)", "", 3},
    {R"(Process (\d{1,10}) \((.*)\) of user (\d{1,10}) terminated abnormally without generating a coredump\.)",
     "no core was written", 3},
    // 256 and later, before it reads the core; the signal's name may be missing.
    {R"(Process (\d{1,10}) \((.*)\) of user (\d{1,10}) terminated abnormally with signal (\d{1,2})/[^ ,]*, processing\.\.\.)",
     "a core is being read", 3, 4},
    {R"(Resource limits disable core dumping for process (\d{1,10}) \((.*)\)\.)",
     "its limit of a core's size leaves no core (RLIMIT_CORE)"},
};

/// The process that reads the core drops to the dead one's user before it logs: the journal's _UID can be any. Its unit
/// or, of 219, its program without any unit or session (a helper that the kernel starts) is what no other user has.
bool may_be_coredump(const LogEntry& entry) {
  if (may_be_roots(entry)) return true;
  auto unit = entry.value("_SYSTEMD_UNIT");
  if (unit.starts_with("systemd-coredump@")) return true;
  bool of_nobody = entry.value("_AUDIT_LOGINUID").empty() && entry.value("_SYSTEMD_OWNER_UID").empty() &&
                   entry.value("_SYSTEMD_SESSION").empty();
  return unit.empty() && of_nobody && !entry.value("_EXE").empty() && may_be_program(entry, kProgram);
}

std::string text(std::string_view value) {
  return std::string(value);
}

/// By fields (the same since 219; COREDUMP_UNIT or COREDUMP_USER_UNIT).
Finding from_fields(const LogEntry& entry) {
  auto finding = finding_at(entry, Kind::core);
  auto& dead = finding.subject;
  dead.pid = pid_in(entry.value("COREDUMP_PID"));
  dead.tid = pid_in(entry.value("COREDUMP_TID"));
  dead.comm = entry.value("COREDUMP_COMM");
  dead.exe = entry.value("COREDUMP_EXE");
  dead.cmdline = entry.value("COREDUMP_CMDLINE");
  dead.cgroup = entry.value("COREDUMP_CGROUP");
  dead.uid = whole_number<std::int64_t>(entry.value("COREDUMP_UID"));
  auto unit = entry.value("COREDUMP_UNIT");
  set_unit(dead, unit.empty() ? entry.value("COREDUMP_USER_UNIT") : unit);
  finding.signal = std::clamp(whole_number(entry.value("COREDUMP_SIGNAL")).value_or(0), 0, 64);
  if (auto file = entry.value("COREDUMP_FILENAME"); !file.empty())
    finding.reason = "core in " + text(file.substr(0, 300));
  if (entry.value("COREDUMP_TRUNCATED") == "1") finding.reason += finding.reason.empty() ? "truncated" : ", truncated";
  // The kernel's %t: whole seconds.
  constexpr std::int64_t latest = 9'000'000'000'000'000;
  auto stamp = whole_number<std::int64_t>(entry.value("COREDUMP_TIMESTAMP"));
  if (stamp && *stamp > 0 && *stamp < latest) {
    finding.time = *stamp * 1000;
    finding.doubt = kSecond;
  }
  return finding;
}

std::optional<Finding> from_text(const LogEntry& entry) {
  static const Patterns patterns = patterns_of(kRows);
  auto match = patterns.match(first_line(entry.message));
  if (!match) return std::nullopt;
  const auto& row = kRows[match->row];
  auto finding = finding_at(entry, Kind::core);
  finding.subject.pid = pid_in((*match)[1]);
  finding.subject.comm = (*match)[2];
  if (row.user > 0) finding.subject.uid = whole_number<std::int64_t>((*match)[static_cast<std::size_t>(row.user)]);
  if (row.signal > 0) finding.signal = std::clamp(pid_in((*match)[static_cast<std::size_t>(row.signal)]), 0, 64);
  finding.reason = row.reason;
  return finding;
}

class CoredumpReader : public MessageReader {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) override {
    if (entry.program != kProgram || !may_be_coredump(entry)) return false;
    bool whole = entry.value("MESSAGE_ID") == kCoredump && !entry.value("COREDUMP_PID").empty();
    auto finding = whole ? std::optional(from_fields(entry)) : from_text(entry);
    if (!finding) return false;
    finding->through = kProgram;
    findings.push_back(std::move(*finding));
    return true;
  }
};

}  // namespace

std::unique_ptr<MessageReader> systemd_coredump_reader() {
  return std::make_unique<CoredumpReader>();
}

}  // namespace stapkill
