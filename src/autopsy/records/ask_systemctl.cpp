#include <fmt/format.h>
#include <sys/stat.h>

#include <csignal>

#include "autopsy/records/cgroups.h"
#include "autopsy/records/read_records.h"
#include "autopsy/records/systemctl_show.h"
#include "sys/child.h"

namespace stapkill {
namespace {

constexpr std::string_view kProgram = "/usr/bin/systemctl";
constexpr std::size_t kMostUnits = 50;
constexpr const char* kProperties =
    "Id,Result,ExecMainPID,ExecMainCode,ExecMainStatus,ExecMainExitTimestamp,ExecMainStartTimestamp,"
    "NRestarts,MemoryMax,OOMPolicy,StatusErrno,ActiveState,SubState,InvocationID,MemoryPeak";
constexpr int kSeconds = 8;

/// sd_booted(3).
bool is_systemd_running() {
  struct stat info {};
  return ::lstat("/run/systemd/system", &info) == 0 && S_ISDIR(info.st_mode);
}

Result<Finished> ask(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), std::string(kProgram));
  ChildOptions options;
  options.argv = std::move(arguments);
  // Times in UTC: a zone's abbreviation can be of several.
  options.environment = {{"LC_ALL", "C"}, {"TZ", "UTC"}, {"SYSTEMD_PAGER", ""}, {"SYSTEMD_COLORS", "0"}};
  options.only_environment = true;
  options.parent_death_signal = SIGKILL;
  options.most_output = 1 << 20;
  return run_child(options, kSeconds);
}

/// The first word of each line.
std::vector<std::string> units_in(std::string_view text) {
  std::vector<std::string> units;
  while (!text.empty() && units.size() < kMostUnits) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto name = line.substr(0, line.find(' '));
    if (name.find('.') != std::string_view::npos && !name.starts_with('-')) units.emplace_back(name);
  }
  return units;
}

/// systemctl takes a name for a service, and other words for options, paths or devices.
bool may_be_unit(const std::string& name) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.@-\\";
  return !name.empty() && name.size() < 256 && name[0] != '-' && name[0] != '.' &&
         name.find_first_not_of(allowed) == std::string::npos;
}

}  // namespace

void ask_failed_units(const std::vector<std::string>& wanted, Reading& reading) {
  SourceNote note;
  note.source = "systemctl";
  note.path =
      wanted.empty() ? "systemctl show, of failed units" : "systemctl show, of failed units and the one asked for";
  if (!is_systemd_running()) {
    note.detail = "systemd does not run here";
    note.state = SourceNote::State::absent;
    reading.notes.push_back(std::move(note));
    return;
  }
  auto listed = ask({"list-units", "--state=failed,auto-restart", "--plain", "--no-legend", "--no-pager"});
  auto units = listed && listed->status == 0 ? units_in(listed->out) : std::vector<std::string>();
  auto failed = [&](const Result<Finished>& asked) {
    note.state = SourceNote::State::broken;
    note.detail = asked ? Phrase(asked->err.substr(0, 200)) : asked.error().message;
  };
  for (const auto& name : wanted) {
    if (may_be_unit(name)) units.push_back(name);
  }
  note.detail = fmt::format("{} units", units.size());
  if (!listed || listed->status != 0) failed(listed);
  if (!units.empty()) {
    units.insert(units.begin(), {"show", "--no-pager", "-p", kProperties, "--"});
    auto shown = ask(std::move(units));
    if (shown && shown->status == 0) {
      for (auto& one : show_findings(shown->out, "systemctl show")) reading.findings.push_back(std::move(one));
    } else {
      failed(shown);
    }
  }
  reading.notes.push_back(std::move(note));
}

Reading read_cgroups(const Scope& scope) {
  Reading reading;
  read_counters(scope, reading);
  if (!scope.live()) return reading;
  Reading asked;
  ask_failed_units(scope.units, asked);
  for (auto& one : asked.findings) {
    bool in_scope = one.time == 0 || (one.time + one.doubt >= scope.since && one.time - one.doubt <= scope.until);
    if (in_scope) reading.findings.push_back(std::move(one));
  }
  for (auto& one : asked.notes) reading.notes.push_back(std::move(one));
  return reading;
}

}  // namespace stapkill
