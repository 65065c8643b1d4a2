#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>

#include "autopsy/records/civil_times.h"
#include "autopsy/records/core_finding.h"
#include "autopsy/records/crash_reports.h"
#include "autopsy/records/notes.h"
#include "autopsy/records/read_records.h"
#include "base/signals.h"

namespace stapkill {
namespace {

using State = SourceNote::State;
using Fields = std::map<std::string_view, std::string_view, std::less<>>;

constexpr std::string_view kSource = "core";
constexpr std::string_view kDirectory = "/var/crash";
constexpr std::size_t kMostBytes = 256 << 10;  // the core itself comes last, and is left out
constexpr std::size_t kMostReports = 1000;
constexpr Time kSecond = 1'000'000'000;
constexpr Time kAnyZone = Time{26} * 3600 * kSecond;  // between the clocks of two places: UTC-12 to UTC+14

/// "Key: value", or "Key:" and lines that begin with a space: problem_report.py, ProblemReport.write(). The values keep
/// their line ends and those spaces. A key's first value counts.
Fields fields_of(std::string_view report) {
  Fields fields;
  std::string_view key;
  const char* begin = nullptr;
  auto finish = [&](const char* end) {
    if (begin) fields.emplace(key, std::string_view(begin, static_cast<std::size_t>(end - begin)));
    begin = nullptr;
  };
  while (!report.empty()) {
    auto end = report.find('\n');
    auto line = report.substr(0, end);
    auto colon = line.find(':');
    if (!line.starts_with(' ')) {
      finish(line.data());
      if (colon == std::string_view::npos) break;
      key = line.substr(0, colon);
      begin = line.data() + colon + 1;
    }
    if (end == std::string_view::npos) {
      finish(line.data() + line.size());
      break;
    }
    report.remove_prefix(end + 1);
    if (report.empty()) finish(report.data());
  }
  return fields;
}

std::string_view stripped(std::string_view text) {
  auto first = text.find_first_not_of(" \n\t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \n\t") - first + 1);
}

std::string_view value_of(const Fields& fields, std::string_view key) {
  auto at = fields.find(key);
  return at == fields.end() ? std::string_view() : stripped(at->second);
}

/// A line "Key:\tvalue" of /proc/PID/status.
std::string_view status_of(std::string_view status, std::string_view key) {
  while (!status.empty()) {
    auto end = status.find('\n');
    auto line = stripped(status.substr(0, end));
    if (line.starts_with(key) && line.substr(key.size()).starts_with(':')) return stripped(line.substr(key.size() + 1));
    status.remove_prefix(end == std::string_view::npos ? status.size() : end + 1);
  }
  return {};
}

int pid_of(std::string_view status, std::string_view key) {
  auto pid = number_or(status_of(status, key), 0);
  return pid > 0 && pid <= INT32_MAX ? static_cast<int>(pid) : 0;
}

Party party_of(const Fields& fields) {
  Party party;
  auto status = value_of(fields, "ProcStatus");
  party.comm = status_of(status, "Name");
  party.pid = pid_of(status, "Tgid");
  if (!party.pid) party.pid = pid_of(status, "Pid");
  party.parent = pid_of(status, "PPid");
  auto uids = status_of(status, "Uid");  // real, effective, saved, of files
  if (auto uid = number_or(uids.substr(0, uids.find_first_of(" \t")), -1); uid >= 0) party.uid = uid;
  party.exe = value_of(fields, "ExecutablePath");
  party.cmdline = value_of(fields, "ProcCmdline");
  return party;
}

/// The last line of a traceback is the exception: "ValueError: no such host".
std::string_view exception_of(std::string_view traceback) {
  auto end = traceback.rfind('\n');
  return stripped(end == std::string_view::npos ? traceback : traceback.substr(end + 1));
}

void tell_end(const Fields& fields, Finding& finding) {
  auto signal = number_or(value_of(fields, "Signal"), 0);
  if (signal > 0 && signal <= 64) {
    finding.kind = Finding::Kind::core;
    finding.signal = static_cast<int>(signal);
    finding.reason = signal_name(finding.signal);
    if (auto assertion = value_of(fields, "AssertionMessage"); !assertion.empty())
      finding.reason += fmt::format(": {}", assertion.substr(0, kLongestQuote));
  } else if (auto traceback = value_of(fields, "Traceback"); !traceback.empty()) {
    finding.kind = Finding::Kind::note;
    finding.reason = fmt::format("an exception ended it: {}", exception_of(traceback).substr(0, kLongestQuote));
  }
}

void read_report(const Scope& scope, const std::string& path, const TimeZone& zone, Reading& reading) {
  int error = 0;
  struct stat info {};
  auto bytes = scope.files.read(path, kMostBytes, error);
  if (!bytes) return reading.notes.push_back(unread_note(kSource, path, error));
  auto file = scope.files.open(path, error);
  if (!file || ::fstat(file.get(), &info) != 0) return;
  if (auto finding =
          apport_finding(*bytes, path, zone, scope.live() ? std::optional<std::int64_t>(info.st_uid) : std::nullopt))
    keep_in_scope(scope, std::move(*finding), reading.findings);
}

}  // namespace

