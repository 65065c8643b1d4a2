#include "autopsy/records/package_logs.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>

#include "autopsy/records/civil_times.h"
#include "autopsy/records/notes.h"

namespace stapkill {
namespace {

using State = SourceNote::State;

constexpr std::string_view kSource = "packages";
constexpr Time kSecond = 1'000'000'000;
constexpr Time kPause = 300 * kSecond;  // a longer one between two packages: another run
constexpr std::size_t kNamed = 5;       // packages that a reason names
constexpr std::size_t kMostNames = 100'000;
constexpr std::int64_t kMostBytes = 1 << 20;

std::string_view take_line(std::string_view& text) {
  auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// "+0100", "+01:00" or "Z" in front of a text: seconds east of UTC. None: the text has no zone.
std::optional<std::int64_t> take_zone(std::string_view& text) {
  if (text.starts_with('Z')) {
    text.remove_prefix(1);
    return 0;
  }
  if (!text.starts_with('+') && !text.starts_with('-')) return std::nullopt;
  if (text.size() < 3) return std::nullopt;
  auto colon = text.substr(3).starts_with(':');
  auto digits = text.substr(1, 2), rest = text.substr(std::min<std::size_t>(colon ? 4 : 3, text.size()), 2);
  auto hours = number_or(digits, -1), minutes = number_or(rest, -1);
  if (hours < 0 || minutes < 0 || hours > 23) return std::nullopt;
  std::int64_t sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(std::min<std::size_t>(colon ? 6 : 5, text.size()));
  return sign * (hours * 3600 + minutes * 60);
}

/// One package in a log.
struct Change {
  TimeZone::Zoned when;
  std::string_view package, command;
};

/// "nginx-1:1.20.1-14.el9.x86_64" behind one of the verbs, or nothing. dnf 4 writes what goes as "Upgraded" and
/// "Cleanup", after the "Upgrade" of what comes.
std::string_view rpm_package(std::string_view text) {
  constexpr std::array<std::string_view, 9> kVerbs = {
      "Install: ",   "Installed: ", "Update: ",    "Updated: ", "Upgrade: ",
      "Reinstall: ", "Erase: ",     "Downgrade: ", "Erased: "};
  for (auto verb : kVerbs) {
    auto at = text.find(verb);
    if (at == std::string_view::npos || (at > 0 && text[at - 1] != ' ')) continue;
    auto name = text.substr(at + verb.size());
    return name.substr(0, name.find(' '));
  }
  return {};
}

/// "installed nginx (1.26.0-1)", "upgraded nginx (1.24-1 -> 1.26-1)"
std::string_view pacman_package(std::string_view text) {
  for (std::string_view verb : {"installed ", "upgraded ", "removed ", "reinstalled ", "downgraded "}) {
    if (!text.starts_with(verb)) continue;
    auto name = text.substr(verb.size());
    return name.substr(0, name.find(' '));
  }
  return {};
}

/// "|install|nginx|1.21-1|x86_64|…" and "|command|root@web1|'zypper' 'up'|"
void take_zypp(std::string_view text, Change& change) {
  auto field = [&] {
    text.remove_prefix(std::min<std::size_t>(1, text.size()));
    auto part = text.substr(0, text.find('|'));
    text.remove_prefix(part.size());
    while (part.ends_with(' ')) part.remove_suffix(1);
    return part;
  };
  auto action = field(), name = field();
  if (action == "install" || action == "remove") change.package = name;
  if (action == "command") change.command = field();
}

/// A stamp without a year is of the last one that is no later than `newest`.
TimeZone::Zoned with_year(CivilTime time, const TimeZone& zone, Time newest) {
  auto seconds = static_cast<std::time_t>(newest / kSecond);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  time.year = parts.tm_year + 1901;
  auto zoned = zone.time_of(time);
  for (int back = 0; back < 2 && zoned.time > newest + kSecond; ++back) {
    --time.year;
    zoned = zone.time_of(time);
  }
  return zoned;
}

std::optional<Change> change_of(std::string_view line, const TimeZone& zone, Time newest) {
  Change change;
  bool bracket = line.starts_with('[');
  if (bracket) line.remove_prefix(1);
  if (auto time = parse_civil(line, line)) {
    change.when = zone.time_of(*time);
    static const TimeZone kUtc("UTC0");
    if (auto east = take_zone(line)) change.when = {kUtc.time_of(*time).time - *east * kSecond, 0};
  } else if (auto yearless = parse_month_first(line, line)) {
    change.when = with_year(*yearless, zone, newest);
  } else {
    return std::nullopt;
  }
  if (line.starts_with('|'))
    take_zypp(line, change);
  else if (bracket && line.starts_with("] [ALPM] "))
    change.package = pacman_package(line.substr(9));
  else if (bracket && line.starts_with("] [PACMAN] Running '"))
    change.command = line.substr(20, line.rfind('\'') - 20);
  else
    change.package = rpm_package(line);
  return change;
}

/// Changes that belong to one run of a package manager.
class Run {
 public:
  Run(std::string_view place, std::vector<Finding>& findings) : place_(place), findings_(findings) {}

  void add(const Change& change) {
    bool far = change.when.time < until_ - kPause || change.when.time > until_ + kPause;
    if (far || !change.command.empty()) finish();
    if (!since_) since_ = change.when.time;
    until_ = std::max(since_, change.when.time);
    doubt_ = std::max(doubt_, change.when.doubt);
    if (!change.command.empty()) command_ = change.command;
    if (change.package.empty() || names_.size() == kMostNames) return;
    bool added = names_.emplace(change.package).second;
    if (added && named_.size() < kNamed) named_.emplace_back(change.package.substr(0, 64));
  }

  void finish() {
    if (!names_.empty()) {
      Finding finding;
      finding.kind = Finding::Kind::packages;
      finding.source = kSource;
      finding.place = place_;
      finding.time = since_;
      finding.doubt = until_ - since_ + doubt_ + kSecond;
      finding.actor.cmdline = command_;
      finding.reason = fmt::format("{} package{}: ", names_.size(), names_.size() == 1 ? "" : "s");
      finding.reason += fmt::format("{}{}", fmt::join(named_, ", "), named_.size() < names_.size() ? ", …" : "");
      findings_.push_back(std::move(finding));
    }
    names_.clear();
    named_.clear();
    command_.clear();
    since_ = until_ = doubt_ = 0;
  }

 private:
  std::string place_, command_;
  std::vector<Finding>& findings_;
  std::set<std::string, std::less<>> names_;
  std::vector<std::string> named_;  // the first of them
  Time since_ = 0, until_ = 0, doubt_ = 0;
};

/// "alice (1000)"
void take_user(std::string_view text, Party& party) {
  auto open = text.rfind(" (");
  party.user = text.substr(0, open);
  if (open == std::string_view::npos) return;
  auto digits = text.substr(open + 2);
  if (auto uid = number_or(digits.substr(0, digits.find(')')), -1); uid >= 0) party.uid = uid;
}

/// "nginx:amd64 (1.22.1-9, 1.22.1-9+deb12u1), libc6:amd64 (2.36-9)"
void take_names(std::string_view list, Change change, Run& run) {
  while (!list.empty()) {
    auto end = list.find("), ");
    auto one = list.substr(0, end);
    change.package = one.substr(0, one.find_first_of(": "));
    run.add(change);
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 3);
  }
}

struct PackageLog {
  std::string_view path;
  bool is_history;  // apt's
};
constexpr std::array kLogs = {
    PackageLog{"/var/log/apt/history.log", true}, PackageLog{"/var/log/dnf.rpm.log", false},
    PackageLog{"/var/log/yum.log", false},        PackageLog{"/var/log/zypp/history", false},
    PackageLog{"/var/log/pacman.log", false},
};

std::string newest_bytes(int file, std::int64_t size) {
  auto at = std::max<std::int64_t>(0, size - kMostBytes);
  std::string bytes(static_cast<std::size_t>(size - at), '\0');
  auto got = ::pread(file, bytes.data(), bytes.size(), at);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  if (at > 0) bytes.erase(0, bytes.find('\n') + 1);  // the rest of a line
  return bytes;
}

void read_log(const Scope& scope, const PackageLog& log, const TimeZone& zone, Reading& reading) {
  int error = 0;
  struct stat info {};
  auto file = scope.files.open(log.path, error);
  if (!file || ::fstat(file.get(), &info) != 0) return reading.notes.push_back(unread_note(kSource, log.path, error));
  auto text = newest_bytes(file.get(), info.st_size);
  std::vector<Finding> findings;
  if (log.is_history)
    take_apt_history(text, zone, log.path, findings);
  else
    take_package_lines(text, zone, static_cast<Time>(info.st_mtim.tv_sec) * kSecond, log.path, findings);
  for (auto& finding : findings) keep_in_scope(scope, std::move(finding), reading.findings);
  bool cut = info.st_size > kMostBytes;
  reading.notes.push_back(
      note_of(kSource, log.path, cut ? State::cut : State::read, cut ? phrase("its newest MiB") : Phrase()));
}

}  // namespace

void take_apt_history(std::string_view text, const TimeZone& zone, std::string_view place,
                      std::vector<Finding>& findings) {
  Run run(place, findings);
  Change change;
  Party actor;
  auto finish = [&] {
    auto before = findings.size();
    run.finish();
    if (findings.size() > before) findings.back().actor = actor;
    change = {};
    actor = {};
  };
  while (!text.empty()) {
    auto line = take_line(text);
    auto colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    auto key = line.substr(0, colon), value = line.substr(colon + 2);
    if (key == "Start-Date") finish();
    if (key == "Start-Date" || key == "End-Date") {
      std::string_view rest;
      if (auto time = parse_civil(value, rest)) change.when = zone.time_of(*time);
    }
    if (key == "Commandline") actor.cmdline = value;
    if (key == "Requested-By") take_user(value, actor);
    bool list = key == "Install" || key == "Reinstall" || key == "Upgrade" || key == "Downgrade" || key == "Remove" ||
                key == "Purge";
    if (change.when.time && list) take_names(value, change, run);
    if (change.when.time && key == "End-Date") run.add(change);  // it lasted until then
  }
  finish();
}

void take_package_lines(std::string_view text, const TimeZone& zone, Time newest, std::string_view place,
                        std::vector<Finding>& findings) {
  Run run(place, findings);
  while (!text.empty()) {
    auto change = change_of(take_line(text), zone, newest);
    if (change && (!change->package.empty() || !change->command.empty())) run.add(*change);
  }
  run.finish();
}

void read_package_logs(const Scope& scope, Reading& reading) {
  TimeZone zone(scope.zone);
  std::vector<SourceNote> notes;
  std::swap(notes, reading.notes);
  for (const auto& log : kLogs) {
    if (!scope.late()) read_log(scope, log, zone, reading);
  }
  settle_absent(reading.notes);
  notes.insert(notes.end(), reading.notes.begin(), reading.notes.end());
  reading.notes = std::move(notes);
}

}  // namespace stapkill
