#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace stapkill {

/// A time as a log writes it.
struct Stamp {
  enum class Kind {
    none,
    boot,      ///< `since_boot` alone
    yearless,  ///< local time, no year: `month`, `day`, `of_day`
    local,     ///< local time: `at`, as if it were UTC
    absolute,  ///< `at`
  } kind = Kind::none;
  int month = 0, day = 0;
  Time of_day = 0;
  Time at = 0;
  Time doubt = 0;                  ///< of what the form leaves out, and of the clock behind it
  std::optional<Time> since_boot;  ///< ns
};

// Each takes a stamp and the blank after it from the front of a text, and is false where there is none: the text then
// stays as it was.

/// "Nov 30 18:21:21", "11月 30 18:21:21", "Nov 30 18:21:21.123456" (RFC 3164, 4.1.2; journalctl(1), short and
/// short-precise; strftime(3)'s %b in the common locales).
bool take_bsd_stamp(std::string_view& text, Stamp& stamp);
/// "2026-11-30T18:21:21.123456+01:00", ",123456", "Z", "+0100", a blank for the T, or no zone (RFC 3339).
/// `fraction`: how many digits of the second there were; `comma`: before them.
bool take_iso_stamp(std::string_view& text, Stamp& stamp, int& fraction, bool& comma);
/// "Mon 2026-11-30 18:21:21 CET" (journalctl(1), short-full).
bool take_full_stamp(std::string_view& text, Stamp& stamp);
/// "Mon Nov 30 18:21:21 2026" (ctime(3); `dmesg -T` in brackets, logread of OpenWrt).
bool take_ctime_stamp(std::string_view& text, Stamp& stamp);
/// "1764526881.123456" (journalctl(1), short-unix).
bool take_unix_stamp(std::string_view& text, Stamp& stamp);
/// "I1130 18:21:21.123456    1234 kubelet.go:123] " (k8s.io/klog v2, klog.go, formatHeader): also the pid.
bool take_klog_stamp(std::string_view& text, Stamp& stamp, int& pid);
/// "[12345.678901] " and the columns of CONFIG_PRINTK_CALLER, "[  T123]" or "[    C0]" (kernel/printk/printk.c,
/// print_time and print_caller, Linux 6.1).
bool take_boot_stamp(std::string_view& text, Stamp& stamp);
/// "[Nov30 18:21] " and "[  +0.000012] " (dmesg(1), --reltime): the second has no time of its own.
bool take_delta_stamp(std::string_view& text, Stamp& stamp);

/// Midnight of a date, as if UTC; none for a date that no calendar has.
std::optional<Time> day_time(int year, int month, int day);

}  // namespace stapkill