std::optional<Finding> apport_finding(std::string_view report, const std::string& name, const TimeZone& zone,
                                      std::optional<std::int64_t> owner) {
  auto fields = fields_of(report);
  if (value_of(fields, "ProblemType") != "Crash") return std::nullopt;
  Finding finding;
  tell_end(fields, finding);
  if (finding.reason.empty()) return std::nullopt;
  finding.subject = party_of(fields);
  if (owner && *owner != 0 && finding.subject.uid != owner) return std::nullopt;
  finding.source = kSource;
  finding.through = "apport";
  finding.place = name;
  if (auto date = parse_asctime(value_of(fields, "Date"))) {
    auto zoned = zone.time_of(*date);
    finding.time = zoned.time + kSecond / 2;
    finding.doubt = zoned.doubt + 2 * kSecond;  // apport starts when the dump does
  }
  finding.quote = fmt::format("ExecutablePath: {}, Date: {}, Signal: {}", finding.subject.exe, value_of(fields, "Date"),
                              value_of(fields, "Signal"))
                      .substr(0, kLongestQuote);
  return finding;
}

void read_apport(const Scope& scope, Reading& reading) {
  int error = 0;
  auto names = scope.files.list(kDirectory, error);
  if (error) return reading.notes.push_back(unread_note(kSource, kDirectory, error));
  TimeZone zone(scope.zone);
  std::size_t reports = 0;
  for (const auto& name : names) {
    if (!name.ends_with(".crash")) continue;
    if (scope.late() || reports == kMostReports)
      return reading.notes.push_back(note_of(kSource, kDirectory, State::cut, phrase("{} reports", reports)));
    ++reports;
    read_report(scope, fmt::format("{}/{}", kDirectory, name), zone, reading);
  }
  if (reports)
    reading.notes.push_back(note_of(kSource, kDirectory, State::read, fmt::format("{} reports of apport", reports)));
}

Reading read_crash_report(std::string_view bytes, const std::string& name) {
  Reading reading;
  auto finding = apport_finding(bytes, name, TimeZone());
  if (finding) {
    if (finding->time) finding->doubt += kAnyZone;  // it does not say in which zone its date is
    reading.findings.push_back(std::move(*finding));
    reading.notes.push_back(note_of(kSource, name, State::read, "its date is in a time zone that it does not name"));
  } else {
    reading.notes.push_back(note_of(kSource, name, State::broken, phrase("it tells of no process that crashed")));
  }
  return reading;
}

bool looks_like_crash_report(std::string_view head) {
  return head.starts_with("ProblemType: ");
}

}  // namespace stapkill
