#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "autopsy/records/bytes.h"
#include "autopsy/records/core_facts.h"
#include "autopsy/records/core_finding.h"
#include "autopsy/records/core_names.h"
#include "autopsy/records/core_notes.h"
#include "autopsy/records/crash_reports.h"
#include "autopsy/records/notes.h"
#include "autopsy/records/read_records.h"
#include "host/ask.h"

namespace stapkill {
namespace {

using State = SourceNote::State;

constexpr std::string_view kSource = "core";
constexpr std::string_view kCoredumps = "/var/lib/systemd/coredump";
constexpr std::size_t kMostCores = 1000;  // of a directory
constexpr Time kSecond = 1'000'000'000;
constexpr std::int64_t kSlowest = 50'000'000;  // bytes a second that a dump is written with, at least
// Where a core goes whose pattern is "core": the process's directory. Those of daemons, and where people put cores.
constexpr std::array<std::string_view, 6> kPlaces = {"/", "/root", "/var/crash", "/var/core", "/cores", "/tmp"};

/// The mtime of a core that the kernel wrote is when the dump was complete. A copy has that of the copying.
void take_inode(const struct stat& info, CoreOrigin& origin) {
  if (origin.time) return;
  origin.time = static_cast<Time>(info.st_mtim.tv_sec) * kSecond + info.st_mtim.tv_nsec;
  auto written = static_cast<std::int64_t>(info.st_blocks) * 512 / kSlowest;
  origin.doubt = (5 + std::min<std::int64_t>(written, 3600)) * kSecond;
}

std::string attribute(int file, const char* name) {
  char value[4096];
  auto size = ::fgetxattr(file, name, value, sizeof value);
  return size > 0 ? std::string(value, static_cast<std::size_t>(size)) : std::string();
}

/// systemd src/coredump/coredump.c, fix_xattr(), versions 215 to 257: texts; the time was one in seconds until 228.
void take_attributes(int file, CoreOrigin& origin) {
  auto number = [&](const char* name) { return number_or(attribute(file, name), -1); };
  if (auto pid = number("user.coredump.pid"); pid > 0 && pid <= INT32_MAX) origin.pid = static_cast<int>(pid);
  if (auto uid = number("user.coredump.uid"); uid >= 0 && uid <= UINT32_MAX) origin.uid = uid;
  if (auto signal = number("user.coredump.signal"); signal > 0 && signal <= 64)
    origin.signal = static_cast<int>(signal);
  if (auto comm = attribute(file, "user.coredump.comm"); !comm.empty()) origin.comm = comm;
  if (auto exe = attribute(file, "user.coredump.exe"); !exe.empty()) origin.exe = exe;
  origin.hostname = attribute(file, "user.coredump.hostname");
}

/// Puts what was left out of one kind into a sentence.
struct Counts {
  std::size_t cores = 0, without = 0, debuggers = 0, owners = 0, strange = 0;

  Phrase words() const {
    auto text = cores == 1 ? phrase("{} core", cores) : phrase("{} cores", cores);
    if (without) text += phrase(", {} without what the core itself says", without);
    if (debuggers) text += phrase(", {} of processes that lived on (a debugger's)", debuggers);
    if (owners) text += phrase(", {} passed over: the owner is another than the core's user", owners);
    if (strange) text += phrase(", {} that cannot be read", strange);
    return text;
  }
};

class CoreReader {
 public:
  CoreReader(const Scope& scope, Reading& reading) : scope_(scope), reading_(reading) {}

  void coredumps() {
    int error = 0;
    auto names = scope_.files.list(kCoredumps, error);
    if (error) return reading_.notes.push_back(unread_note(kSource, kCoredumps, error));
    Counts counts;
    std::string why;
    for (const auto& name : names) {
      auto named = coredump_name(name);
      if (!named || !can_be(named->origin)) continue;
      if (scope_.late() || counts.cores == kMostCores) return cut(kCoredumps, counts);
      ++counts.cores;
      coredump(fmt::format("{}/{}", kCoredumps, name), *named, counts, why);
    }
    auto detail = counts.words();
    if (!why.empty()) detail += phrase(" ({})", why);
    reading_.notes.push_back(note_of(kSource, kCoredumps, State::read, detail));
  }

  /// Cores whose names `match` takes.
  template <typename Match>
  void plain(std::string_view directory, const Match& match) {
    int error = 0;
    auto names = scope_.files.list(directory, error);
    if (error) return reading_.notes.push_back(unread_note(kSource, directory, error));
    Counts counts;
    for (const auto& name : names) {
      auto origin = match(name);
      if (!origin || !can_be(*origin)) continue;
      if (scope_.late() || counts.cores == kMostCores) return cut(directory, counts);
      plain_core(fmt::format("{}/{}", directory == "/" ? "" : directory, name), *origin, counts);
    }
    if (counts.cores || counts.strange || counts.owners)
      reading_.notes.push_back(note_of(kSource, directory, State::read, counts.words()));
  }

