#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "autopsy/logs/log_names.h"
#include "autopsy/logs/log_start.h"
#include "autopsy/logs/open_log.h"
#include "autopsy/logs/read_logs.h"
#include "sys/unpack.h"

namespace stapkill {
namespace {

constexpr std::string_view kFolder = "/var/log";
constexpr Time kSecond = 1'000'000'000;
constexpr Time kDay = Time{86400} * kSecond;
constexpr Time kOldest = Time{946684800} * kSecond;  // 2000: no file that has an earlier mtime tells it

Time mtime_of(const struct stat& info) {
  if (info.st_mtim.tv_sec < 0 || info.st_mtim.tv_sec > 7258118400) return 0;
  return Time{info.st_mtim.tv_sec} * kSecond + info.st_mtim.tv_nsec;
}

/// No line is from after it, by the file's mtime and name.
Time newest_line(const LogName& name, Time mtime, const Scope& scope) {
  Time newest = mtime < kOldest ? scope.now : std::min(mtime, scope.now);
  return name.rotated != 0 ? std::min(newest, name.rotated + kDay) : newest;
}

/// Reads each file once, though it has several names.
class Folder {
 public:
  Folder(const Scope& scope, const TakeEntry& take, std::vector<SourceNote>& notes)
      : scope_(scope), take_(take), notes_(notes), zone_(scope.zone) {}

  void read(const LogName& name) {
    OpenLog log;
    log.path = std::string(kFolder) + "/" + name.name;
    int error = 0;
    log.file = scope_.files.open(log.path, error);
    if (error == EISDIR || error == ENOENT) return;  // a directory of that name, or gone since
    if (!log.file) return notes_.push_back(note_of_error("log", log.path, error));
    struct stat info {};
    if (::fstat(log.file.get(), &info) != 0 || !seen_.emplace(info.st_dev, info.st_ino).second) return;
    log.size = static_cast<std::uint64_t>(info.st_size);
    log.newest = newest_line(name, mtime_of(info), scope_);
    log.since = scope_.since;
    log.until = scope_.until;
    std::string head;
    log.packed = read_piece(log.file.get(), 0, 8, head) && is_packed(head);
    if (log.size == 0) return;
    read(log);
  }

 private:
  void read(const OpenLog& log) {
    if (log.newest + kDay < scope_.since) return;
    if (scope_.late()) {
      SourceNote note{SourceNote::State::cut, "log", log.path, phrase("time was up")};
      return notes_.push_back(note);
    }
    LineClock clock(zone_, log.newest, scope_.boots);
    notes_.push_back(log.packed ? read_packed_log(log, scope_, clock, budget_, take_)
                                : read_plain_log(log, scope_, clock, take_));
  }

  const Scope& scope_;
  const TakeEntry& take_;
  std::vector<SourceNote>& notes_;
  TimeZone zone_;
  std::set<std::pair<dev_t, ino_t>> seen_;
  UnpackBudget budget_;
};

}  // namespace

void read_text_logs(const Scope& scope, const TakeEntry& take, std::vector<SourceNote>& notes) {
  int error = 0;
  auto names = scope.files.list(kFolder, error);
  auto logs = known_logs(names);
  if (error || logs.empty()) return notes.push_back(note_of_error("log", std::string(kFolder), error ? error : ENOENT));
  Folder folder(scope, take, notes);
  for (const auto& log : logs) folder.read(log);
}

}  // namespace stapkill
