#include "autopsy/logs/journal_record.h"

#include <charconv>

namespace stapkill {
namespace {

constexpr Time kMillisecond = 1'000'000, kSecond = 1000 * kMillisecond;
constexpr std::size_t kMostFields = 256;

/// Microseconds as ns; none for another text.
std::optional<Time> micros(std::string_view text) {
  Time value = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  bool whole = !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole && value >= 0 && value < 7'258'118'400'000'000 ? std::optional(value * 1000) : std::nullopt;
}

int number(std::string_view text) {
  int value = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && value > 0 ? value : 0;
}

/// The kernel's line came into the journal when journald read it: early in a boot that was later, and under pressure
/// it may be.
void set_kernel_time(const JournalRecord& record, Time received, LogEntry& entry) {
  constexpr Time early = 600 * kSecond, most = 120 * kSecond;
  auto read_at = micros(record.get("__MONOTONIC_TIMESTAMP"));
  entry.time = received;
  entry.doubt = kSecond;
  entry.since_boot = micros(record.get("_SOURCE_MONOTONIC_TIMESTAMP"));
  if (!read_at || !entry.since_boot) return;
  auto lag = *read_at - *entry.since_boot;
  if (lag <= 0 || lag > most) return;
  if (*read_at < early) {
    entry.time -= lag;
  } else {
    entry.doubt += lag;
  }
}

void set_time(const JournalRecord& record, bool kernel, LogEntry& entry) {
  auto received = micros(record.get("__REALTIME_TIMESTAMP"));
  auto sent = micros(record.get("_SOURCE_REALTIME_TIMESTAMP"));
  if (!received) received = sent;
  if (!received) return;
  if (kernel) return set_kernel_time(record, *received, entry);
  entry.time = sent.value_or(*received);
  entry.doubt = sent ? kMillisecond : 100 * kMillisecond;
  entry.since_boot = micros(record.get("__MONOTONIC_TIMESTAMP"));
}

void set_writer(const JournalRecord& record, bool kernel, LogEntry& entry) {
  auto comm = record.get("_COMM");
  entry.program = record.get("SYSLOG_IDENTIFIER");
  if (entry.program.empty()) entry.program = kernel ? std::string_view("kernel") : comm;
  if (entry.program == "kernel" && !kernel) entry.program = comm.empty() || comm == "kernel" ? "not the kernel" : comm;
  if (entry.program.empty()) entry.program = "unknown";
  entry.pid = number(record.get("_PID"));
  if (entry.pid == 0) entry.pid = number(record.get("SYSLOG_PID"));
}

}  // namespace

std::string* JournalRecord::add(std::string_view name) {
  if (count_ >= kMostFields) return nullptr;
  if (count_ == fields_.size()) fields_.emplace_back();
  auto& field = fields_[count_++];
  field.name.assign(name.substr(0, 64));  // journald allows no longer ones
  field.value.clear();
  return &field.value;
}

std::string_view JournalRecord::get(std::string_view name) const {
  for (std::size_t at = 0; at < count_; ++at) {
    if (fields_[at].name == name) return fields_[at].value;
  }
  return {};
}

Time give_record(const JournalRecord& record, std::string_view place, const Scope* scope, const TakeEntry& take) {
  LogEntry entry;
  bool kernel = record.get("_TRANSPORT") == "kernel";
  set_time(record, kernel, entry);
  if (scope && (entry.time + entry.doubt < scope->since || entry.time - entry.doubt > scope->until)) return entry.time;
  set_writer(record, kernel, entry);
  auto message = record.get("MESSAGE");
  entry.message = message.substr(0, message.find('\n'));
  entry.source = kernel ? "kernel-log" : "journal";
  entry.place = place;
  entry.field = [&record](std::string_view name) { return record.get(name); };
  take(entry);
  return entry.time;
}

}  // namespace stapkill
