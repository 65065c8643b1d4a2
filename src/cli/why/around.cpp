#include "cli/why/around.h"

#include <algorithm>
#include <cstdlib>

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kAround = 10 * kSecond;
constexpr std::size_t kMostShown = 5;
constexpr std::size_t kMostRead = 50;

bool is_family(const RecordedDeath& one, const RecordedDeath& other) {
  return other.parent.pid && (other.parent == one.parent || other.parent == one.process);
}

/// The deaths within that time of one that belong to it, the latest first.
std::vector<StoredDeath> others_within(Time time, const StoredDeath& death, const RecordedDeath& record,
                                       HistoryReader& history) {
  DeathQuery query;
  query.since = death.time - time;
  query.until = death.time + time;
  query.most = kMostRead;
  query.container = death.container;
  if (!death.container) query.unit = death.unit;
  bool is_of_one_thing = query.container || query.unit;
  auto others = history.find(query);
  std::erase_if(others, [&](const StoredDeath& one) {
    bool itself = one.pid == death.pid && one.start == death.start;
    return itself || (!is_of_one_thing && !is_family(record, read_record(one.record)));
  });
  return others;
}

}  // namespace

/// Where many ended at once, those within a second are enough: a whole record takes a while to read.
Around others_around(const StoredDeath& death, const RecordedDeath& record, HistoryReader& history) {
  auto others = others_within(kSecond, death, record, history);
  if (others.size() < kMostShown) others = others_within(kAround, death, record, history);
  std::stable_sort(others.begin(), others.end(), [&](const StoredDeath& one, const StoredDeath& other) {
    return std::abs(one.time - death.time) < std::abs(other.time - death.time);
  });
  Around around;
  around.more = others.size() - std::min(others.size(), kMostShown);
  others.resize(others.size() - around.more);
  around.nearest = std::move(others);
  return around;
}

}  // namespace stapkill
