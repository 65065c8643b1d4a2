#include "autopsy/records/accounting.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <utility>

#include "autopsy/records/notes.h"
#include "autopsy/records/read_records.h"
#include "sys/unpack.h"

namespace stapkill {
namespace {

using State = SourceNote::State;

constexpr std::string_view kSource = "accounting";
constexpr Time kSecond = 1'000'000'000;
constexpr Time kSlack = 600 * kSecond;  // a clock that was set
constexpr std::int64_t kMostRecords = 1'000'000;
constexpr std::size_t kMostFindings = 20'000;
constexpr std::size_t kPiece = 1024 * kAccountingRecord;
constexpr std::int64_t kRecord = kAccountingRecord;

/// Takes the records of one file in their order.
class Records {
 public:
  Records(const Scope* scope, std::string name, Reading& reading)
      : scope_(scope), name_(std::move(name)), reading_(reading) {}

  /// False: enough.
  bool take(std::string_view bytes, std::int64_t number) {
    auto record = accounting_record(bytes);
    if (!record) {
      ++damaged_;
      if (auto version = accounting_version(bytes); version != 3) version_ = version;
      return !scope_ || damaged_ % 4096 != 0 || !scope_->late();
    }
    ++records_;
    if (scope_ && (record->ended + record->doubt < scope_->since || record->ended - record->doubt > scope_->until))
      return true;
    since_ = since_ ? std::min(since_, record->ended) : record->ended;
    until_ = std::max(until_, record->ended);
    bool clean = !record->status && !record->dumped && !record->signaled;
    ++(clean ? clean_ : ends_);
    auto& kept = clean ? kept_clean_ : kept_;
    kept.emplace_back(std::move(*record), number);
    if (kept.size() > kMostFindings) kept.pop_front();
    return !scope_ || records_ % 4096 != 0 || !scope_->late();
  }

  void note(State state, const Phrase& why = {}) {
    if (records_ == 0 && damaged_ > 0) return note_strange();
    auto text = phrase("{} abnormal ends, {} clean ones", ends_, clean_);
    if (damaged_) text += phrase(", {} damaged records", damaged_);
    if (ends_ > kept_.size()) {
      state = State::cut;
      text += phrase(", only the last {} kept", kMostFindings);
    }
    for (const auto* kept : {&kept_, &kept_clean_}) {
      for (const auto& [record, number] : *kept)
        reading_.findings.push_back(accounting_finding(record, fmt::format("{}, record {}", name_, number)));
    }
    if (!why.empty()) text += phrase(" ({})", why);
    auto made = note_of(kSource, name_, state, text);
    made.since = since_;
    made.until = until_;
    reading_.notes.push_back(std::move(made));
  }

 private:
  void note_strange() {
    auto why = version_ >= 0 && version_ < 3 ? phrase("accounting of version {}, which names no pid", version_)
                                             : phrase("no records of accounting");
    reading_.notes.push_back(note_of(kSource, name_, State::broken, why));
  }

