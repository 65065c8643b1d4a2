#include "autopsy/messages/systemd_unit_rows.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;

// systemd does not translate what it logs, only its catalog (catalog/*.catalog.in): the words are the same in each
// locale. Versions: 219 (CentOS 7), 229/232/237 (Ubuntu 16.04, Debian 9, Ubuntu 18.04), 239 (EL 8), 241/245 (Debian 10,
// Ubuntu 20.04), 247/249/252 (Debian 11, Ubuntu 22.04, Debian 12 and EL 9), 255/256, and main.

#define TIMED_OUT "(?:Terminating|Killing|Aborting|Stopping)"

constexpr UnitRow kUnitRows[] = {
    // src/core/service.c, socket.c, mount.c: 219 to 239; src/core/unit.c, unit_log_process_exit(): 241 and later. 219
    // writes "main process", and a control process without a comma.
    {R"(([Mm]ain|[Cc]ontrol|[Mm]ount|[Ss]wap|Condition check) process exited, code=(exited|killed|dumped),? status=(\d{1,5})(?:/.*)?)",
     Kind::unit_process,
     "$1 process, code=$2",
     {.code = 2, .status = 3}},
    // src/core/unit.c, unit_log_failure(): 241 and later; service.c, scope.c: 229 to 239.
    {R"(Failed with result '([a-z-]{1,40})'\.)", Kind::unit_result, "$1"},
    {R"((?:Unit )?entered failed state\.)", Kind::unit_result, "failed"},  // unit.c: 219 to 237
    {R"(failed\.)", Kind::unit_result, "failed"},                          // service.c: 219
    // unit.c, unit_log_success(): "Succeeded." 241 to 247, then the other; 240 and before write neither.
    {R"((?:Succeeded|Deactivated successfully)\.)", Kind::unit_result, "success"},
    // src/core/cgroup.c, unit_check_oom(): 243 to 255, and main.
    {R"(A process of this unit has been killed by the OOM killer\.)", Kind::unit_oom,
     "the kernel's out-of-memory killer ended a process of it"},
    {R"(The kernel OOM killer killed some processes in this unit\.)", Kind::unit_oom,
     "the kernel's out-of-memory killer ended processes of it"},
    // cgroup.c, unit_check_oomd_kill(): 248 and later.
    {R"(systemd-oomd killed (\d{1,10}|some) process\(es\) in this unit\.)", Kind::userspace_oom,
     "systemd-oomd ended $1 of its processes"},
    // unit.c, log_kill(): 227 and later; only signals that are worth it (SIGKILL, the watchdog's).
    {R"(Killing process (\d{1,10}) \((.*)\) with signal SIG([A-Z0-9+-]{1,12})\.)",
     Kind::unit_kill,
     "systemd ends what is left of the unit",
     {.pid = 1, .comm = 2, .signal = 3}},
    // unit.c, unit_kill(), kill_common_log(): 249 and later (`systemctl kill`).
    {R"(Sent signal SIG([A-Z0-9+-]{1,12}) to (?:main|control) process (\d{1,10}) \((.*)\) on client request\.)",
     Kind::unit_kill,
     "a client of systemd asked for it",
     {.pid = 2, .comm = 3, .signal = 1}},
    {R"(Sending signal SIG([A-Z0-9+-]{1,12}) to process (\d{1,10}) \((.*)\) on client request\.)",
     Kind::unit_kill,
     "a client of systemd asked for it",
     {.pid = 2, .comm = 3, .signal = 1}},
    {R"(Failed to (?:kill|send signal SIG[A-Z0-9+-]{1,12} to) (?:main|control) process (\d{1,10}) \((.*)\).*)",
     Kind::note,
     "systemd could not send it a signal",
     {.pid = 1, .comm = 2}},
    // service.c, service_dispatch_timer(), service_dispatch_watchdog(); scope.c.
    {R"([Rr]eload operation timed out\. (?:Stopping|Killing reload process)\.)", Kind::unit_limit,
     "its reload had not ended in time (TimeoutStartSec)"},
    {R"(([Ss]tart|[Ss]tart-pre|[Ss]tart-post|condition) operation timed out\. )" TIMED_OUT R"(\.)", Kind::unit_limit,
     "it had not started in time (TimeoutStartSec)"},
    {R"([Ss]topping timed out(?: \(2\))?\. )" TIMED_OUT R"(\.)", Kind::unit_limit,
     "it had not stopped in time (TimeoutStopSec)"},
    {R"(State '((?:stop|final)[a-z-]{0,30})' timed out\. )" TIMED_OUT R"(\.)", Kind::unit_limit,
     "it had not stopped in time (TimeoutStopSec; $1)"},
    {R"((stop-(?:sigterm|sigabrt|post|final-sigterm|watchdog)) timed out\. )" TIMED_OUT R"(\.)", Kind::unit_limit,
     "it had not stopped in time (TimeoutStopSec; $1)"},
    {R"((?:[Mm]ount|[Rr]emount|[Uu]nmount|[Ss]tart)ing timed out\. )" TIMED_OUT R"([a-z ]*\.)", Kind::unit_limit,
     "it had not ended in time (TimeoutSec)"},
    {R"(.{0,60} timed out\. Skipping SIGKILL\..*)", Kind::note,
     "it had not stopped in time, and is left (SendSIGKILL=no)"},
    {R"((?:Service|Scope) reached runtime time limit\. Stopping\.)", Kind::unit_limit,
     "its run time was over (RuntimeMaxSec)"},
    {R"([Ww]atchdog timeout \(limit ([^)]{1,40})\)!)", Kind::unit_limit,
     "it had not sent its keep-alive in time (WatchdogSec=$1)"},
    {R"(Watchdog request \(last status: .*\)!)", Kind::unit_limit,
     "it asked for its watchdog's end (WATCHDOG=trigger)"},
    {R"(Processes still around after (?:final )?SIGKILL\..*)", Kind::note, "its processes are there after SIGKILL"},
    // unit.c: StopWhenUnneeded=, BindsTo=; "is …" in 219.
    {R"((?:Unit |is )not needed anymore\. Stopping\.)", Kind::unit_stop,
     "no unit needed it any more (StopWhenUnneeded)"},
    {R"((?:Unit )?is bound to inactive unit(?: ([^ ]{1,255}))?\. Stopping, too\.)", Kind::unit_stop,
     "a unit that it is bound to was inactive (BindsTo $1)"},
    // service.c, service_enter_restart(); 219 "holdoff", 232 "hold-off".
    {R"(Scheduled restart job, restart counter is at (\d{1,10})\.)", Kind::unit_start, "restart $1 (Restart=)"},
    {R"((?:Service )?(?:hold-?off time over|has no hold-?off time|RestartSec=[^ ]* expired|restart interval .{1,40} expired).{0,40}, scheduling restart\.)",
     Kind::unit_start, "a restart is scheduled (Restart=)"},
    {R"(Unit process (\d{1,10}) \((.*)\) remains running after unit stopped\.)",
     Kind::note,
     "it remained after its unit had stopped",
     {.pid = 1, .comm = 2}},
    {R"(Found left-over process (\d{1,10}) \((.*)\) in control group while starting unit\. Ignoring\.)",
     Kind::note,
     "it was left from before when its unit started",
     {.pid = 1, .comm = 2}},
    {R"(Consumed (.{1,200})\.)", Kind::note, "consumed $1"},
};

