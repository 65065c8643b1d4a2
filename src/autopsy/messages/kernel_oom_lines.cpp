#include "autopsy/messages/kernel_oom_lines.h"

#include <algorithm>

#include "autopsy/messages/line_pattern.h"
#include "autopsy/number_text.h"
#include "model/cgroup_names.h"
#include "model/containers.h"

namespace stapkill {
namespace {

using Scope = OomReport::Scope;

constexpr std::string_view kDetails[] = {"memory+swap: usage ", "swap: usage ", "kmem: usage ",
                                         "oom_reaper: unable to reap pid:", "COMPACTION is disabled!!!"};

struct Cause {
  std::string_view text;
  Scope scope;
};

/// "Out of memory" is written for CONSTRAINT_NONE, and to 4.20, where no other line shows the constraint, for a cpuset
/// or a memory policy of a NUMA machine too; 2.6.32 (EL6) has words of its own for these.
constexpr Cause kCauses[] = {
    {"Memory cgroup out of memory", Scope::memcg},
    {"Out of memory", Scope::machine},
    {"Out of memory (oom_kill_allocating_task)", Scope::machine},
    {"No available memory (MPOL_BIND)", Scope::mempolicy},
    {"No available memory in cpuset", Scope::cpuset},
};

constexpr Cause kConstraints[] = {
    {"CONSTRAINT_NONE", Scope::machine},
    {"CONSTRAINT_MEMCG", Scope::memcg},
    {"CONSTRAINT_CPUSET", Scope::cpuset},
    {"CONSTRAINT_MEMORY_POLICY", Scope::mempolicy},
};

template <std::size_t N>
Scope scope_of(const Cause (&table)[N], std::string_view text) {
  for (const auto& row : table) {
    if (row.text == text) return row.scope;
  }
  return Scope::unknown;
}

bool occurs_once(std::string_view text, std::string_view word) {
  auto at = text.find(word);
  return at != std::string_view::npos && text.find(word, at + 1) == std::string_view::npos;
}

/// Bytes of so many KiB; 0 for a number that no memory has.
std::uint64_t bytes_of_kib(std::string_view text) {
  auto kib = whole_number<std::uint64_t>(text).value_or(0);
  return kib < (std::uint64_t{1} << 50) ? kib * 1024 : 0;
}

std::optional<std::int64_t> uid_in(std::string_view text) {
  auto number = whole_number<std::uint32_t>(text);
  return number ? std::optional<std::int64_t>(*number) : std::nullopt;
}

/// A killed line of which the end is missing: cut, or the comm has a line's end.
std::optional<OomKilled> cut_killed(std::string_view line) {
  static const LinePattern pattern("Killed process ",
                                   R"(^(?:([^:]{1,50}): )?Killed process (\d+)(?:, UID (\d+),)? \()");
  auto found = pattern.match(line);
  if (!found) return std::nullopt;
  const auto& groups = *found;
  OomKilled killed;
  killed.scope = scope_of(kCauses, groups[1]);
  killed.has_cause = !groups[1].empty();
  killed.pid = pid_in(groups[2]);
  killed.uid = uid_in(groups[3]);
  if (!killed.pid || (killed.has_cause && killed.scope == Scope::unknown)) return std::nullopt;
  return killed;
}

}  // namespace

std::optional<OomKilled> oom_killed(std::string_view line) {
  static const LinePattern pattern(
      "Killed process ",
      R"(^(?:([^:]{1,50}): )?Killed process (\d+)(?:, UID (\d+),)? \((.{0,63}?)\)(?:, UID (\d+),)? total-vm:(\d+)kB, )"
      R"(anon-rss:(\d+)kB, file-rss:(\d+)kB(?:, shmem-rss:(\d+)kB)?)");
  static const LinePattern tail(", UID:", R"(^, UID:(\d+)(?: pgtables:\d+[a-zA-Z]+)?(?: oom_score_adj:(-?\d+))?)");
  auto found = pattern.match(line);
  if (!found) return cut_killed(line);
  const auto& groups = *found;
  OomKilled killed;
  killed.scope = scope_of(kCauses, groups[1]);
  killed.has_cause = !groups[1].empty();
  killed.pid = pid_in(groups[2]);
  killed.uid = uid_in(groups[3].empty() ? groups[5] : groups[3]);
  killed.comm = groups[4];
  killed.total_kib = whole_number<std::uint64_t>(groups[6]).value_or(0);
  killed.resident = bytes_of_kib(groups[7]) + bytes_of_kib(groups[8]) + bytes_of_kib(groups[9]);
  if (auto more = tail.match(line.substr(groups[0].size()))) {
    killed.uid = uid_in((*more)[1]);
    killed.score_adjustment = whole_number<int>((*more)[2]);
  }
  if (!killed.pid || (killed.has_cause && killed.scope == Scope::unknown)) return std::nullopt;
  return killed;
}

std::optional<OomChosen> oom_chosen(std::string_view line) {
  static const LinePattern pattern("or sacrifice child",
                                   R"(^([^:]{1,50}): Kill process (\d+) \(.{0,63}?\) score \d+ or sacrifice child)");
  auto found = pattern.match(line);
  if (!found) return std::nullopt;
  OomChosen chosen{scope_of(kCauses, (*found)[1]), pid_in((*found)[2])};
  return chosen.pid && chosen.scope != Scope::unknown ? std::optional(chosen) : std::nullopt;
}

std::optional<OomKilled> oom_sharing(std::string_view line) {
  static const LinePattern pattern("sharing same memory", R"(^Kill process (\d+) \((.{0,63}?)\) sharing same memory$)");
  auto found = pattern.match(line);
  if (!found) return std::nullopt;
  OomKilled killed;
  killed.pid = pid_in((*found)[1]);
  killed.comm = (*found)[2];
  return killed.pid ? std::optional(killed) : std::nullopt;
}

std::optional<OomHeader> oom_header(std::string_view line) {
  static const LinePattern pattern(" invoked oom-killer: ",
                                   R"(^(.{0,63}?) invoked oom-killer: gfp_mask=.{0,400}?order=(-?\d+))");
  static const LinePattern cut(" invoked oom-killer:", R"(^(.{0,63}?) invoked oom-killer:)");
  if (auto found = pattern.match(line)) return OomHeader{(*found)[1], (*found)[2] == "-1"};
  if (auto found = cut.match(line)) return OomHeader{(*found)[1], false};
  return std::nullopt;
}

std::optional<OomSummary> oom_summary(std::string_view line) {
  static const LinePattern start("oom-kill:constraint=", R"(^oom-kill:constraint=([A-Z_]+))");
  static const LinePattern end(",task=", R"(^(.*),task=(.{0,63}),pid=(\d+),uid=(\d+)$)");
  auto found = start.match(line);
  if (!found) return std::nullopt;
  OomSummary summary;
  summary.scope = scope_of(kConstraints, (*found)[1]);
  auto last = end.match(line);
  if (!last) return summary;
  summary.pid = pid_in((*last)[3]);
  summary.uid = uid_in((*last)[4]);
  constexpr std::string_view limited = ",oom_memcg=", of_task = ",task_memcg=", task = ",task=";
  if (!occurs_once(line, of_task) || !occurs_once(line, task)) return summary;
  auto rest = (*last)[1];
  auto at = rest.find(of_task);
  if (at == std::string_view::npos) return summary;
  auto path = rest.substr(at + of_task.size());
  rest = rest.substr(0, at);
  if (summary.scope == Scope::memcg) {
    if (!occurs_once(line, limited) || rest.find(limited) == std::string_view::npos) return summary;
    summary.limited = rest.substr(rest.find(limited) + limited.size());
    // The victim of a limit is always below the cgroup that has it.
    if (!is_in_cgroup(path, summary.limited)) {
      summary.limited.clear();
      return summary;
    }
  } else if (line.find(limited) != std::string_view::npos) {
    return summary;
  }
  if (path.starts_with('/')) summary.of_task = path;
  return summary;
}

std::optional<OomTaskIn> oom_task_in(std::string_view line) {
  constexpr std::string_view before = "Task in ", between = " killed as a result of limit of ";
  constexpr std::string_view alone = "Memory limit reached of cgroup ";
  if (line.starts_with(alone)) return OomTaskIn{"", std::string(line.substr(alone.size()))};
  if (!line.starts_with(before) || line.find(between) == std::string_view::npos) return std::nullopt;
  OomTaskIn paths;
  if (!occurs_once(line, between)) return paths;
  line.remove_prefix(before.size());
  auto at = line.find(between);
  auto task = line.substr(0, at), limited = line.substr(at + between.size());
  if (!is_in_cgroup(task, limited)) return paths;
  paths.of_task = task;
  paths.limited = limited;
  return paths;
}

std::optional<std::uint64_t> oom_limit(std::string_view line) {
  static const LinePattern pattern("memory: usage ", R"(^memory: usage \d+kB, limit (\d+)kB, failcnt \d+)");
  auto found = pattern.match(line);
  if (!found) return std::nullopt;
  // Without a limit it is PAGE_COUNTER_MAX: 9007199254740988 KiB (3.10: …991), 2^53 less a page.
  auto kib = whole_number<std::uint64_t>((*found)[1]).value_or(0);
  return kib < (std::uint64_t{1} << 50) ? kib * 1024 : 0;
}

std::optional<std::string> oom_stats_of(std::string_view line) {
  static const LinePattern pattern("Memory cgroup stats for ",
                                   R"(^Memory cgroup stats for (/.*?):(?: cache:\d+KB.*| anon .*|)$)");
  auto found = pattern.match(line);
  return found ? std::optional<std::string>((*found)[1]) : std::nullopt;
}

std::optional<std::string> oom_group(std::string_view line) {
  static const LinePattern pattern("due to memory.oom.group set",
                                   R"(^Tasks in (/.*) are going to be killed due to memory\.oom\.group set$)");
  auto found = pattern.match(line);
  return found ? std::optional<std::string>((*found)[1]) : std::nullopt;
}

std::optional<OomReaped> oom_reaped(std::string_view line) {
  static const LinePattern pattern("oom_reaper: reaped process ",
                                   R"(^oom_reaper: reaped process (\d+) \((.{0,63}?)\),? now anon-rss:)");
  auto found = pattern.match(line);
  if (!found || !pid_in((*found)[1])) return std::nullopt;
  return OomReaped{pid_in((*found)[1]), (*found)[2]};
}

bool is_oom_detail(std::string_view line) {
  return std::any_of(std::begin(kDetails), std::end(kDetails),
                     [line](std::string_view word) { return line.starts_with(word); });
}

void put_cgroup(std::string_view path, Party& party) {
  if (!path.starts_with('/')) return;
  std::optional<std::string> cgroup{std::string(path)};
  party.cgroup = path;
  if (auto unit = unit_of(cgroup)) party.unit = *unit;
  if (auto pod = pod_uid_of(cgroup)) party.pod_uid = *pod;
  auto container = container_of(cgroup);
  if (!container) return;
  (is_container_id(container->id) ? party.container : party.container_name) = container->id;
}

}  // namespace stapkill
