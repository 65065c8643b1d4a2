#include "cli/why/timeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/signals.h"
#include "cli/times.h"

namespace stapkill {
namespace {

/// What a process does in a step, and the words where no process is known.
struct StepWords {
  std::string_view what, does, nobody;
};
constexpr StepWords kSteps[] = {
    {"signal", "sent", "sent"},
    {"relay", "passed on", "passed on"},
    {"request", "asked for it", "a request"},
    {"exit", "ended", "an end"},
    {"limit", "reached a limit", "a limit was reached"},
    {"handler", "handled", "a handler took"},
};

std::string start_text(const StoredDeath& death, const RecordedDeath& record) {
  auto parent = name_of(record.parent);
  return fmt::format("started{}; it lived for {}", parent.empty() ? "" : " by " + parent,
                     span_text(death.time - death.start).english());
}

std::string end_text(const StoredDeath& death, const RecordedDeath& record) {
  return death.signal ? "ended by " + signal_name(death.signal) : fmt::format("exited with status {}", record.status);
}

}  // namespace

std::string step_text(const RecordedStep& step) {
  const auto* words =
      std::find_if(std::begin(kSteps), std::end(kSteps), [&](const StepWords& row) { return row.what == step.what; });
  auto who = name_of(step.process);
  std::string does = step.what;
  if (words != std::end(kSteps)) does = who.empty() ? words->nobody : words->does;
  std::string text = who.empty() ? does : who + ' ' + does;
  if (!step.signal.empty()) text += ' ' + step.signal;
  if (!step.through.empty()) text += " through " + step.through;
  return step.likely ? text + " (likely)" : text;
}

std::vector<Moment> timeline(const StoredDeath& death, const RecordedDeath& record,
                             const std::vector<StoredDeath>& others) {
  std::vector<Moment> moments;
  if (death.start > 0) moments.push_back({std::min(death.start, death.time), start_text(death, record)});
  for (const auto& step : record.chain)
    moments.push_back({step.time ? std::min(step.time, death.time) : death.time, step_text(step)});
  // What has the same time stays in this order.
  moments.push_back({death.time, end_text(death, record)});
  for (const auto& other : others) moments.push_back({other.time, "also: " + other.summary});
  std::stable_sort(moments.begin(), moments.end(),
                   [](const Moment& one, const Moment& other) { return one.time < other.time; });
  return moments;
}

}  // namespace stapkill
