#include "autopsy/records/civil_times.h"

#include <algorithm>
#include <array>

namespace stapkill {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool take(std::string_view& text, char one) {
  if (!text.starts_with(one)) return false;
  text.remove_prefix(1);
  return true;
}

void skip_spaces(std::string_view& text) {
  while (take(text, ' ')) {
  }
}

/// So many digits, or fewer.
bool take_number(std::string_view& text, std::size_t most, int& value) {
  std::size_t digits = 0;
  for (value = 0; digits < most && digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits)
    value = value * 10 + (text[digits] - '0');
  text.remove_prefix(digits);
  return digits > 0;
}

bool take_month(std::string_view& text, int& month) {
  auto at = std::find(kMonths.begin(), kMonths.end(), text.substr(0, 3));
  if (at == kMonths.end()) return false;
  month = static_cast<int>(at - kMonths.begin()) + 1;
  text.remove_prefix(3);
  return true;
}

/// "10:00" or "10:00:00".
bool take_clock(std::string_view& text, CivilTime& time) {
  if (!take_number(text, 2, time.hour) || !take(text, ':') || !take_number(text, 2, time.minute)) return false;
  if (take(text, ':') && !take_number(text, 2, time.second)) return false;
  return time.hour < 24 && time.minute < 60 && time.second < 61;
}

bool is_date(const CivilTime& time) {
  return time.month >= 1 && time.month <= 12 && time.day >= 1 && time.day <= 31;
}

}  // namespace

std::optional<CivilTime> parse_asctime(std::string_view text) {
  CivilTime time;
  auto space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  text.remove_prefix(space + 1);
  auto read = parse_month_first(text, text);
  if (!read) return std::nullopt;
  time = *read;
  skip_spaces(text);
  if (!take_number(text, 4, time.year) || time.year < 1970) return std::nullopt;
  return time;
}

std::optional<CivilTime> parse_civil(std::string_view text, std::string_view& rest) {
  CivilTime time;
  if (!take_number(text, 4, time.year) || !take(text, '-') || !take_number(text, 2, time.month) || !take(text, '-') ||
      !take_number(text, 2, time.day) || time.year < 1970 || !is_date(time))
    return std::nullopt;
  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  skip_spaces(text);
  if (!take_clock(text, time)) return std::nullopt;
  rest = text;
  return time;
}

std::optional<CivilTime> parse_month_first(std::string_view text, std::string_view& rest) {
  CivilTime time;
  time.year = 0;
  if (!take_month(text, time.month)) return std::nullopt;
  skip_spaces(text);
  if (!take_number(text, 2, time.day) || !is_date(time)) return std::nullopt;
  skip_spaces(text);
  if (!take_clock(text, time)) return std::nullopt;
  rest = text;
  return time;
}

}  // namespace stapkill
