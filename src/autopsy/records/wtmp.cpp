#include "autopsy/records/wtmp.h"

#include <fmt/format.h>
#include <utmp.h>

#include "autopsy/records/bytes.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;

// The fields that are at the same place in both forms.
constexpr std::size_t kType = 0, kPid = 4, kLine = 8, kUser = 44, kHost = 76;
constexpr std::size_t kLineSize = 32, kUserSize = 32, kHostSize = 256;

struct Place {
  std::size_t seconds, microseconds;
};

Place time_place(UtmpForm form) {
  return form == UtmpForm::wide ? Place{344, 352} : Place{340, 344};
}

Time time_of(std::string_view record, UtmpForm form) {
  auto place = time_place(form);
  auto seconds = form == UtmpForm::wide ? number_at<std::uint64_t>(record, place.seconds)
                                        : number_at<std::uint32_t>(record, place.seconds);
  auto micro = number_at<std::uint32_t>(record, place.microseconds);
  bool sound = seconds <= UINT32_MAX && micro < 1'000'000;
  return sound ? static_cast<Time>(seconds) * kSecond + static_cast<Time>(micro) * 1000 : -1;
}

bool is_sound(std::string_view record, UtmpForm form) {
  auto type = number_at<std::int16_t>(record, kType);
  if (type < EMPTY || type > ACCOUNTING || record[2] != '\0' || record[3] != '\0') return false;
  auto time = time_of(record, form);
  bool empty = type == EMPTY && time == 0;
  return empty || time > Time{631'152'000} * kSecond;  // 1990
}

bool has_form(std::string_view head, UtmpForm form) {
  auto size = static_cast<std::size_t>(form);
  if (head.size() < size) return false;
  bool empty = true;
  for (int i = 0; i < 8 && head.size() >= size; ++i, head.remove_prefix(size)) {
    if (!is_sound(head.substr(0, size), form)) return false;
    empty &= number_at<std::int16_t>(head, kType) == EMPTY;
  }
  return !empty;
}

void tell_login(std::string_view record, Finding& finding) {
  finding.kind = Finding::Kind::login;
  finding.actor.user = text_at(record, kUser, kUserSize);
  finding.actor.tty = text_at(record, kLine, kLineSize);
  if (auto pid = number_at<std::int32_t>(record, kPid); pid > 0) finding.actor.pid = pid;
  auto host = text_at(record, kHost, kHostSize);
  finding.reason = fmt::format("{} logged in on {}", finding.actor.user, finding.actor.tty);
  if (!host.empty()) finding.reason += fmt::format(" from {}", host);
}

}  // namespace

std::optional<UtmpForm> utmp_form(std::string_view head) {
  for (auto form : {UtmpForm::narrow, UtmpForm::wide}) {
    if (has_form(head, form)) return form;
  }
  return std::nullopt;
}

std::optional<Finding> utmp_finding(std::string_view record, UtmpForm form, const std::string& place) {
  if (record.size() < static_cast<std::size_t>(form) || !is_sound(record, form)) return std::nullopt;
  Finding finding;
  finding.source = "wtmp";
  finding.place = place;
  finding.time = time_of(record, form);
  auto type = number_at<std::int16_t>(record, kType);
  auto user = text_at(record, kUser, kUserSize), host = text_at(record, kHost, kHostSize);
  if (type == BOOT_TIME) {
    finding.kind = Finding::Kind::boot;
    finding.doubt = 60 * kSecond;  // when the manager wrote it: some time after the kernel's start
    finding.reason = host.empty() ? "the machine started" : fmt::format("the machine started with kernel {}", host);
  } else if (type == RUN_LVL && user == "shutdown") {  // systemd src/update-utmp; sysvinit's halt
    finding.kind = Finding::Kind::shutdown;
    finding.reason = "the machine was shut down";
  } else if (type == USER_PROCESS && !user.empty()) {
    tell_login(record, finding);
  } else {
    return std::nullopt;
  }
  finding.quote = fmt::format("type {}, user {}, line {}, host {}", type, user, text_at(record, kLine, kLineSize), host)
                      .substr(0, kLongestQuote);
  return finding;
}

}  // namespace stapkill
