#include <algorithm>
#include <string>

#include "autopsy/messages/parts.h"
#include "autopsy/messages/patterns.h"
#include "autopsy/messages/writer.h"
#include "base/signals.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;

/// What systemd's other programs say of sessions and of the machine.
struct Row {
  std::string_view program;
  const char* pattern;
  Kind kind;
  const char* reason;
  struct Where {
    int pid = 0, comm = 0, signal = 0, user = 0, session = 0;
  } where = {};
};
constexpr std::string_view kLogind = "systemd-logind", kShutdown = "systemd-shutdown", kSleep = "systemd-sleep";
constexpr Row kRows[] = {
    // src/login/logind-session.c: 219 to 256; then with quotes, class and type.
    {kLogind,
     R"(New session '?([^ ']{1,64})'? of user '?([^']{1,256}?)'?(?: with class .*)?\.)",
     Kind::login,
     "session $1 began",
     {.user = 2, .session = 1}},
    {kLogind,
     R"(Session '?([^ ']{1,64})'? logged out\. Waiting for processes to exit\.)",
     Kind::login,
     "session $1 logged out",
     {.session = 1}},
    {kLogind, R"(Removed session '?([^ ']{1,64})'?\.)", Kind::login, "session $1 ended", {.session = 1}},
    // src/login/logind-action.c, logind-dbus.c (219): with the wall message in brackets.
    {kLogind,
     R"(System is (powering down|rebooting|halting|rebooting with kexec|shutting down|performing factory reset)(?: \(.*\))?\.)",
     Kind::shutdown, "logind: the system is $1"},
    {kLogind, R"((The system will [a-z -]{1,40} now!).*)", Kind::shutdown, "logind: $1"},
    // src/core/shutdown.c, killall.c; src/shutdown/shutdown.c and src/shared/killall.c later.
    {kShutdown,
     R"(Sending SIG(TERM|KILL) to remaining processes\.\.\.)",
     Kind::shutdown,
     "the shutdown ends every process that is left",
     {.signal = 1}},
    {kShutdown,
     R"(Sending SIG(KILL) to PID (\d{1,10}) \((.*)\)\.)",
     Kind::shutdown,
     "the shutdown ends a process that is left",
     {.pid = 2, .comm = 3, .signal = 1}},
    {kShutdown, R"(Waiting for process: .*)", Kind::note, "the shutdown waits for processes"},
    {kShutdown, R"((Rebooting|Powering off|Halting system|Rebooting with kexec)\.)", Kind::shutdown,
     "the shutdown's last step: $1"},
    // src/sleep/sleep.c: 219 to 239, 249 to 252, 255 and later.
    {kSleep,
     R"((?:Suspending system|Entering sleep state '[a-z-]{1,40}'|Performing sleep operation '[a-z-]{1,40}')\.\.\.)",
     Kind::sleep, "the machine goes to sleep"},
    {kSleep, R"((?:System resumed|System returned from sleep (?:state|operation '[a-z-]{1,40}'))\.)", Kind::sleep,
     "the machine woke up"},
};

/// The same by MESSAGE_ID (src/systemd/sd-messages.h), for texts of other versions.
struct IdRow {
  std::string_view id, program;
  Kind kind;
  const char* reason;
};
constexpr IdRow kIdRows[] = {
    {"8d45620c1a4348dbb17410da57c60c66", kLogind, Kind::login, "a session began"},
    {"3354939424b4456d9802ca8333ed424a", kLogind, Kind::login, "a session ended"},
    {"98268866d1d54a499c4e98921d93bc40", kLogind, Kind::shutdown, "logind: the system shuts down"},
    {"6bbd95ee977941e497c48be27c254128", kSleep, Kind::sleep, "the machine goes to sleep"},
    {"8811e6df2a8e40f58a94cea26f8ebf14", kSleep, Kind::sleep, "the machine woke up"},
};

bool is_one(std::string_view program) {
  return program == kLogind || program == kShutdown || program == kSleep;
}

void set_session(Finding& finding, std::string_view session) {
  // src/login/logind-session.c, session_start_scope().
  if (!session.empty()) finding.subject.unit = "session-" + std::string(session) + ".scope";
}

Finding of_row(const LogEntry& entry, const Row& row, const Patterns::Match& match) {
  auto finding = finding_at(entry, row.kind);
  finding.reason = with_groups(row.reason, match);
  auto group = [&](int number) { return number > 0 ? match[static_cast<std::size_t>(number)] : std::string_view(); };
  finding.subject.pid = pid_in(group(row.where.pid));
  finding.subject.comm = group(row.where.comm);
  finding.signal = parse_signal(group(row.where.signal)).value_or(0);
  finding.actor.user = group(row.where.user);
  set_session(finding, group(row.where.session));
  return finding;
}

std::optional<Finding> of_id(const LogEntry& entry, std::string_view program) {
  auto id = entry.value("MESSAGE_ID");
  const auto* row = std::find_if(std::begin(kIdRows), std::end(kIdRows),
                                 [&](const IdRow& one) { return one.id == id && one.program == program; });
  if (row == std::end(kIdRows)) return std::nullopt;
  auto finding = finding_at(entry, row->kind);
  finding.reason = row->reason;
  return finding;
}

void add_fields(Finding& finding, const LogEntry& entry) {
  if (finding.kind != Kind::login) return;
  // LEADER: the process that opened the session; USER_ID is a name.
  if (auto user = entry.value("USER_ID"); !user.empty()) finding.actor.user = user;
  if (auto session = entry.value("SESSION_ID"); !session.empty()) set_session(finding, session.substr(0, 64));
  finding.actor.pid = pid_in(entry.value("LEADER"));
}

std::optional<Finding> read(const LogEntry& entry, std::string_view program, std::string_view message) {
  static const Patterns patterns = patterns_of(kRows);
  auto match = patterns.match(message);
  if (match && kRows[match->row].program == program) return of_row(entry, kRows[match->row], *match);
  return of_id(entry, program);
}

class MachineReader : public MessageReader {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) override {
    auto program = entry.program;
    auto message = first_line(entry.message);
    // systemd-shutdown is pid 1 by then, and has only the kernel's log.
    constexpr std::string_view last = "systemd-shutdown[1]: ";
    if ((program == "kernel" || program.empty()) && message.starts_with(last)) {
      program = kShutdown;
      message.remove_prefix(last.size());
    }
    if (!is_one(program) || !may_be_roots(entry)) return false;
    auto finding = read(entry, program, message);
    if (!finding) return false;
    finding->through = program;
    add_fields(*finding, entry);
    findings.push_back(std::move(*finding));
    return true;
  }
};

}  // namespace

std::unique_ptr<MessageReader> systemd_machine_reader() {
  return std::make_unique<MachineReader>();
}

}  // namespace stapkill
