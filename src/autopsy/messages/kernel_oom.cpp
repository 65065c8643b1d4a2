#include "autopsy/messages/kernel_oom.h"

#include <algorithm>
#include <cstdlib>

namespace stapkill {
namespace {

using Scope = OomReport::Scope;

constexpr Time kSecond = 1'000'000'000;
constexpr Time kLongestReport = 60 * kSecond;  ///< a slow console takes seconds for a long table
constexpr Time kLongestGroup = 2 * kSecond;
constexpr int kMostLinesBetween = 64;
constexpr std::size_t kMostRemembered = 64, kMostTasks = 5;
constexpr std::uint64_t kUsualPage = 4096;
constexpr std::size_t kLongestPath = 4096;

bool near(Time a, Time b, Time most) {
  return !a || !b || std::abs(a - b) <= most;
}

/// Of the pages that kernels have, the one by which the row's total_vm is the line's.
std::uint64_t page_of(const OomTable::Row* row, std::uint64_t total_kib) {
  if (!row || !row->total_pages) return kUsualPage;
  for (std::uint64_t page : {4096, 8192, 16384, 65536}) {
    auto kib = page / 1024 * row->total_pages;
    // It may grow or shrink between both lines.
    if (total_kib >= kib - kib / 16 && total_kib <= kib + kib / 16) return page;
  }
  return kUsualPage;
}

}  // namespace

bool OomReports::take(const LogEntry& entry, std::string_view line, std::vector<Finding>& findings) {
  if (line.size() > 4 * kLongestPath) line = line.substr(0, 4 * kLongestPath);
  if (auto group = oom_group(line)) {
    take_group(entry, *group, findings);
    return true;
  }
  release_old(entry, findings);
  if (auto killed = oom_killed(line)) {
    take_killed(entry, *killed, findings);
    return true;
  }
  if (auto sharing = oom_sharing(line)) {
    take_killed(entry, *sharing, findings);
    held_->reason = "it shared the memory of the process that was killed";
    return true;
  }
  return take_frame(entry, line, findings) || take_reaped(entry, line, findings) || take_detail(entry, line);
}

bool OomReports::take_frame(const LogEntry& entry, std::string_view line, std::vector<Finding>& findings) {
  if (auto header = oom_header(line)) {
    release(findings);
    group_.reset();
    // Reports do not overlap since 4.x (oom_lock); on an older kernel two cgroups' can.
    bool mixed =
        open_ && !open_->used && !open_->asking.empty() && open_->time && near(open_->time, entry.time, kSecond);
    open_.emplace();
    open_->time = entry.time;
    open_->asking = header->asking;
    open_->by_sysrq = header->by_sysrq;
    open_->mixed = mixed;
    return true;
  }
  if (auto chosen = oom_chosen(line)) {
    release(findings);
    group_.reset();
    auto& report = report_at(entry);
    report.chosen = chosen->pid;
    report.scope = chosen->scope;
    return true;
  }
  return false;
}

/// The report that lines belong to; a new one where the line that begins it was lost or rate limited.
OomSaid& OomReports::report_at(const LogEntry& entry) {
  if (open_ && !open_->used && near(open_->time, entry.time, kLongestReport)) return *open_;
  open_.emplace();
  open_->time = entry.time;
  return *open_;
}

bool OomReports::take_detail(const LogEntry& entry, std::string_view line) {
  if (auto summary = oom_summary(line)) {
    auto& report = report_at(entry);
    if (!report.summary) report.summary = std::move(*summary);
    return true;
  }
  if (auto paths = oom_task_in(line)) {
    bool fits = paths->limited.size() <= kLongestPath && paths->of_task.size() <= kLongestPath;
    if (fits) report_at(entry).paths = std::move(*paths);
    return true;
  }
  if (auto limit = oom_limit(line)) {
    auto& report = report_at(entry);
    if (!report.limit) report.limit = *limit;
    return true;
  }
  if (auto stats = oom_stats_of(line)) {
    if (open_ && open_->stats_of.empty() && stats->size() <= kLongestPath) open_->stats_of = std::move(*stats);
    return true;
  }
  return (open_ && open_->table.take(line)) || is_oom_detail(line);
}

/// Proof of a death only where the victim's line is lost: a task that was ending anyway is reaped too.
bool OomReports::take_reaped(const LogEntry& entry, std::string_view line, std::vector<Finding>& findings) {
  auto reaped = oom_reaped(line);
  if (!reaped) return false;
  if (std::find(killed_.begin(), killed_.end(), reaped->pid) != killed_.end()) return true;
  auto finding = finding_at(entry, Finding::Kind::note);
  finding.subject.pid = reaped->pid;
  finding.subject.comm = reaped->comm;
  finding.reason = "the kernel's out-of-memory reaper took its memory";
  findings.push_back(std::move(finding));
  return true;
}

/// Whether the open report is about that victim. The victim is another one than the chosen process where it is a child
/// sacrificed for it; that ended with 5.1, which puts the cause on the victim's line.
bool OomReports::belongs(const LogEntry& entry, const OomKilled& killed) const {
  if (!open_ || open_->used || open_->mixed || !near(open_->time, entry.time, kLongestReport)) return false;
  auto scope = open_->summary ? open_->summary->scope : open_->scope;
  bool memcg = scope == Scope::memcg, other = scope != Scope::unknown && !memcg;
  if (killed.scope != Scope::unknown && (killed.scope == Scope::memcg ? other : memcg)) return false;
  return !killed.has_cause || !open_->summary || !open_->summary->pid || open_->summary->pid == killed.pid;
}

void OomReports::take_killed(const LogEntry& entry, const OomKilled& killed, std::vector<Finding>& findings) {
  release(findings);
  auto finding = finding_at(entry, Finding::Kind::oom_kill);
  finding.signal = 9;
  finding.by_kernel = true;
  finding.subject.pid = killed.pid;
  finding.subject.comm = killed.comm;
  finding.subject.uid = killed.uid;
  auto& report = finding.oom.emplace();
  report.scope = killed.scope;
  report.resident = killed.resident;
  if (belongs(entry, killed)) {
    put_report(killed, finding);
    open_->used = true;
  } else if (group_ && near(group_->time, entry.time, kLongestGroup) && (!open_ || open_->used)) {
    put_group(finding);
    group_->time = entry.time;
  } else if (open_ && !open_->used && open_->chosen && report.scope == Scope::unknown) {
    report.scope = open_->scope;
    open_->used = true;
  }
  if (killed.score_adjustment) report.score_adjustment = *killed.score_adjustment;
  killed_.push_back(finding.subject.pid);
  if (killed_.size() > kMostRemembered) killed_.pop_front();
  held_ = std::move(finding);
  lines_since_ = 0;
}

void OomReports::put_report(const OomKilled& killed, Finding& finding) {
  auto& report = *finding.oom;
  report.asking = open_->asking;
  report.limit = open_->limit;
  if (open_->by_sysrq) finding.reason = "SysRq f ran the out-of-memory killer";
  if (report.scope == Scope::unknown) report.scope = open_->scope;
  report.limited = open_->paths.limited;
  // Another process than the chosen one: a child, which can be in another cgroup.
  bool chosen = !open_->chosen || open_->chosen == killed.pid;
  if (chosen) report.of_task = open_->paths.of_task;
  if (const auto& summary = open_->summary) {
    if (summary->scope != Scope::unknown) report.scope = summary->scope;
    report.limited = summary->limited;
    if (summary->pid == killed.pid) {
      report.of_task = summary->of_task;
      if (!finding.subject.uid) finding.subject.uid = summary->uid;
    }
  }
  if (report.limited.empty() && report.scope == Scope::memcg) report.limited = open_->stats_of;
  put_place(finding);
  put_table(killed, finding);
}

/// Up to 4.20 the chosen one can be a thread of the victim (3.10, mm/memcontrol.c, mem_cgroup_out_of_memory), or its
/// parent: then the victim's own cgroup is not named, but is the limited one, or below it (mm/oom_kill.c,
/// oom_unkillable_task).
void OomReports::put_place(Finding& finding) {
  const auto& report = *finding.oom;
  if (report.scope != Scope::memcg || !report.of_task.empty()) return put_cgroup(report.of_task, finding.subject);
  put_cgroup(report.limited, finding.subject);
  finding.subject.cgroup.clear();
}

void OomReports::put_table(const OomKilled& killed, Finding& finding) const {
  const auto* row = open_->table.row_of(killed.pid);
  finding.oom->largest = open_->table.largest(kMostTasks, page_of(row, killed.total_kib));
  if (!row) return;
  finding.oom->score_adjustment = row->score_adjustment;
  if (row->pid != killed.pid || !row->tgid || row->tgid == killed.pid) return;
  finding.subject.tid = killed.pid;  // its leader has exited
  finding.subject.pid = row->tgid;
}

void OomReports::take_group(const LogEntry& entry, const std::string& path, std::vector<Finding>& findings) {
  group_.emplace();
  group_->path = path.substr(0, kLongestPath);
  group_->time = entry.time;
  if (held_ && held_->oom && near(held_->time, entry.time, kLongestGroup)) {
    held_->oom->whole_group = true;
    group_->report = *held_->oom;
  }
  release(findings);
}

/// A task of the group is in its cgroup or below.
void OomReports::put_group(Finding& finding) {
  auto& report = *finding.oom;
  auto resident = report.resident;
  auto scope = report.scope;
  report = group_->report;
  if (scope != Scope::unknown && report.scope == Scope::unknown) report.scope = scope;
  report.resident = resident;
  report.score_adjustment = 0;
  report.of_task = group_->path;
  report.whole_group = true;
  put_cgroup(group_->path, finding.subject);
}

void OomReports::release(std::vector<Finding>& findings) {
  if (held_) findings.push_back(std::move(*held_));
  held_.reset();
}

void OomReports::release_old(const LogEntry& entry, std::vector<Finding>& findings) {
  if (held_ && (++lines_since_ > kMostLinesBetween || !near(held_->time, entry.time, kLongestGroup))) release(findings);
}

}  // namespace stapkill
