#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

#include "autopsy/records/core_facts.h"
#include "autopsy/records/core_finding.h"
#include "autopsy/records/core_names.h"
#include "autopsy/records/crash_reports.h"
#include "autopsy/records/notes.h"
#include "base/signals.h"
#include "model/cgroup_names.h"
#include "model/containers.h"

namespace stapkill {
namespace {

using State = SourceNote::State;

constexpr std::string_view kSource = "core";
constexpr std::size_t kMostCrashes = 1000;
constexpr uid_t kFirstOfPeople = 500;  // login.defs(5), UID_MIN: 1000, and 500 on EL6

/// The files of one crash.
class Crash {
 public:
  Crash(const HostFiles& files, std::string path) : files_(files), path_(std::move(path)) {}

  std::string element(std::string_view name) const {
    int error = 0;
    auto text = files_.read(fmt::format("{}/{}", path_, name), 16 << 10, error).value_or("");
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }

  std::int64_t number(std::string_view name) const { return number_or(element(name), -1); }

  std::optional<CoreFacts> core() const {
    int error = 0;
    for (std::string_view name : {"coredump", "coredump.zst", "coredump.xz", "coredump.lz4"}) {
      auto file = files_.open(fmt::format("{}/{}", path_, name), error);
      if (!file) continue;
      auto facts = core_facts(file.get(), name != "coredump");
      return facts && facts->by_kernel && facts->signal ? std::optional(*facts) : std::nullopt;
    }
    return std::nullopt;
  }

  const std::string& path() const { return path_; }

 private:
  const HostFiles& files_;
  std::string path_;
};

/// "nginx killed by SIGSEGV" (2.1 and later), "Process /usr/sbin/nginx was killed by signal 11 (SIGSEGV)" (2.0, EL6).
int signal_in(std::string_view reason) {
  auto at = reason.rfind("SIG");
  if (at == std::string_view::npos) return 0;
  auto name = reason.substr(at);
  return parse_signal(name.substr(0, name.find_first_of(") \n"))).value_or(0);
}

bool is_native(const Crash& crash) {
  auto type = crash.element("type");
  if (type.empty()) type = crash.element("analyzer");
  return type == "CCpp";
}

CoreOrigin origin_of(const Crash& crash) {
  CoreOrigin origin;
  auto pid = crash.number("global_pid");
  if (pid <= 0) pid = crash.number("pid");
  if (pid > 0 && pid <= INT32_MAX) origin.pid = static_cast<int>(pid);
  if (auto uid = crash.number("uid"); uid >= 0) origin.uid = uid;
  if (auto time = crash.number("time"); time > 0) set_second(origin, time);  // %t of core(5)
  origin.signal = signal_in(crash.element("reason"));
  origin.exe = crash.element("executable");
  origin.hostname = crash.element("hostname");
  origin.place = crash.path();
  return origin;
}

void tell_group(const Crash& crash, Party& party) {
  auto groups = crash.element("cgroup");  // /proc/PID/cgroup
  auto colons = groups.find("::");
  if (colons != std::string::npos) {
    party.cgroup = groups.substr(colons + 2, groups.find('\n', colons) - colons - 2);
    party.unit = outermost_unit_of(party.cgroup).value_or("");
    if (auto container = container_of(party.cgroup)) party.container = container->id;
  }
  if (party.container.empty()) party.container = crash.element("container_id");
}

void read_crash(const Scope& scope, const Crash& crash, Reading& reading) {
  auto facts = crash.core();
  auto finding = core_finding(origin_of(crash), facts ? &*facts : nullptr);
  if (auto cmdline = crash.element("cmdline"); !cmdline.empty()) finding.subject.cmdline = cmdline;
  tell_group(crash, finding.subject);
  finding.through = "abrt";
  if (finding.quote.empty()) finding.quote = crash.element("reason").substr(0, kLongestQuote);
  keep_in_scope(scope, std::move(finding), reading.findings);
}

/// Anybody can make a directory in /var/tmp: abrt's own is root's, or its user's (EL6).
bool is_abrts(const Scope& scope, std::string_view directory) {
  struct stat info {};
  return !scope.live() || ::stat(scope.files.outside(directory).c_str(), &info) != 0 || info.st_uid < kFirstOfPeople;
}

void read_directory(const Scope& scope, std::string_view directory, Reading& reading) {
  int error = 0;
  if (!is_abrts(scope, directory))
    return reading.notes.push_back(note_of(kSource, directory, State::broken, phrase("it is a user's, not abrt's")));
  auto names = scope.files.list(directory, error);
  if (error) return reading.notes.push_back(unread_note(kSource, directory, error));
  std::size_t crashes = 0, others = 0, closed = 0;
  for (const auto& name : names) {
    Crash crash(scope.files, fmt::format("{}/{}", directory, name));
    if (scope.late() || crashes == kMostCrashes)
      return reading.notes.push_back(note_of(kSource, directory, State::cut, phrase("{} crashes", crashes)));
    scope.files.list(crash.path(), error, 1);
    if (error == EACCES || error == EPERM) ++closed;
    if (error) continue;
    auto native = is_native(crash);
    ++(native ? crashes : others);
    if (native) read_crash(scope, crash, reading);
  }
  if (closed) reading.notes.push_back(unread_note(kSource, directory, EACCES));
  auto detail = fmt::format("{} crashes, {} of other kinds", crashes, others);
  reading.notes.push_back(note_of(kSource, directory, State::read, detail));
}

}  // namespace

void read_abrt(const Scope& scope, Reading& reading) {
  for (std::string_view directory : {"/var/spool/abrt", "/var/tmp/abrt"}) read_directory(scope, directory, reading);
}

}  // namespace stapkill
