#include "autopsy/messages/kernel_others.h"

#include <csignal>
#include <iterator>

#include "autopsy/messages/kernel_oom_lines.h"
#include "autopsy/messages/line_pattern.h"
#include "autopsy/number_text.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;

constexpr std::size_t kLongestReason = 200;

std::string cut(std::string_view text) {
  return std::string(text.substr(0, kLongestReason));
}

void sysrq(const LineGroups& groups, Finding& finding) {
  auto action = groups[1];
  finding.reason = "SysRq: " + std::string(action);
  if (action == "Kill All Tasks" || action == "Manual OOM execution") finding.signal = SIGKILL;
  if (action == "Terminate All Tasks") finding.signal = SIGTERM;
}

void words_of_sysrq(const LineGroups& groups, Finding& finding) {
  finding.reason = "SysRq: " + std::string(groups[1]);
}

/// drivers/tty/tty_io.c __do_SAK, and do_each_pid_task of a session: leaders of thread groups.
void secure_attention(const LineGroups& groups, Finding& finding) {
  finding.subject.pid = pid_in(groups[1]);
  finding.subject.comm = groups[2];
  finding.signal = SIGKILL;
  finding.reason = "secure attention key (SysRq k)";
}

/// task->pid: a thread's.
void hung(const LineGroups& groups, Finding& finding) {
  finding.subject.comm = groups[1];
  finding.subject.tid = pid_in(groups[2]);
  finding.reason = "blocked for more than " + std::string(groups[3]) + " s";
}

/// task_pid_nr(current): a thread's.
void soft_lockup(const LineGroups& groups, Finding& finding) {
  finding.subject.comm = groups[3];
  finding.subject.tid = pid_in(groups[4]);
  finding.reason = "soft lockup: CPU " + std::string(groups[1]) + " was stuck for " + std::string(groups[2]) + " s";
}

void reason_of(const LineGroups& groups, Finding& finding) {
  finding.reason = cut(groups[1]);
}

void low_memory(Finding& finding, std::string_view pid, std::string_view comm, std::string_view adjustment) {
  finding.subject.comm = comm;
  finding.subject.pid = pid_in(pid);
  finding.signal = SIGKILL;
  finding.by_kernel = true;
  finding.reason = "low memory killer";
  auto& report = finding.oom.emplace();
  report.scope = OomReport::Scope::machine;
  report.score_adjustment = whole_number<int>(adjustment).value_or(0);
}

/// drivers/staging/android/lowmemorykiller.c, to 4.11 (Android's own later); the tgid since 4.9.
void android(const LineGroups& groups, Finding& finding) {
  low_memory(finding, groups[3].empty() ? groups[2] : groups[3], groups[1], groups[4]);
  if (!groups[3].empty() && groups[2] != groups[3]) finding.subject.tid = pid_in(groups[2]);
}

void android_3_10(const LineGroups& groups, Finding& finding) {
  low_memory(finding, groups[1], groups[2], groups[3]);
}

/// The number is task_tgid_vnr(): in the process's own pid namespace, so it is no pid of the host.
void core_failed(const LineGroups& groups, Finding& finding) {
  finding.subject.comm = groups[1];
  finding.reason = "no core dump: " + cut(groups[2]);
}

void core_lost(const LineGroups& groups, Finding& finding) {
  finding.reason = "no core dump: " + cut(groups[1]);
}

/// kernel/time/posix-cpu-timers.c check_rlimit, with kernel.print-fatal-signals; task_pid_nr(current): a thread's. The
/// signal is sent to its thread group: SIGKILL at the hard limit, SIGXCPU at the soft one.
void time_limit(const LineGroups& groups, Finding& finding) {
  finding.subject.comm = groups[3];
  finding.subject.tid = pid_in(groups[4]);
  finding.by_kernel = true;
  finding.signal = groups[2] == "hard" ? SIGKILL : SIGXCPU;
  finding.reason = std::string(groups[2] == "hard" ? "hard" : "soft") +
                   (groups[1] == "RT" ? " limit RLIMIT_RTTIME" : " limit RLIMIT_CPU") + " was reached";
}

void pids_limit(const LineGroups& groups, Finding& finding) {
  put_cgroup(groups[1].substr(0, 4096), finding.subject);
  finding.reason = "a fork was refused: limit of the pids controller";
}

void foreign_module(const LineGroups& groups, Finding& finding) {
  finding.reason = "out-of-tree module " + std::string(groups[1]) + " was loaded";
}

void version(const LineGroups& groups, Finding& finding) {
  finding.reason = "Linux " + std::string(groups[1]);
}

struct Row {
  Kind kind;
  bool alone;  ///< no other program writes such a line
  LinePattern pattern;
  void (*fill)(const LineGroups& groups, Finding& finding);  ///< null: it is known and says nothing
};

