#include "autopsy/logs/log_names.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>

#include "autopsy/logs/stamp.h"
#include "autopsy/logs/take.h"

namespace stapkill {
namespace {

constexpr std::int64_t kCurrent = std::numeric_limits<std::int64_t>::max();

// Debian's rsyslog.conf, EL's, SUSE's ("warn"), busybox, and what daemons without the journal write.
constexpr std::string_view kBases[] = {"kern.log", "syslog",      "messages",   "debug",        "daemon.log",
                                       "auth.log", "secure",      "cron",       "cron.log",     "user.log",
                                       "dmesg",    "kubelet.log", "docker.log", "earlyoom.log", "earlyoom",
                                       "warn",     "oom.log",     "kubelet",    "docker",       "containerd.log"};

/// "20261129": its day.
std::optional<Time> date_in(std::string_view digits) {
  int year = 0, month = 0, day = 0;
  if (!take_digits(digits, 4, 4, year) || !take_digits(digits, 2, 2, month) || !take_digits(digits, 2, 2, day))
    return std::nullopt;
  return digits.empty() || !is_digit(digits[0]) ? day_time(year, month, day) : std::nullopt;
}

/// What follows the base: "", ".1", "-20261129", "-20261129.gz", ".old".
bool take_suffix(std::string_view suffix, LogName& log) {
  for (std::string_view packed : {".gz", ".xz", ".zst", ".bz2"}) {
    if (suffix.ends_with(packed)) suffix.remove_suffix(packed.size());
  }
  log.age = kCurrent;
  if (suffix.empty()) return true;
  log.age = -1;
  if (suffix == ".old") return true;
  if (suffix[0] != '.' && suffix[0] != '-') return false;
  suffix.remove_prefix(1);
  constexpr Time day = Time{86400} * 1'000'000'000;
  if (auto date = date_in(suffix)) {
    log.rotated = *date + day;
    // "-20261129", "-2026112918", "-20261129-1764442800": several of a day
    std::int64_t rest = 0;
    suffix.remove_prefix(8);
    if (!suffix.empty() && !is_digit(suffix[0])) suffix.remove_prefix(1);
    if (!suffix.empty() && (!take_digits(suffix, 1, 10, rest) || !suffix.empty())) return false;
    log.age = *date / 1'000'000'000 * 100 + std::min<std::int64_t>(rest, 8'640'000 - 1);
    return true;
  }
  // "-2026112918": an hour
  if (suffix.size() == 10) {
    if (auto date = date_in(suffix.substr(0, 8))) {
      log.rotated = *date + day;
      log.age = *date / 1'000'000'000 * 100 + Time{suffix[8] - '0'} * 10 + (suffix[9] - '0');
      return true;
    }
  }
  std::int64_t number = 0;
  if (!take_digits(suffix, 1, 6, number) || !suffix.empty()) return false;
  log.age = -1 - number;
  return true;
}

std::optional<LogName> known_log(const std::string& name) {
  std::optional<LogName> found;
  for (auto base : kBases) {
    LogName log{name, std::string(base)};
    if (name.starts_with(base) && take_suffix(std::string_view(name).substr(base.size()), log)) found = log;
  }
  return found;
}

}  // namespace

std::vector<LogName> known_logs(const std::vector<std::string>& names) {
  std::vector<LogName> logs;
  for (const auto& name : names) {
    if (auto log = known_log(name)) logs.push_back(std::move(*log));
  }
  std::sort(logs.begin(), logs.end(), [](const LogName& one, const LogName& other) {
    return std::tie(one.base, one.age, one.name) < std::tie(other.base, other.age, other.name);
  });
  return logs;
}

}  // namespace stapkill