constexpr UnitRow kJobRows[] = {
    // src/core/job.c, job_emit_start_message() and job_done_message_format(); 219: unit.c.
    {R"(Stopping (.+?)(?:\.\.\.|\.)?)", Kind::unit_stop, "a stop job began", {.unit = 1}},
    {R"(Starting (.+?)(?:\.\.\.|\.)?)", Kind::unit_start, "a start job began", {.unit = 1}},
    {R"(Reloading (.+?)\.\.\.)", Kind::note, "a reload began", {.unit = 1}},
    // A restart after a failure has a done stop job too (219 to 253): "Stopped" is no word on who asked.
    {R"(Stopped (.+) with error\.)", Kind::unit_result, "stopped with an error", {.unit = 1}},
    {R"(Stopped \(with error\) (.+)\.)", Kind::unit_result, "stopped with an error", {.unit = 1}},
    {R"(Stopped (.+)\.)", Kind::unit_result, "stopped", {.unit = 1}},
    {R"(Started (.+)\.)", Kind::unit_start, "started", {.unit = 1}},
    {R"(Finished (.+)\.)", Kind::unit_result, "finished", {.unit = 1}},
    {R"(Failed to start (.+)\.)", Kind::unit_result, "its start failed", {.unit = 1}},
    {R"(Timed out starting (.+)\.)", Kind::unit_limit, "its start job timed out (JobTimeoutSec)", {.unit = 1}},
    {R"(Timed out stopp+ing (.+)\.)", Kind::unit_limit, "its stop job timed out (JobTimeoutSec)", {.unit = 1}},
};

