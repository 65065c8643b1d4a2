#include "autopsy/records/audit_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <limits>
#include <string>

#include "autopsy/audit_record.h"
#include "autopsy/records/audit_lines.h"

namespace stapkill {
namespace {

constexpr std::uint64_t kProbe = 64 << 10, kPiece = 256 << 10;
/// Records of events that take long are written late: their stamp is of the call's start.
constexpr Time kOutOfOrder = 60'000'000'000;

Time before(Time time) {
  return time < std::numeric_limits<Time>::min() + kOutOfOrder ? time : time - kOutOfOrder;
}
Time after(Time time) {
  return time > std::numeric_limits<Time>::max() - kOutOfOrder ? time : time + kOutOfOrder;
}

/// Bytes at an offset; fewer at the end. An errno in `error`.
std::string bytes_at(int file, std::uint64_t offset, std::uint64_t count, int& error) {
  std::string bytes(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    auto got = ::pread(file, bytes.data() + have, count - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

/// An offset at or before the first record that is not before `since`: the records are nearly in order.
std::uint64_t offset_of(int file, std::uint64_t size, Time since, int& error) {
  std::uint64_t low = 0, high = size;
  while (high - low > kProbe && !error) {
    auto middle = low + (high - low) / 2;
    auto stamp = first_audit_stamp(bytes_at(file, middle, kProbe, error));
    if (stamp && *stamp < since) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

/// Gives lines of a file from an offset to its end, as it was when reading began.
class FileLines {
 public:
  FileLines(int file, std::uint64_t from, std::uint64_t size)
      : file_(file), at_(from), size_(size), inside_(from > 0) {}

  /// The next piece's lines; false at the end.
  template <class Take>
  bool next(int& error, Take take) {
    if (at_ >= size_) {
      if (!rest_.empty() && !inside_) take(std::string_view(rest_));
      return false;
    }
    auto piece = bytes_at(file_, at_, std::min(kPiece, size_ - at_), error);
    if (piece.empty() || error) return false;
    at_ += piece.size();
    rest_ += piece;
    std::size_t start = 0;
    for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', start)) {
      // The first line begins before the offset.
      if (!inside_) take(std::string_view(rest_).substr(start, end - start));
      inside_ = false;
      start = end + 1;
    }
    rest_.erase(0, start);
    if (rest_.size() > kLongestAuditLine) {
      rest_.clear();
      inside_ = true;
    }
    return true;
  }

 private:
  int file_;
  std::uint64_t at_, size_;
  bool inside_;  ///< of a line that is left out
  std::string rest_;
};

}  // namespace

AuditPart read_audit_file(int file, const Scope& scope, std::uint64_t most, std::vector<Finding>& findings) {
  AuditPart part;
  struct stat info {};
  if (::fstat(file, &info) != 0) {
    part.error = errno;
    return part;
  }
  auto size = static_cast<std::uint64_t>(std::max<off_t>(info.st_size, 0));
  auto from = offset_of(file, size, before(scope.since), part.error);
  if (size - from > most) {
    from = size - most;
    part.older_left_out = true;
  }
  AuditLines lines;
  std::vector<Finding> found, kept;
  auto keep = [&] {
    for (auto& finding : found) {
      if (scope.has(finding.time)) kept.push_back(std::move(finding));
    }
    found.clear();
    part.older_left_out = keep_newest(kept) || part.older_left_out;
  };
  FileLines pieces(file, from, size);
  while (!part.error && pieces.next(part.error, [&](std::string_view line) { lines.take(line, found); })) {
    keep();
    part.late = scope.late();
    if (part.late || lines.last() > after(scope.until)) break;
  }
  lines.finish(found);
  part.first = lines.first();
  part.last = lines.last();
  keep();
  std::move(kept.begin(), kept.end(), std::back_inserter(findings));
  return part;
}

std::optional<Time> first_record_of(int file) {
  int error = 0;
  return first_audit_stamp(bytes_at(file, 0, kProbe, error));
}

}  // namespace stapkill
