#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "autopsy/finding.h"

namespace stapkill {

// The lines of an out-of-memory report (mm/oom_kill.c, mm/memcontrol.c; read at 3.10, 4.19 and 7.0). A comm has 15
// bytes at most, and any bytes; a cgroup's name up to 255.

/// "Killed process N (NAME) total-vm:…": the one line that names the victim. In 5.1 and later with the report's cause
/// before it; EL6 writes "Killed process N, UID U, (NAME)", EL7 "Killed process N (NAME), UID U,".
struct OomKilled {
  OomReport::Scope scope = OomReport::Scope::unknown;  ///< by the cause before it
  bool has_cause = false;
  /// task_pid_nr() of a thread that still has the memory: the group's leader, as long as that has not exited.
  int pid = 0;
  std::string_view comm;  ///< empty where the line is cut
  std::optional<std::int64_t> uid;
  std::optional<int> score_adjustment;        ///< 5.3 and later
  std::uint64_t total_kib = 0, resident = 0;  ///< resident in bytes: anonymous, files', shared
};
std::optional<OomKilled> oom_killed(std::string_view line);

/// "CAUSE: Kill process N (NAME) score S or sacrifice child" (to 5.0): the process that was chosen, which is not always
/// the one that is killed.
struct OomChosen {
  OomReport::Scope scope = OomReport::Scope::unknown;
  int pid = 0;
};
std::optional<OomChosen> oom_chosen(std::string_view line);

/// "Kill process N (NAME) sharing same memory" (to 4.5): killed as well.
std::optional<OomKilled> oom_sharing(std::string_view line);

/// "NAME invoked oom-killer: …": a report begins.
struct OomHeader {
  std::string_view asking;
  bool by_sysrq = false;  ///< order=-1 (is_sysrq_oom)
};
std::optional<OomHeader> oom_header(std::string_view line);

/// "oom-kill:constraint=…,task=NAME,pid=N,uid=U" (5.0 and later).
struct OomSummary {
  OomReport::Scope scope = OomReport::Scope::unknown;
  int pid = 0;
  std::optional<std::int64_t> uid;
  /// Empty too where the names of cgroups or of the task make the line ambiguous.
  std::string limited, of_task;
};
std::optional<OomSummary> oom_summary(std::string_view line);

/// "Task in /A killed as a result of limit of /B" (to 4.20), "Memory limit reached of cgroup /B".
struct OomTaskIn {
  std::string of_task, limited;
};
std::optional<OomTaskIn> oom_task_in(std::string_view line);

/// The limit of "memory: usage UkB, limit LkB, failcnt F" in bytes, 0 for none; nothing for another line.
std::optional<std::uint64_t> oom_limit(std::string_view line);

/// The cgroup of "Memory cgroup stats for /x:". The first one of a report is the limited one.
std::optional<std::string> oom_stats_of(std::string_view line);

/// The cgroup of "Tasks in /x are going to be killed due to memory.oom.group set" (4.19 and later).
std::optional<std::string> oom_group(std::string_view line);

/// "oom_reaper: reaped process N (NAME), now …" (4.6 and later).
struct OomReaped {
  int pid = 0;
  std::string_view comm;
};
std::optional<OomReaped> oom_reaped(std::string_view line);

/// Other lines of a report that say nothing for a finding.
bool is_oom_detail(std::string_view line);

/// Puts a cgroup's path into a party, with the container, pod and unit that it names.
void put_cgroup(std::string_view path, Party& party);

}  // namespace stapkill
