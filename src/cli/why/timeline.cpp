#include "cli/why/timeline.h"

#include <algorithm>
#include <array>

#include "base/signals.h"
#include "cli/times.h"

namespace stapkill {
namespace {

/// What the process {} does in a step, and the words where no process is known.
struct StepWords {
  std::string_view what, does, nobody;
};
constexpr StepWords kSteps[] = {
    {"signal", msgid("{} sent"), msgid("sent")},
    {"relay", msgid("{} passed on"), msgid("passed on")},
    {"request", msgid("{} asked for it"), msgid("a request")},
    {"exit", msgid("{} ended"), msgid("an end")},
    {"limit", msgid("{} reached a limit"), msgid("a limit was reached")},
    {"handler", msgid("{} handled"), msgid("a handler took")},
};

std::string start_text(const StoredDeath& death, const RecordedDeath& record) {
  auto parent = name_of(record.parent);
  auto span = span_text(death.time - death.start);
  return parent.empty() ? tr("started; it lived for {}", span) : tr("started by {}; it lived for {}", parent, span);
}

std::string end_text(const StoredDeath& death, const RecordedDeath& record) {
  return death.signal ? tr("ended by {}", signal_name(death.signal)) : tr("exited with status {}", record.status);
}

}  // namespace

std::string step_text(const RecordedStep& step) {
  const auto* words =
      std::find_if(std::begin(kSteps), std::end(kSteps), [&](const StepWords& row) { return row.what == step.what; });
  auto who = name_of(step.process);
  Phrase text = who.empty() ? step.what : who + ' ' + step.what;
  if (words != std::end(kSteps))
    text = who.empty() ? phrase_from(words->nobody) : Phrase::of(words->does, std::array<Phrase, 1>{who});
  if (!step.signal.empty()) text += ' ' + step.signal;
  if (!step.through.empty()) text += phrase(" through {}", step.through);
  if (step.likely) text += phrase(" (likely)");
  return text.local();
}

std::vector<Moment> timeline(const StoredDeath& death, const RecordedDeath& record,
                             const std::vector<StoredDeath>& others) {
  std::vector<Moment> moments;
  if (death.start > 0) moments.push_back({std::min(death.start, death.time), start_text(death, record)});
  for (const auto& step : record.chain)
    moments.push_back({step.time ? std::min(step.time, death.time) : death.time, step_text(step)});
  // What has the same time stays in this order.
  moments.push_back({death.time, end_text(death, record)});
  for (const auto& other : others)
    moments.push_back({other.time, tr("also: {}", summary_of(other, read_record(other.record)))});
  std::stable_sort(moments.begin(), moments.end(),
                   [](const Moment& one, const Moment& other) { return one.time < other.time; });
  return moments;
}

}  // namespace stapkill
