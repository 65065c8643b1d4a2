#include "verdict/managers_word.h"

#include <algorithm>
#include <csignal>
#include <string_view>

namespace stapkill {
namespace {

/// A message of systemd about a unit, and what it means. Sources: systemd 219 (CentOS 7) to 257, src/core/service.c,
/// scope.c, unit.c; a later row counts only where no earlier one does.
struct Row {
  std::string_view message;  ///< a part of it
  std::string_view also;     ///< another part; "": none
  std::string_view setting;  ///< `through` of the step
  std::string_view reason;   ///< message
  bool only_kill = false;    ///< of SIGKILL, which follows a stop that was asked for before
  bool own = true;           ///< systemd acted by its own rules
};
constexpr Row kRows[] = {
    {"State 'stop", "timed out", "TimeoutStopSec", msgid("it had not stopped in time"), true, false},
    {"State 'final", "timed out", "TimeoutStopSec", msgid("it had not stopped in time"), true, false},
    {"Stopping timed out", "Killing", "TimeoutStopSec", msgid("it had not stopped in time"), true, false},
    {"stop-sigterm timed out", "Killing", "TimeoutStopSec", msgid("it had not stopped in time"), true, false},
    {"start operation timed out", "", "TimeoutStartSec", msgid("it had not started in time")},
    {"start-pre operation timed out", "", "TimeoutStartSec", msgid("it had not started in time")},
    {"start-post operation timed out", "", "TimeoutStartSec", msgid("it had not started in time")},
    {"atchdog timeout", "", "WatchdogSec", msgid("it had not sent its keep-alive in time")},
    {"reached runtime time limit", "", "RuntimeMaxSec", msgid("its run time was over")},
    {"systemd-oomd killed", "", "systemd-oomd", msgid("systemd-oomd freed memory")},
    {"killed by the OOM killer", "", "OOMPolicy", msgid("the out-of-memory killer had taken a process of its unit")},
    {"bound to inactive unit", "", "BindsTo", msgid("a unit that it is bound to was no longer active")},
    {"not needed anymore", "", "StopWhenUnneeded", msgid("no unit needed its unit any more")},
};

bool fits(const Row& row, std::string_view line, int number) {
  return (!row.only_kill || number == SIGKILL) && line.find(row.message) != std::string_view::npos &&
         line.find(row.also) != std::string_view::npos;
}

/// The last line that explains a signal of systemd's, and its row.
std::pair<const Row*, const std::string*> explained(const std::vector<std::string>& lines, int number) {
  const Row* row = nullptr;
  auto explains = [&](const std::string& line) {
    const auto* at =
        std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& one) { return fits(one, line, number); });
    row = at == std::end(kRows) ? nullptr : at;
    return row != nullptr;
  };
  auto line = std::find_if(lines.rbegin(), lines.rend(), explains);
  return {row, line == lines.rend() ? nullptr : &*line};
}

bool is_systemds(const ChainStep& step) {
  return step.process && step.process->pid == 1 && step.process->comm == "systemd" && step.number;
}

}  // namespace

bool add_managers_word(Verdict& verdict, const Surroundings& around) {
  auto last = std::find_if(verdict.chain.rbegin(), verdict.chain.rend(), is_systemds);
  if (!around.manager_said || last == verdict.chain.rend()) return false;
  auto [row, line] = explained(*around.manager_said, last->number);
  if (!row) return false;
  verdict.summary += phrase("; {} ({})", phrase_from(row->reason), row->setting);
  verdict.evidence.push_back(phrase("systemd's journal: {}", *line));
  ChainStep limit;
  limit.what = ChainStep::What::limit;
  limit.through = row->setting;
  limit.time = last->time;
  verdict.chain.insert(last.base() - 1, std::move(limit));
  return row->own;
}

}  // namespace stapkill
