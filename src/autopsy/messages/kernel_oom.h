#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"
#include "autopsy/log_entry.h"
#include "autopsy/messages/kernel_oom_lines.h"
#include "autopsy/messages/kernel_oom_table.h"

namespace stapkill {

/// What was said since "invoked oom-killer".
struct OomSaid {
  Time time = 0;
  std::string asking;
  bool by_sysrq = false;
  bool mixed = false;  ///< with another report's lines
  bool used = false;   ///< its victim is known
  OomReport::Scope scope = OomReport::Scope::unknown;
  std::optional<OomSummary> summary;
  OomTaskIn paths;
  std::string stats_of;
  std::uint64_t limit = 0;
  int chosen = 0;
  OomTable table;
};

/// Tasks of a cgroup that end together.
struct OomGroup {
  std::string path;
  OomReport report;
  Time time = 0;
};

/// Joins the lines of out-of-memory reports: one finding oom_kill for each process that was killed. What a report's
/// missing or mixed lines do not say is empty. Sizes of the table's pages are those of the victim's own row, whose
/// total_vm the killed line has in KiB; without it, 4 KiB are assumed (arm64 and ppc64 can have 16 or 64).
class OomReports {
 public:
  /// Takes a line of the kernel; true where it belongs to a report. Findings come a few lines late.
  bool take(const LogEntry& entry, std::string_view line, std::vector<Finding>& findings);
  void finish(std::vector<Finding>& findings) { release(findings); }

 private:
  bool take_frame(const LogEntry& entry, std::string_view line, std::vector<Finding>& findings);
  OomSaid& report_at(const LogEntry& entry);
  bool take_detail(const LogEntry& entry, std::string_view line);
  bool take_reaped(const LogEntry& entry, std::string_view line, std::vector<Finding>& findings);
  void take_killed(const LogEntry& entry, const OomKilled& killed, std::vector<Finding>& findings);
  void take_group(const LogEntry& entry, const std::string& path, std::vector<Finding>& findings);
  bool belongs(const LogEntry& entry, const OomKilled& killed) const;
  void put_report(const OomKilled& killed, Finding& finding);
  static void put_place(Finding& finding);
  void put_table(const OomKilled& killed, Finding& finding) const;
  void put_group(Finding& finding);
  void release(std::vector<Finding>& findings);
  void release_old(const LogEntry& entry, std::vector<Finding>& findings);

  std::optional<OomSaid> open_;
  std::optional<OomGroup> group_;
  /// The latest finding, until no line can follow that says that its whole cgroup ends; and how many lines came since.
  std::optional<Finding> held_;
  int lines_since_ = 0;
  std::deque<int> killed_;  ///< the latest victims
};

}  // namespace stapkill
