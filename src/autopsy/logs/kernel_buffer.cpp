#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <vector>

#include "autopsy/logs/kmsg.h"
#include "autopsy/logs/open_log.h"
#include "autopsy/logs/read_logs.h"
#include "sys/fd.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kDrift = 10'000;  // sched_clock and the wall clock part by up to 100 ppm
constexpr char kPath[] = "/dev/kmsg";
constexpr std::size_t kMostRecords = 1'000'000;  // the largest buffer is 2 GiB; one of 64 MiB holds fewer

Time clock_now(clockid_t id) {
  timespec now{};
  ::clock_gettime(id, &now);
  return Time{now.tv_sec} * kSecond + now.tv_nsec;
}

/// The kernel's stamps in wall time. They count no sleep, and nothing says when that was: earlier ones may be off by
/// all of it.
struct KernelClock {
  Time wall = clock_now(CLOCK_REALTIME), ran = clock_now(CLOCK_MONOTONIC);
  Time slept = clock_now(CLOCK_BOOTTIME) - ran;

  Time time_of(Time since_boot) const { return wall - ran + since_boot; }
  Time doubt_of(Time since_boot) const { return (slept > kSecond ? slept : 0) + kSecond + since_boot / kDrift; }
};

class Buffer {
 public:
  Buffer(const Scope& scope, const TakeEntry& take) : scope_(scope), take_(take) {}

  void record(std::string_view bytes, SourceNote& note) {
    KernelRecord record;
    if (!split_kernel_record(bytes, record)) return;
    auto time = clock_.time_of(record.since_boot), doubt = clock_.doubt_of(record.since_boot);
    if (time + doubt < scope_.since || time - doubt > scope_.until) return;
    if (note.since == 0) note.since = time;
    note.until = time;
    text_.clear();
    append_unescaped(record.message, text_);
    place_ = fmt::format("{}, {}.{:06} s after boot", kPath, record.since_boot / kSecond,
                         record.since_boot % kSecond / 1000);
    LogEntry entry;
    entry.time = time;
    entry.doubt = doubt;
    entry.since_boot = record.since_boot;
    entry.program = record.program;
    entry.pid = record.pid;
    entry.source = "kernel-log";
    entry.place = place_;
    for (std::string_view rest = text_; !rest.empty();) {
      auto end = rest.find('\n');
      entry.message = rest.substr(0, end);
      if (!entry.message.empty()) take_(entry);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }

  Time slept() const { return clock_.slept; }

 private:
  const Scope& scope_;
  const TakeEntry& take_;
  KernelClock clock_;
  std::string text_, place_;
};

}  // namespace

void read_kernel_buffer(const Scope& scope, const TakeEntry& take, std::vector<SourceNote>& notes) {
  if (!scope.live()) return;
  Fd file(::open(kPath, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) return notes.push_back(note_of_error("kernel-log", kPath, errno));
  SourceNote note;
  note.source = "kernel-log";
  note.path = kPath;
  Buffer buffer(scope, take);
  std::vector<char> record(
      16 << 10);  // CONSOLE_EXT_LOG_MAX is 8192 (kernel/printk/internal.h): a smaller one gets EINVAL
  for (std::size_t count = 0; count < kMostRecords; ++count) {
    if (scope.late()) {
      note.state = SourceNote::State::cut;
      note.detail = phrase("time was up");
      break;
    }
    auto got = ::read(file.get(), record.data(), record.size());
    if (got < 0 && (errno == EPIPE || errno == EINTR)) continue;  // EPIPE: what we were at was overwritten
    if (got < 0 && errno != EAGAIN) {
      auto failed = note_of_error(note.source, note.path, errno);
      return notes.push_back(failed);
    }
    if (got <= 0) break;
    buffer.record(std::string_view(record.data(), static_cast<std::size_t>(got)), note);
  }
  if (note.detail.empty() && buffer.slept() > kSecond)
    note.detail = fmt::format("the machine slept for {} s in all: times may be off by that", buffer.slept() / kSecond);
  notes.push_back(note);
}

}  // namespace stapkill
