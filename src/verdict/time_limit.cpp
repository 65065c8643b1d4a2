#include "verdict/time_limit.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "verdict/operands.h"

namespace stapkill {
namespace {

constexpr OptionWords kTimeoutOptions = {.valued = "ks", .long_valued = "--kill-after --signal"};
constexpr double kSecond = 1e9;
constexpr std::int64_t kTick = 10'000'000;     // unit of a process's start
constexpr std::int64_t kRounding = 2 * kTick;  // between the kernel's clocks and a backend's values

struct Unit {
  std::string_view suffix;
  double seconds;
};
constexpr Unit kUnits[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

/// "1.5m" in seconds; none for what is not a duration, and for 0, which sets no limit.
std::optional<double> duration_of(std::string_view word) {
  double number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || !(number > 0)) return std::nullopt;
  auto suffix = word.substr(static_cast<std::size_t>(end - word.data()));
  const auto* unit =
      std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& row) { return row.suffix == suffix; });
  return unit == std::end(kUnits) ? std::nullopt : std::optional(number * unit->seconds);
}

}  // namespace

bool time_limit_is_over(const Process& timeout, std::int64_t boot) {
  if (!timeout.argv) return false;
  auto at = first_operand(*timeout.argv, kTimeoutOptions);
  auto limit = at < timeout.argv->size() ? duration_of((*timeout.argv)[at]) : std::nullopt;
  if (!limit) return false;
  // A process that became timeout(1) by exec can have started long before.
  std::int64_t started = std::max(static_cast<std::int64_t>(timeout.start) * kTick, timeout.exec_boot);
  return static_cast<double>(boot - started + kRounding) >= *limit * kSecond;
}

}  // namespace stapkill
