#include "autopsy/logs/zone.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <optional>

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kFirst = 788918400, kLast = 2366841600;  // 1995 and 2045
constexpr Time kStep = Time{5} * 86400;                 // zones keep an offset for longer than that

/// TZ for as long as it lives.
class Borrowed {
 public:
  explicit Borrowed(const std::string& name) {
    if (name.empty()) return;
    if (const char* old = ::getenv("TZ")) old_ = old;
    set_ = true;
    ::setenv("TZ", name.c_str(), 1);
    ::tzset();
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  ~Borrowed() {
    if (!set_) return;
    old_ ? ::setenv("TZ", old_->c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
  }

 private:
  bool set_ = false;
  std::optional<std::string> old_;
};

Time offset_at(Time seconds) {
  auto stamp = static_cast<std::time_t>(seconds);
  std::tm parts{};
  return ::localtime_r(&stamp, &parts) ? parts.tm_gmtoff : 0;
}

/// The first second after `low` whose offset is that of `high`.
Time change_between(Time low, Time high) {
  auto after = offset_at(high);
  while (high - low > 1) {
    auto middle = low + (high - low) / 2;
    (offset_at(middle) == after ? high : low) = middle;
  }
  return high;
}

/// A pipe or a device in the place of a zone's file would make the C library wait.
bool harmless(const std::string& name) {
  auto path = name.substr(name.starts_with(':') ? 1 : 0);
  struct stat info {};
  return !path.starts_with('/') || ::stat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode);
}

}  // namespace

Zone::Zone(const std::string& name) {
  Borrowed zone(harmless(name) ? name : "UTC0");
  ::tzset();
  spans_.push_back({std::numeric_limits<Time>::min(), offset_at(kFirst) * kSecond});
  for (Time at = kFirst; at < kLast; at += kStep) {
    auto next = offset_at(at + kStep) * kSecond;
    if (next != spans_.back().offset) spans_.push_back({change_between(at, at + kStep) * kSecond, next});
  }
}

Zone::Found Zone::utc_of(Time local) const {
  // The span before the one that has begun by then for certain (offsets are within a day), and those after it.
  constexpr Time day = 86400 * kSecond;
  auto at = std::upper_bound(spans_.begin(), spans_.end(), local - day,
                             [](Time time, const Span& span) { return time < span.since; });
  std::optional<Found> first;
  auto span = at - 1;
  for (; span != spans_.end() && span->since <= local + day; ++span) {
    auto time = local - span->offset;
    bool ends = span + 1 != spans_.end() && time >= (span + 1)->since;
    if (time < span->since || ends) continue;
    if (!first) {
      first = Found{time, 0};
    } else {
      first->doubt = time - first->time;
    }
  }
  if (first) return *first;
  // It never came: the clock was set forward over it.
  return {local - (span - 1)->offset, (span - 1)->offset - (span - 1 == spans_.begin() ? span - 1 : span - 2)->offset};
}

}  // namespace stapkill
