#include "autopsy/logs/line_clock.h"

#include <chrono>

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kDay = Time{86400} * kSecond;
// Zones are up to 14 hours from UTC, and a log may be in another one than we think.
constexpr Time kAfterNewest = kDay;
// A line that is so much earlier than the one before it is from a clock that was set; more, and a year has passed.
constexpr Time kSetBack = 60 * kDay;
constexpr Time kDrift = 10'000;  // sched_clock and the wall clock part by up to 100 ppm

int year_of(Time time) {
  namespace chrono = std::chrono;
  chrono::sys_days day(chrono::floor<chrono::days>(chrono::nanoseconds(time)));
  return static_cast<int>(chrono::year_month_day(day).year());
}

/// As if UTC.
std::optional<Time> local_in(const Stamp& stamp, int year) {
  auto midnight = day_time(year, stamp.month, stamp.day);
  return midnight ? std::optional(*midnight + stamp.of_day) : std::nullopt;
}

}  // namespace

LineClock::LineClock(const TimeZone& zone, Time newest, const std::vector<Boot>& boots) : zone_(zone), newest_(newest) {
  for (const auto& boot : boots) {
    if (boot.started > newest) continue;
    boot_ = boot.started;
    boot_doubt_ = 2 * kSecond;
  }
}

Time LineClock::latest(const Stamp& stamp, Time bound) const {
  constexpr int leap_years = 8;  // to the next 29th of February, over 1900 and its like
  int year = year_of(bound + kDay);
  for (int back = 0; back <= leap_years; ++back) {
    auto time = time_in(stamp, year - back);
    if (time != 0 && time <= bound) return time;
  }
  return 0;
}

LineClock::Placed LineClock::place_yearless(const Stamp& stamp) {
  Time time = latest(stamp, newest_ + kAfterNewest);
  if (time != 0 && last_) {
    auto year = year_of(*last_ - kSetBack);
    for (int ahead = 0; ahead <= 2; ++ahead) {
      auto candidate = time_in(stamp, year + ahead);
      if (candidate == 0 || candidate < *last_ - kSetBack) continue;
      if (candidate <= newest_ + kAfterNewest) time = candidate;
      break;
    }
    last_ = time;
  }
  if (time == 0) return {};
  auto local = local_in(stamp, year_at(stamp, time));
  return {time, stamp.doubt + (local ? zone_.time_of(*local).doubt : 0)};
}

Time LineClock::time_in(const Stamp& stamp, int year) const {
  auto local = local_in(stamp, year);
  return local ? zone_.time_of(*local).time : 0;
}

int LineClock::year_at(const Stamp& stamp, Time time) const {
  int year = year_of(time);
  for (int other : {year - 1, year + 1}) {  // New Year here and in UTC
    if (time_in(stamp, other) == time) return other;
  }
  return year;
}

LineClock::Placed LineClock::place_boot(Time since_boot) {
  if (since_boot + kSecond < last_since_boot_) boot_.reset();  // another boot began
  last_since_boot_ = since_boot;
  if (!boot_) return {};
  return {*boot_ + since_boot, boot_doubt_ + since_boot / kDrift};
}

void LineClock::learn_boot(Time since_boot, Time time) {
  boot_ = time - since_boot;
  boot_doubt_ = 2 * kSecond;
  last_since_boot_ = since_boot;
}

LineClock::Placed LineClock::place(const Stamp& stamp) {
  Placed placed;
  switch (stamp.kind) {
    case Stamp::Kind::none:
      break;
    case Stamp::Kind::boot:
      return place_boot(*stamp.since_boot);
    case Stamp::Kind::yearless:
      placed = place_yearless(stamp);
      break;
    case Stamp::Kind::local: {
      auto found = zone_.time_of(stamp.at);
      placed = {found.time, found.doubt + stamp.doubt};
      break;
    }
    case Stamp::Kind::absolute:
      placed = {stamp.at, stamp.doubt};
      break;
  }
  if (stamp.since_boot && placed.time != 0) learn_boot(*stamp.since_boot, placed.time);
  return placed;
}

Time LineClock::time_before(const Stamp& stamp, Time next) const {
  if (stamp.kind == Stamp::Kind::yearless) return latest(stamp, next + kSetBack);
  if (stamp.kind == Stamp::Kind::local) return zone_.time_of(stamp.at).time;
  if (stamp.kind == Stamp::Kind::absolute) return stamp.at;
  return 0;
}

Time LineClock::last_time(const Stamp& stamp) const {
  return time_before(stamp, newest_ + kAfterNewest - kSetBack);
}

}  // namespace stapkill
