#include <fmt/format.h>
#include <linux/acct.h>
#include <sys/wait.h>

#include <bit>
#include <cmath>

#include "autopsy/records/accounting.h"
#include "autopsy/records/bytes.h"
#include "base/signals.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kTick = 10'000'000;               // the kernel's coarse clock is behind by a tick at most; CONFIG_HZ=100
constexpr double kTicks = 100;                   // AHZ: ac_etime counts so many a second
constexpr std::int64_t kEarliest = 631'152'000;  // 1990: before Linux
constexpr double kLongest = 1e11;                // ticks: 30 years
constexpr unsigned char kBigEndian = 0x80, kKnownFlags = AFORK | ASU | ACOMPAT | ACORE | AXSIG | AGROUP;
constexpr int kMostPid = 1 << 22;  // PID_MAX_LIMIT

ByteOrder order_of(std::string_view bytes) {
  bool big = static_cast<unsigned char>(bytes[offsetof(acct_v3, ac_version)]) & kBigEndian;
  return big ? ByteOrder::big : ByteOrder::little;
}

/// Float of 24 bits: the kernel cuts off what is below the last one.
void set_end(std::int64_t begin, float ticks, AccountingRecord& record) {
  auto seconds = static_cast<std::int64_t>(std::floor(static_cast<double>(ticks) / kTicks));
  auto lost = std::ldexp(1.0, std::max(0, std::ilogb(std::max(ticks, 1.0F)) - 23)) - 1;
  record.ended = (begin + seconds) * kSecond + kSecond / 2;
  record.doubt = kSecond / 2 + kTick + static_cast<Time>(std::ceil(lost / kTicks)) * kSecond;
}

}  // namespace

int accounting_version(std::string_view bytes) {
  return bytes.size() < 2 ? -1 : static_cast<unsigned char>(bytes[1]) & 0x7f;
}

std::optional<AccountingRecord> accounting_record(std::string_view bytes) {
  static_assert(sizeof(acct_v3) == kAccountingRecord);
  if (bytes.size() < kAccountingRecord || accounting_version(bytes) != 3) return std::nullopt;
  auto flags = static_cast<unsigned char>(bytes[0]);
  auto order = order_of(bytes);
  auto begin = number_at<std::uint32_t>(bytes, offsetof(acct_v3, ac_btime), order);
  auto ticks = std::bit_cast<float>(number_at<std::uint32_t>(bytes, offsetof(acct_v3, ac_etime), order));
  AccountingRecord record;
  record.pid = number_at<std::int32_t>(bytes, offsetof(acct_v3, ac_pid), order);
  record.parent = number_at<std::int32_t>(bytes, offsetof(acct_v3, ac_ppid), order);
  bool sound = std::isfinite(ticks) && ticks >= 0 && ticks < kLongest && begin >= kEarliest && record.pid > 0 &&
               record.pid <= kMostPid && record.parent >= 0 && record.parent <= kMostPid && !(flags & ~kKnownFlags);
  if (!sound) return std::nullopt;
  record.forked = flags & AFORK;
  record.super = flags & ASU;
  record.dumped = flags & ACORE;
  record.signaled = flags & AXSIG;
  record.status = static_cast<int>(number_at<std::uint32_t>(bytes, offsetof(acct_v3, ac_exitcode), order) & 0xffff);
  record.uid = number_at<std::uint32_t>(bytes, offsetof(acct_v3, ac_uid), order);
  record.comm = text_at(bytes, offsetof(acct_v3, ac_comm), ACCT_COMM);
  set_end(begin, ticks, record);
  return record;
}

Finding accounting_finding(const AccountingRecord& record, const std::string& place) {
  Finding finding;
  finding.kind = Finding::Kind::accounting;
  finding.source = "accounting";
  finding.place = place;
  finding.time = record.ended;
  finding.doubt = record.doubt;
  auto& subject = finding.subject;
  subject.pid = record.pid;
  subject.parent = record.parent;
  subject.comm = record.comm;
  subject.uid = record.uid;
  if (WIFSIGNALED(record.status)) {
    finding.signal = WTERMSIG(record.status);
    finding.reason = describe_status(record.status);
    if (record.dumped || WCOREDUMP(record.status)) finding.reason += ", with a core dump";
  } else if (record.signaled || record.dumped) {
    // The main thread's status says nothing of the signal that ended the others.
    finding.reason = record.dumped ? "was killed by a signal, with a core dump" : "was killed by a signal";
  } else {
    finding.status = WEXITSTATUS(record.status);
    finding.reason = describe_status(record.status);
  }
  auto flags = fmt::format("{}{}{}{}", record.forked ? " AFORK" : "", record.super ? " ASU" : "",
                           record.dumped ? " ACORE" : "", record.signaled ? " AXSIG" : "");
  finding.quote =
      fmt::format("{}exit code {:#x}, pid {}, ppid {}, uid {}, {}", flags.empty() ? "" : "flags" + flags + ", ",
                  record.status, record.pid, record.parent, record.uid, record.comm);
  return finding;
}

}  // namespace stapkill
