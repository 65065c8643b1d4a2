#include "cli/why/blind.h"

#include <array>

#include "cli/times.h"

namespace stapkill {
namespace {

constexpr std::size_t kMost = 3;

/// What is said of an interval, by BlindInterval::Why: {0} since, {1} until, {2} a number. None: it is no gap.
struct Row {
  std::string_view name, text;
};
constexpr Row kRows[] = {
    {"not_armed", msgid("the recorder did not watch from {0} to {1}")},
    {"crashed", msgid("the recorder did not watch from {0} to {1}: it had ended without being stopped")},
    {"booted", msgid("the recorder did not watch from {0} to {1}: the machine was rebooted")},
    {"suspended", msgid("the machine slept from {0} to {1}")},
    {"stepped", msgid("the clock was set at {1}: times from {0} on are not exact")},
    {"lost", msgid("events lost at {0}: {2}")},
    {"counted", ""},
    {"dropped", msgid("{2} deaths from {0} to {1} were removed to keep the history's limit")},
};

const Row& row_of(BlindInterval::Why why) {
  return kRows[static_cast<std::size_t>(why)];
}

}  // namespace

std::string_view name_of(BlindInterval::Why why) {
  return row_of(why).name;
}

std::vector<Phrase> blind_texts(const std::vector<BlindInterval>& blind) {
  std::vector<Phrase> texts;
  for (const auto& one : blind) {
    auto text = row_of(one.why).text;
    if (!text.empty())
      texts.push_back(Phrase::of(
          text, std::array<Phrase, 3>{date_and_time(one.since), date_and_time(one.until), std::to_string(one.count)}));
  }
  if (texts.size() <= kMost) return texts;
  auto before = texts.size() - kMost;
  texts.erase(texts.begin(), texts.end() - kMost);
  texts.insert(texts.begin(), before == 1 ? phrase("{} earlier interval was not seen either", before)
                                          : phrase("{} earlier intervals were not seen either", before));
  return texts;
}

std::uint64_t counted_ends(const std::vector<BlindInterval>& blind) {
  std::uint64_t counted = 0;
  for (const auto& one : blind) counted += one.why == BlindInterval::Why::counted ? one.count : 0;
  return counted;
}

}  // namespace stapkill