constexpr auto kSystem = UnitRow::Only::system;

constexpr UnitRow kManagerRows[] = {
    // src/core/main.c
    {R"(systemd [0-9][^ ]{0,60} running in (?:.{1,20} )?system mode.*)", Kind::boot, "systemd starts", {}, kSystem},
    {R"(Startup finished in .*)", Kind::boot, "start-up is finished", {}, kSystem},  // manager.c
    {R"(Shutting down\.)", Kind::shutdown, "systemd shuts down", {}, kSystem},
    // Targets of systemd.special(7), with their names or descriptions.
    {R"(Reached target (?:(?:shutdown|reboot|poweroff|halt|kexec|final|umount)\.target(?: - .*)?|(?:System )?(?:Shutdown|Reboot|Power[- ]?Off|Halt)|Late Shutdown Services|Final Step)\.)",
     Kind::shutdown,
     "a target of the shutdown is reached",
     {},
     kSystem},
    // dbus-manager.c, log_caller(): 250 and later; main names the other actions.
    {R"((?:Reboot|Poweroff|Halt|Kexec|Soft reboot|Exit) requested from client PID (\d{1,10})(?: \('(.{0,15})'\))?(?: \(unit .*\))?\.\.\.)",
     Kind::shutdown,
     "a client of systemd asked for it",
     {.pid = 1, .comm = 2},
     kSystem},
    {R"((Reload|Reexecut)[a-z]* requested from client PID (\d{1,10})(?: \('(.{0,15})'\))?(?: \(unit .*\))?\.\.\.)",
     Kind::note,
     "systemd itself: $1 requested",
     {.pid = 2, .comm = 3}},
};

#undef TIMED_OUT

template <std::size_t N>
UnitMatch find_in(const Patterns& patterns, const UnitRow (&rows)[N], std::string_view text) {
  auto match = patterns.match(text);
  if (!match) return {};
  return {&rows[match->row], std::move(*match)};
}

const Patterns& unit_patterns() {
  static const Patterns made = patterns_of(kUnitRows);
  return made;
}
const Patterns& job_patterns() {
  static const Patterns made = patterns_of(kJobRows);
  return made;
}
const Patterns& manager_patterns() {
  static const Patterns made = patterns_of(kManagerRows);
  return made;
}

}  // namespace

UnitMatch match_unit_text(std::string_view text) {
  return find_in(unit_patterns(), kUnitRows, text);
}

UnitMatch match_job(std::string_view message) {
  return find_in(job_patterns(), kJobRows, message);
}

UnitMatch match_manager(std::string_view message) {
  return find_in(manager_patterns(), kManagerRows, message);
}

bool unit_rows_ok() {
  return unit_patterns().ok() && job_patterns().ok() && manager_patterns().ok();
}

}  // namespace stapkill