 private:
  /// A name without a time can be of any.
  bool can_be(const CoreOrigin& origin) const {
    return origin.time == 0 ||
           (origin.time + origin.doubt >= scope_.since && origin.time - origin.doubt <= scope_.until);
  }

  void cut(std::string_view directory, const Counts& counts) {
    reading_.notes.push_back(note_of(kSource, directory, State::cut, counts.words() + phrase(", and more")));
  }

  void coredump(const std::string& path, const CoredumpName& named, Counts& counts, std::string& why) {
    auto origin = named.origin;
    origin.place = path;
    int error = 0;
    Result<CoreFacts> facts = fail("");
    if (auto file = scope_.files.open(path, error)) {
      take_attributes(file.get(), origin);
      facts = core_facts(file.get(), !named.compression.empty());
    } else {
      facts = fail(reason(error));
    }
    if (!facts) {
      ++counts.without;
      why = facts.error().message;
    }
    keep_in_scope(scope_, core_finding(origin, facts ? &*facts : nullptr), reading_.findings);
  }

  void plain_core(const std::string& path, CoreOrigin origin, Counts& counts) {
    int error = 0;
    struct stat info {};
    if (is_link(path)) return;
    auto file = scope_.files.open(path, error);
    if (!file || ::fstat(file.get(), &info) != 0) {
      if (error == EACCES || error == EPERM) reading_.notes.push_back(unread_note(kSource, path, error));
      return;
    }
    take_inode(info, origin);
    if (!can_be(origin)) return;
    auto facts = read_core_notes(file.get());
    if (!facts) return void(++counts.strange);
    if (!facts->by_kernel || facts->signal == 0) return void(++counts.debuggers);
    // In a directory that all may write in, anybody can put a core of somebody else's process.
    bool owned = !scope_.live() || info.st_uid == 0 || !facts->uid || info.st_uid == *facts->uid;
    if (!owned) return void(++counts.owners);
    ++counts.cores;
    origin.place = path;
    keep_in_scope(scope_, core_finding(origin, &*facts), reading_.findings);
  }

  bool is_link(const std::string& path) const {
    auto slash = path.rfind('/');
    auto directory = scope_.files.outside(slash == 0 ? "/" : std::string_view(path).substr(0, slash));
    struct stat info {};
    return ::lstat((directory + path.substr(slash)).c_str(), &info) != 0 || !S_ISREG(info.st_mode);
  }

  const Scope& scope_;
  Reading& reading_;
};

/// "core" and "core.PID" (kernel.core_uses_pid).
std::optional<CoreOrigin> usual_name(std::string_view name) {
  bool usual = name == "core" || (name.starts_with("core.") && number_or(name.substr(5), -1) > 0);
  return usual ? std::optional(CoreOrigin{}) : std::nullopt;
}

}  // namespace

Reading read_cores(const Scope& scope) {
  Reading reading;
  CoreReader cores(scope, reading);
  cores.coredumps();
  int error = 0;
  auto text = scope.files.read("/proc/sys/kernel/core_pattern", 4096, error);
  auto pattern = text ? CorePattern::parse(*text) : std::nullopt;
  if (pattern) cores.plain(pattern->directory(), [&](std::string_view name) { return pattern->match(name); });
  for (auto place : kPlaces) {
    if (!pattern || pattern->directory() != place) cores.plain(place, usual_name);
  }
  read_apport(scope, reading);
  read_abrt(scope, reading);
  settle_absent(reading.notes);
  return reading;
}

Reading read_core_file(const std::string& path, const std::string& name) {
  Reading reading;
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) {
    reading.notes.push_back(unread_note(kSource, name, errno));
    return reading;
  }
  auto slash = path.rfind('/');
  auto named = coredump_name(slash == std::string::npos ? path : path.substr(slash + 1));
  auto origin = named ? named->origin : CoreOrigin{};
  take_attributes(file.get(), origin);
  take_inode(info, origin);
  origin.place = name;
  auto facts = read_core_notes(file.get());
  if (!facts) {
    reading.notes.push_back(note_of(kSource, name, State::broken, facts.error().message));
  } else if (!facts->by_kernel || facts->signal == 0) {
    reading.notes.push_back(note_of(kSource, name, State::read, "a debugger wrote it of a process that lived on"));
  } else {
    reading.notes.push_back(note_of(kSource, name, State::read, facts->truncated ? "truncated" : ""));
    reading.findings.push_back(core_finding(origin, &*facts));
  }
  return reading;
}

bool looks_like_core(std::string_view head) {
  return head.starts_with(ELFMAG) && head.size() >= sizeof(Elf32_Ehdr) &&
         number_at<std::uint16_t>(head, offsetof(Elf64_Ehdr, e_type)) == ET_CORE;
}

}  // namespace stapkill
