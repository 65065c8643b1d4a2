#include "autopsy/records/systemctl_show.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <map>

#include "autopsy/records/read_records.h"
#include "autopsy/records/state_times.h"
#include "base/signals.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;
using Values = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t kMostUnits = 10'000, kMostValues = 2'000;
constexpr std::string_view kSource = "systemctl";

int number(std::string_view digits) {
  int value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size() && value > 0 ? value : 0;
}

std::string_view value_of(const Values& values, std::string_view name) {
  auto at = values.find(name);
  return at == values.end() ? std::string_view() : std::string_view(at->second);
}

Finding about(std::string_view unit, Kind kind, const std::string& place) {
  Finding finding;
  finding.kind = kind;
  finding.subject.unit = unit;
  finding.through = "systemd";
  finding.source = kSource;
  finding.place = place;
  return finding;
}

/// How the process ended: si_code of SIGCHLD with its status (sigaction(2)).
bool take_end(int code, int status, Finding& finding) {
  if (code == CLD_EXITED && status >= 0 && status <= 255) finding.status = status;
  if ((code == CLD_KILLED || code == CLD_DUMPED) && status > 0 && status <= 64) finding.signal = status;
  return finding.status || finding.signal;
}

std::string quote_of(const Values& values) {
  std::string quote;
  for (const auto* name : {"Id", "Result", "ExecMainPID", "ExecMainCode", "ExecMainStatus", "ExecMainExitTimestamp",
                           "NRestarts", "OOMPolicy", "MemoryMax"}) {
    auto value = value_of(values, name);
    if (!value.empty()) quote.append(quote.empty() ? "" : " ").append(name).append("=").append(value);
  }
  return quote.substr(0, kLongestQuote);
}

void take_unit(const Values& values, const std::string& place, std::vector<Finding>& findings) {
  auto unit = value_of(values, "Id");
  if (unit.empty()) return;
  auto stamp = systemd_time(value_of(values, "ExecMainExitTimestamp")).value_or(StampedTime{});
  auto finish = [&](Finding finding) {
    finding.time = stamp.time;
    finding.doubt = stamp.doubt;
    finding.quote = quote_of(values);
    findings.push_back(std::move(finding));
  };
  auto end = about(unit, Kind::unit_process, place);
  end.subject.pid = number(value_of(values, "ExecMainPID"));
  int code = number(value_of(values, "ExecMainCode")), status = number(value_of(values, "ExecMainStatus"));
  auto result = std::string(value_of(values, "Result"));
  bool ended = stamp.time != 0 && end.subject.pid > 0 && take_end(code, status, end);
  if (ended && number(value_of(values, "NRestarts")) > 0)
    end.reason = fmt::format("systemd restarted the unit {} times", number(value_of(values, "NRestarts")));
  if (ended) finish(std::move(end));
  if (result.empty() || result == "success") return;
  auto how = about(unit, Kind::unit_result, place);
  how.reason = result;
  // With no main process that ended, its exit time is of an earlier one.
  if (!ended) stamp = {};
  finish(std::move(how));
}

/// Passes the lines of a text, without their ends.
template <typename Take>
void each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    take(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// What is between two texts; "" where one is missing.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  auto at = text.rfind(before);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + before.size());
  return text.substr(0, text.find_first_of(after));
}

/// "(code=killed, signal=KILL)", "(code=exited, status=1/FAILURE)", at the end of a line.
bool take_words(std::string_view line, Finding& finding) {
  auto code = between(line, "(code=", ",");
  auto status = between(line, "status=", "/)"), signal = between(line, "signal=", ")");
  if (code == "exited" && !status.empty() && (status == "0" || number(status) > 0))
    return take_end(CLD_EXITED, number(status), finding);
  if (code != "killed" && code != "dumped") return false;
  return take_end(CLD_KILLED, parse_signal(signal).value_or(0), finding);
}

/// Reads `systemctl status`. Lines of the journal follow the head of each unit after an empty line.
class StatusReader {
 public:
  explicit StatusReader(std::string place) : place_(std::move(place)) {}

  void take(std::string_view line) {
    if (found_.size() >= kMostUnits) return;
    if (line.empty()) {
      unit_.clear();
      return;
    }
    if (begin_unit(line) || unit_.empty()) return;
    auto colon = line.find(": ");
    auto key = line.substr(0, colon);
    key.remove_prefix(std::min(key.find_first_not_of(' '), key.size()));
    if (colon == std::string_view::npos) return;
    if (key == "Active") active(line);
    if (key == "Main PID" || key == "Process") process(line.substr(colon + 2), line, key == "Main PID");
  }

  std::vector<Finding> finish() { return std::move(found_); }

