#include "store/shards.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace stapkill {
namespace {

namespace fs = std::filesystem;

constexpr Time kSecond = 1'000'000'000;
constexpr std::string_view kEnding = ".sqlite";
constexpr std::string_view kPattern = "00000000-000000-";  // day, number
constexpr std::size_t kDay = sizeof "20261130" - 1, kNumber = sizeof "000001" - 1;

/// SQLite's own files (sqlite.org/wal.html).
constexpr std::string_view kBeside[] = {"", "-wal", "-shm"};

std::string day_of(Time time) {
  auto seconds = static_cast<std::time_t>(time / kSecond);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}{:02}{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

std::optional<Tier> tier_in(const std::string& name) {
  if (name.size() <= kPattern.size()) return std::nullopt;
  for (std::size_t at = 0; at < kPattern.size(); ++at) {
    bool digit = name[at] >= '0' && name[at] <= '9';
    if (kPattern[at] == '-' ? name[at] != '-' : !digit) return std::nullopt;
  }
  for (const auto& rules : kTiers) {
    if (name.substr(kPattern.size()) == std::string(rules.name) + std::string(kEnding)) return rules.tier;
  }
  return std::nullopt;
}

}  // namespace

std::vector<fs::path> shards_in(const fs::path& directory, std::optional<Tier> tier) {
  std::vector<fs::path> shards;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    auto found = tier_in(at->path().filename());
    if (found && (!tier || found == tier)) shards.push_back(at->path());
  }
  std::sort(shards.begin(), shards.end());
  return shards;
}

Tier tier_of(const fs::path& shard) {
  return tier_in(shard.filename()).value_or(Tier::deaths);
}

fs::path next_shard(const fs::path& directory, Tier tier, Time now) {
  auto day = day_of(now);
  auto shards = shards_in(directory, tier);
  int number = 1;
  if (!shards.empty()) {
    auto last = shards.back().filename().string();
    // A clock that was set back does not make a shard older than those that are there.
    day = std::max(day, last.substr(0, kDay));
    if (last.starts_with(day)) number = std::stoi(last.substr(kDay + 1, kNumber)) + 1;
  }
  return directory / fmt::format("{}-{:06}-{}{}", day, number, rules_of(tier).name, kEnding);
}

bool is_of_day(const fs::path& shard, Time time) {
  return shard.filename().string().starts_with(day_of(time));
}

bool is_older(const fs::path& shard, Time time) {
  return shard.filename().string().substr(0, kDay) < day_of(time);
}

std::uint64_t bytes_of(const fs::path& shard) {
  std::uint64_t bytes = 0;
  for (auto ending : kBeside) {
    std::error_code error;
    auto size = fs::file_size(shard.string() + std::string(ending), error);
    if (!error) bytes += size;
  }
  return bytes;
}

void remove_shard(const fs::path& shard) {
  for (auto ending : kBeside) {
    std::error_code error;
    fs::remove(shard.string() + std::string(ending), error);
  }
}

}  // namespace stapkill