// NOLINTNEXTLINE(readability-function-size): it is a table.
const Row* rows(std::size_t& count) {
  static const Row table[] = {
      // drivers/tty/sysrq.c __handle_sysrq: "SysRq : " to 4.18, "sysrq: SysRq : " in 4.19 and 4.20, then "sysrq: ".
      {Kind::sysrq,
       true,
       {"ysRq : ", R"(^(?:sysrq: )?SysRq : (Kill All Tasks|Terminate All Tasks|Manual OOM execution)\s*$)"},
       sysrq},
      {Kind::sysrq,
       true,
       {"sysrq: ", R"(^sysrq: (Kill All Tasks|Terminate All Tasks|Manual OOM execution)\s*$)"},
       sysrq},
      {Kind::shutdown, true, {"ysRq : ", R"(^(?:sysrq: )?SysRq : (Resetting|Power Off)\s*$)"}, words_of_sysrq},
      {Kind::shutdown, true, {"sysrq: ", R"(^sysrq: (Resetting|Power Off)\s*$)"}, words_of_sysrq},
      {Kind::crash,
       true,
       {"Trigger a crash", R"(^(?:sysrq: |SysRq : |sysrq: SysRq : )(Trigger a crash)\s*$)"},
       words_of_sysrq},
      {Kind::sysrq,
       true,
       {"SAK: killed process ", R"(^(?:tty \S+: )?SAK: killed process (\d+) \((.{0,63}?)\): )"},
       secure_attention},
      // kernel/hung_task.c; " in I/O wait" since 7.0.
      {Kind::hung_task,
       true,
       {" blocked", R"(^INFO: task (.{0,63}?):(\d+) blocked(?: in I/O wait)? for more than (\d+) seconds\.)"},
       hung},
      // kernel/watchdog.c; the prefix differs by version.
      {Kind::hung_task,
       true,
       {"BUG: soft lockup - CPU#",
        R"(^(?:NMI )?(?:watchdog: )?BUG: soft lockup - CPU#(\d+) stuck for (\d+)s! \[(.{0,63}?):(\d+)\])"},
       soft_lockup},
      // kernel/panic.c.
      {Kind::crash, true, {"Kernel panic - not syncing", R"(^Kernel panic - not syncing: (.*)$)"}, reason_of},
      {Kind::oom_kill,
       true,
       {"lowmemorykiller: Killing '",
        R"(^lowmemorykiller: Killing '(.{0,63}?)' \((\d+)\)(?: \(tgid (\d+)\))?, adj (-?\d+))"},
       android},
      {Kind::oom_kill,
       true,
       {"send sigkill to ",
        R"(^(?:lowmemorykiller: )?send sigkill to (\d+) \((.{0,63}?)\), (?:oom_)?adj (-?\d+), size \d+)"},
       android_3_10},
      // fs/coredump.c: since 6.12 with one prefix; before each its own words.
      {Kind::note, true, {"coredump: ", R"(^coredump: \d+\((.{0,63}?)\): (.+)$)"}, core_failed},
      {Kind::note,
       true,
       {"RLIMIT_CORE set to ", R"(^Process \d+\((.{0,63}?)\) has (RLIMIT_CORE set to \d+)$)"},
       core_failed},
      {Kind::note, true, {"over core_pipe_limit", R"(^Pid \d+\((.{0,63}?)\) (over core_pipe_limit)$)"}, core_failed},
      {Kind::note,
       true,
       {"Core dump to ", R"(^(Core dump to .{1,200}? (?:pipe failed|disabled|aborted: .{1,80}))$)"},
       core_lost},
      {Kind::note,
       true,
       {" Watchdog Timeout", R"(^(RT|CPU) Watchdog Timeout(?: \((hard|soft)\))?: (.{0,63}?)\[(\d+)\]$)"},
       time_limit},
      // kernel/cgroup/pids.c pids_event, 4.8 and later.
      {Kind::note,
       true,
       {"fork rejected by pids controller", R"(^cgroup: fork rejected by pids controller in (/.*)$)"},
       pids_limit},
      // kernel/module/main.c.
      {Kind::note,
       true,
       {"loading out-of-tree module", R"(^(\S{1,63}): loading out-of-tree module taints kernel)"},
       foreign_module},
      // init/version.c linux_banner; kernel/reboot.c (without "reboot: " to 3.11), kernel/kexec_core.c.
      {Kind::boot, true, {"Linux version ", R"(^Linux version (\S{1,100}) \()"}, version},
      {Kind::boot, true, {"ommand line: ", R"(^(?:Kernel command line|Command line): )"}, nullptr},
      {Kind::shutdown,
       false,
       {"Restarting system", R"(^(?:reboot: )?(Restarting system)(?:\.| with command .*|)$)"},
       reason_of},
      {Kind::shutdown, false, {"Power down", R"(^(?:reboot: )?(Power down)\.?$)"}, reason_of},
      {Kind::shutdown, false, {"System halted", R"(^(?:reboot: )?(System halted)\.?$)"}, reason_of},
      {Kind::shutdown,
       false,
       {"Starting new kernel", R"(^(?:kexec_core: |kexec: )?(Starting new kernel)$)"},
       reason_of},
      // kernel/power/suspend.c: "PM: suspend entry (deep)" since 4.10, "Entering mem sleep" before; hibernate.c.
      {Kind::sleep,
       true,
       {"PM: ", R"(^PM: (?:hibernation: )?((?:suspend|hibernation) (?:entry|exit)(?: \([^)]{1,20}\))?)$)"},
       reason_of},
      {Kind::sleep, true, {"PM: ", R"(^PM: (Entering \S{1,20} sleep|Finishing wakeup)\.?$)"}, reason_of},
  };
  count = std::size(table);
  return table;
}

}  // namespace

bool take_other_kernel_line(const LogEntry& entry, std::string_view line, bool known, std::vector<Finding>& findings) {
  std::size_t count = 0;
  const auto* table = rows(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& row = table[i];
    if (!known && !row.alone) continue;
    auto groups = row.pattern.match(line);
    if (!groups) continue;
    if (!row.fill) return true;
    auto finding = finding_at(entry, row.kind);
    row.fill(*groups, finding);
    findings.push_back(std::move(finding));
    return true;
  }
  return false;
}

}  // namespace stapkill