 private:
  /// "● web.service - Web", "× web.service", with a glyph by its state; all of its other lines are indented.
  bool begin_unit(std::string_view line) {
    if (line.starts_with(' ')) return false;
    auto blank = line.find(' ');
    auto rest = blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
    auto name = rest.substr(0, rest.find(' '));
    bool glyph = blank <= 3 && name.find('.') != std::string_view::npos;
    unit_ = glyph ? name : std::string_view();
    since_ = {};
    ended_ = false;
    return true;
  }

  /// "Active: failed (Result: signal) since Mon 2026-11-30 18:21:21 UTC; 5min ago".
  void active(std::string_view line) {
    // Of the unit, not of its process: a stop can take TimeoutStopSec= after that, 90 s by default.
    constexpr Time kStop = Time{90} * 1'000'000'000;
    since_ = systemd_time(between(line, " since ", ";")).value_or(StampedTime{});
    if (since_.time) since_.doubt += kStop;
    auto result = between(line, "(Result: ", ")");
    ended_ = line.find("Active: failed") != std::string_view::npos ||
             line.find("Active: inactive") != std::string_view::npos;
    if (result.empty()) return;
    auto finding = about(unit_, Kind::unit_result, place_);
    finding.reason = result;
    add(std::move(finding), line);
  }

  void process(std::string_view text, std::string_view line, bool main) {
    auto finding = about(unit_, Kind::unit_process, place_);
    finding.subject.pid = number(text.substr(0, text.find(' ')));
    if (!finding.subject.pid || !take_words(text, finding)) return;
    // The main process may be shown before, as a command.
    if (main && !found_.empty() && found_.back().kind == Kind::unit_process && found_.back().subject == finding.subject)
      found_.pop_back();
    add(std::move(finding), line, main);
  }

  /// `timed`: it ended about when the unit did. A command of the unit can have ended long before.
  void add(Finding finding, std::string_view line, bool timed = true) {
    if (timed && ended_) {
      finding.time = since_.time;
      finding.doubt = since_.doubt;
    }
    auto text = line.substr(std::min(line.find_first_not_of(' '), line.size()));
    finding.quote = text.substr(0, kLongestQuote);
    found_.push_back(std::move(finding));
  }

  std::string place_;
  std::vector<Finding> found_;
  std::string unit_;
  StampedTime since_;
  bool ended_ = false;
};

bool has_line(std::string_view text, std::string_view beginning) {
  return text.starts_with(beginning) || text.find("\n" + std::string(beginning)) != std::string_view::npos;
}

bool is_status(std::string_view text) {
  return text.find("Loaded: ") != std::string_view::npos && text.find("Active: ") != std::string_view::npos;
}

}  // namespace

std::vector<Finding> show_findings(std::string_view text, const std::string& place) {
  std::vector<Finding> findings;
  Values values;
  each_line(text, [&](std::string_view line) {
    auto equals = line.find('=');
    // Values of several lines have no escape; Id begins a unit also where the empty line is lost.
    if (line.empty() || (line.starts_with("Id=") && values.contains("Id"))) {
      if (findings.size() < kMostUnits) take_unit(values, place, findings);
      values.clear();
    }
    if (equals != std::string_view::npos && values.size() < kMostValues)
      values.emplace(line.substr(0, equals), line.substr(equals + 1));
  });
  if (findings.size() < kMostUnits) take_unit(values, place, findings);
  return findings;
}

std::vector<Finding> status_findings(std::string_view text, const std::string& place) {
  StatusReader reader(place);
  each_line(text, [&](std::string_view line) { reader.take(line); });
  return reader.finish();
}

Reading read_systemctl_show(std::string_view bytes, const std::string& name) {
  Reading reading;
  bool status = is_status(bytes), show = has_line(bytes, "ExecMainCode=") || has_line(bytes, "Result=");
  if (show) reading.findings = show_findings(bytes, name);
  if (status && !show) reading.findings = status_findings(bytes, name);
  SourceNote note;
  note.source = kSource;
  note.path = name;
  note.state = show || status ? SourceNote::State::read : SourceNote::State::broken;
  if (!show && !status) note.detail = phrase("it is no answer of systemctl show or status");
  reading.notes.push_back(std::move(note));
  return reading;
}

bool looks_like_systemctl_show(std::string_view head) {
  bool show = has_line(head, "Id=") || has_line(head, "Type=") || has_line(head, "Result=");
  return (show && (has_line(head, "ExecMain") || has_line(head, "ActiveState=") || has_line(head, "Result="))) ||
         (is_status(head) && (head.starts_with("\xe2\x97\x8f ") || head.starts_with("\xc3\x97 ") ||
                              head.starts_with("\xe2\x97\x8b ") || head.starts_with("* ") || head.starts_with("x ")));
}

}  // namespace stapkill