  const Scope* scope_;
  std::string name_;
  Reading& reading_;
  std::uint64_t records_ = 0, damaged_ = 0, ends_ = 0, clean_ = 0;
  std::deque<std::pair<AccountingRecord, std::int64_t>> kept_, kept_clean_;  // with their numbers in the file
  int version_ = 3;
  Time since_ = 0, until_ = 0;
};

std::string read_at(int file, std::int64_t at, std::size_t size) {
  std::string bytes(size, '\0');
  auto got = ::pread(file, bytes.data(), size, at);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

/// The first record to read: records are in the order of the ends, but for a clock that was set.
std::int64_t first_record(int file, std::int64_t count, Time since) {
  auto low = std::max<std::int64_t>(0, count - kMostRecords), high = count;
  while (low < high) {
    auto middle = low + (high - low) / 2;
    auto record = accounting_record(read_at(file, middle * kRecord, kAccountingRecord));
    if (record && record->ended + record->doubt + kSlack < since)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void read_plain(const Scope& scope, int file, std::int64_t size, Records& records) {
  auto count = size / kRecord, number = first_record(file, count, scope.since);
  bool left_out = number > 0 && number == count - kMostRecords;
  while (number < count) {
    auto bytes = read_at(file, number * kRecord, kPiece);
    if (bytes.size() < kAccountingRecord) break;
    for (std::string_view rest = bytes; rest.size() >= kAccountingRecord; rest.remove_prefix(kAccountingRecord)) {
      if (!records.take(rest.substr(0, kAccountingRecord), number++))
        return records.note(State::cut, phrase("out of time"));
    }
  }
  records.note(left_out ? State::cut : State::read, left_out ? phrase("the newest 1,000,000 records") : Phrase());
}

void read_packed(int file, Records& records) {
  std::string part;
  std::int64_t number = 0;
  bool enough = false;
  auto why = unpack_file(file, [&](std::string_view piece) {
    part += piece;
    std::string_view rest = part;
    for (; rest.size() >= kAccountingRecord && !enough; rest.remove_prefix(kAccountingRecord))
      enough = !records.take(rest.substr(0, kAccountingRecord), number++) || number == kMostRecords;
    part.erase(0, part.size() - rest.size());
    return !enough;
  });
  records.note(enough || !why.empty() ? State::cut : State::read, enough ? phrase("not all was read") : Phrase(why));
}

bool is_packed_name(std::string_view name) {
  constexpr std::array<std::string_view, 4> kEndings = {".gz", ".xz", ".bz2", ".zst"};
  return std::any_of(kEndings.begin(), kEndings.end(), [&](auto ending) { return name.ends_with(ending); });
}

void read_file(const Scope& scope, const std::string& path, Reading& reading) {
  int error = 0;
  struct stat info {};
  auto file = scope.files.open(path, error);
  if (!file || ::fstat(file.get(), &info) != 0) return reading.notes.push_back(unread_note(kSource, path, error));
  bool old = scope.live() && (static_cast<Time>(info.st_mtim.tv_sec) + 86400) * kSecond < scope.since;
  if (old || info.st_size == 0) return;  // the last record came before
  Records records(&scope, path, reading);
  if (is_packed_name(path))
    read_packed(file.get(), records);
  else
    read_plain(scope, file.get(), info.st_size, records);
}

}  // namespace

Reading read_accounting(const Scope& scope) {
  Reading reading;
  for (std::string_view directory : {"/var/log/account", "/var/account"}) {
    int error = 0;
    auto names = scope.files.list(directory, error, 1000);
    if (error) reading.notes.push_back(unread_note(kSource, directory, error));
    std::size_t before = reading.notes.size();
    for (const auto& name : names) {
      if (!name.starts_with("pacct")) continue;
      if (scope.late()) {
        reading.notes.push_back(note_of(kSource, directory, State::cut, phrase("out of time")));
        break;
      }
      read_file(scope, fmt::format("{}/{}", directory, name), reading);
    }
    if (!error && reading.notes.size() == before)
      reading.notes.push_back(note_of(kSource, directory, State::read, "nothing of that time"));
  }
  settle_absent(reading.notes);
  return reading;
}

Reading read_accounting_file(std::string_view bytes, const std::string& name) {
  Reading reading;
  Records records(nullptr, name, reading);
  std::int64_t number = 0;
  for (; bytes.size() >= kAccountingRecord; bytes.remove_prefix(kAccountingRecord))
    records.take(bytes.substr(0, kAccountingRecord), number++);
  records.note(State::read);
  return reading;
}

bool looks_like_accounting(std::string_view head) {
  if (head.size() < kAccountingRecord) return false;
  for (int i = 0; i < 4 && head.size() >= kAccountingRecord; ++i, head.remove_prefix(kAccountingRecord)) {
    auto record = accounting_record(head);
    if (!record || head[kAccountingRecord - 1] != '\0') return false;  // strscpy() ends the name
  }
  return true;
}

}  // namespace stapkill
