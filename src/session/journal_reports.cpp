#include "session/journal_reports.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/signals.h"
#include "sys/journal_entry.h"

namespace stapkill {
namespace {

// Random; service/stapkill.catalog explains them.
constexpr std::string_view kDeathId = "f2236cce4a9646a9bc2146cfb7ad0765";
constexpr std::string_view kLeftOutId = "d1701ba09e1c45508b4005470dc9336f";

constexpr Time kSayEvery = 60'000'000'000;  // ns

// syslog(3)
constexpr std::string_view kError = "3", kWarning = "4", kNotice = "5";

// What broke, or ran into a limit: nobody wanted this end.
constexpr std::array<std::string_view, 7> kBroken = {"fault",      "oom-global",   "oom-memcg", "seccomp",
                                                     "rlimit-cpu", "rlimit-fsize", "self"};

std::string_view priority_of(const KeptDeath& death) {
  if (std::find(kBroken.begin(), kBroken.end(), death.stored.cause) != kBroken.end()) return kError;
  bool could_end_itself = death.stored.signal == 0 || death.stored.signal == SIGTERM;
  return death.asked && could_end_itself ? kNotice : kWarning;
}

const std::string& or_nothing(const std::optional<std::string>& text) {
  static const std::string nothing;
  return text ? *text : nothing;
}

JournalEntry entry_of(std::string_view id, std::string_view message, std::string_view priority) {
  JournalEntry entry;
  entry.add("MESSAGE", message);
  entry.add("MESSAGE_ID", id);
  entry.add("PRIORITY", priority);
  entry.add("SYSLOG_IDENTIFIER", "stapkill");
  return entry;
}

/// Without OBJECT_PID: the process has ended, and the journal would describe the one that has its pid by then.
std::string text_of(const KeptDeath& death) {
  const auto& stored = death.stored;
  auto entry = entry_of(kDeathId, stored.summary, priority_of(death));
  entry.add("OBJECT_SYSTEMD_UNIT", or_nothing(death.system_unit));
  entry.add("STAPKILL_PID", std::to_string(stored.pid));
  entry.add("STAPKILL_COMM", stored.comm);
  entry.add("STAPKILL_EXE", or_nothing(stored.exe));
  entry.add("STAPKILL_CMDLINE", or_nothing(stored.cmdline));
  entry.add("STAPKILL_UID", stored.uid ? std::to_string(*stored.uid) : "");
  entry.add("STAPKILL_SIGNAL", stored.signal ? signal_name(stored.signal) : "");
  entry.add("STAPKILL_STATUS", stored.signal ? "" : std::to_string(death.status));
  entry.add("STAPKILL_CAUSE", stored.cause);
  entry.add("STAPKILL_INITIATOR", stored.initiator);
  entry.add("STAPKILL_UNIT", or_nothing(stored.unit));
  entry.add("STAPKILL_CONTAINER", or_nothing(stored.container));
  entry.add("STAPKILL_CONTAINER_NAME", or_nothing(stored.name));
  entry.add("STAPKILL_POD", or_nothing(stored.pod));
  return entry.text();
}

std::string text_of_left_out(std::uint64_t count) {
  auto entry =
      entry_of(kLeftOutId,
               fmt::format("{} more death{} of units and containers had no entry here; 'stapkill why --all' has "
                           "all of them",
                           count, count == 1 ? "" : "s"),
               kWarning);
  entry.add("STAPKILL_LEFT_OUT", std::to_string(count));
  return entry.text();
}

}  // namespace

bool belongs_into_journal(const KeptDeath& death) {
  bool has_subject = death.stored.container || (death.stored.unit && !death.of_login);
  return has_subject && death.is_news();
}

void JournalReports::take(const KeptDeath& death) {
  if (!belongs_into_journal(death)) return;
  const auto& subject = death.stored.container ? *death.stored.container : or_nothing(death.stored.unit);
  if (!limit_.allows(subject, death.stored.time) || !send_(text_of(death))) ++left_out_;
}

void JournalReports::catch_up(Time now) {
  if (left_out_ == 0 || (now - said_ < kSayEvery && now >= said_)) return;
  if (send_(text_of_left_out(left_out_))) left_out_ = 0;
  said_ = now;
}

}  // namespace stapkill
