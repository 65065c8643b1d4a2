#include "cli/why/blind.h"

#include <fmt/format.h>

#include "cli/times.h"

namespace stapkill {
namespace {

constexpr std::size_t kMost = 3;

/// What is said of an interval, by BlindInterval::Why: {0} since, {1} until, {2} a number. None: it is no gap.
struct Row {
  std::string_view name, text;
};
constexpr Row kRows[] = {
    {"not_armed", "the recorder did not watch from {0} to {1}"},
    {"crashed", "the recorder did not watch from {0} to {1}: it had ended without being stopped"},
    {"booted", "the recorder did not watch from {0} to {1}: the machine was rebooted"},
    {"suspended", "the machine slept from {0} to {1}"},
    {"stepped", "the clock was set at {1}: times from {0} on are not exact"},
    {"lost", "events lost at {0}: {2}"},
    {"counted", ""},
    {"dropped", "{2} deaths from {0} to {1} were removed to keep the history's limit"},
};

const Row& row_of(BlindInterval::Why why) {
  return kRows[static_cast<std::size_t>(why)];
}

}  // namespace

std::string_view name_of(BlindInterval::Why why) {
  return row_of(why).name;
}

std::vector<std::string> blind_texts(const std::vector<BlindInterval>& blind) {
  std::vector<std::string> texts;
  for (const auto& one : blind) {
    auto text = row_of(one.why).text;
    if (!text.empty())
      texts.push_back(fmt::format(fmt::runtime(text), date_and_time(one.since), date_and_time(one.until), one.count));
  }
  if (texts.size() <= kMost) return texts;
  auto before = texts.size() - kMost;
  texts.erase(texts.begin(), texts.end() - kMost);
  texts.insert(texts.begin(),
               fmt::format("{} earlier interval{} not seen either", before, before == 1 ? " was" : "s were"));
  return texts;
}

std::uint64_t counted_ends(const std::vector<BlindInterval>& blind) {
  std::uint64_t counted = 0;
  for (const auto& one : blind) counted += one.why == BlindInterval::Why::counted ? one.count : 0;
  return counted;
}

}  // namespace stapkill
