#include <optional>
#include <string>

#include "autopsy/messages/parts.h"
#include "autopsy/messages/patterns.h"
#include "autopsy/messages/unit_names.h"
#include "autopsy/messages/writer.h"
#include "base/signals.h"
#include "model/cgroup_names.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;

Finding kill_by(const LogEntry& entry, std::string_view program) {
  auto finding = finding_at(entry, Kind::userspace_oom);
  finding.through = program;
  finding.actor.comm = program;
  finding.actor.pid = entry.pid;
  finding.actor.uid = writer_uid(entry);
  return finding;
}

// systemd-oomd, src/oom/oomd-manager.c: 248 to 256; main marks a cgroup, and kills when its hooks have answered. Users
// choose names of cgroups below their own, which may hold these words: the last of them are oomd's, and the outermost
// unit is the system's own.
constexpr const char* kOomdRows[] = {
    R"((?:Killed|Marked) (/.*?)(?: for killing)? due to (memory pressure for /.* being \d{1,5}\.\d\d% > \d{1,5}\.\d\d% for > [^/]{1,40} with reclaim activity))",
    R"((?:Killed|Marked) (/.*?)(?: for killing)? due to ((?:memory used \(\d+\) / total \(\d+\) and )?swap used \(\d+\) / total \(\d+\) being more than \d{1,3}\.\d\d%))",
};

std::optional<Finding> of_oomd(const LogEntry& entry) {
  static const Patterns patterns({kOomdRows[0], kOomdRows[1]});
  if (!may_be_units(entry, "systemd-oomd.service")) return std::nullopt;
  auto match = patterns.match(first_line(entry.message));
  if (!match) return std::nullopt;
  auto finding = kill_by(entry, "systemd-oomd");
  finding.subject.cgroup = (*match)[1];
  set_unit(finding.subject, outermost_unit_of(finding.subject.cgroup).value_or(""));
  finding.signal = 9;  // oomd-util.c, oomd_cgroup_kill()
  finding.reason = with_groups("$2", *match);
  return finding;
}

/// earlyoom, kill.c: 1.0 to 1.9.0. It writes before it sends, and what became of that after.
class Earlyoom {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) {
    if (!may_be_units(entry, "earlyoom.service")) return false;
    auto match = patterns().match(first_line(entry.message));
    if (!match) return false;
    const auto& groups = *match;
    switch (match->row) {
      case 0:
      case 1:
      case 2:
        hold(entry, {groups[1], groups[2], groups[3], groups[4], groups[5]}, findings);
        break;
      case 3:
        hold(entry, {"", groups[2], "", groups[1], groups[3]}, findings);
        break;
      case 4:
        hold(entry, {groups[2], groups[3], "", groups[1], groups[4]}, findings);
        break;
      case 5:
        escalate(entry, findings);
        break;
      case 6:  // it had no right to, or the process was gone
        if (held_) {
          held_->kind = Kind::note;
          held_->reason = with_groups("earlyoom could not send its signal: $1", groups);
        }
        finish(findings);
        break;
      case 7:
        held_.reset();
        break;
      default:
        finish(findings);
    }
    return true;
  }

  void finish(std::vector<Finding>& findings) {
    if (held_) findings.push_back(std::move(*held_));
    held_.reset();
  }

 private:
  static const Patterns& patterns() {
    static const Patterns made({
        // 1.4 and later name the uid; "badness" until 1.7, "oom_score" then. The command line is last, and any text: a
        // name of at most 36 bytes does not reach it.
        R"r(sending (SIGTERM|SIGKILL) to process (\d{1,10}) uid (\d{1,10}) "(.{0,36})": ((?:badness|oom_score) -?\d{1,10}, .*))r",
        R"r(sending (SIGTERM|SIGKILL) to process (\d{1,10})() "(.{0,36})": (badness -?\d{1,10}, .*))r",        // 1.3
        R"r(()Killing process (\d{1,10})() (.{1,36})())r",                                                     // 1.0
        R"r(Killing process: (.{0,36}), pid: (\d{1,10}), (badness: -?\d{1,10}, .*))r",                         // 1.1
        R"r(Killing process '(.{0,36})' with signal (\d{1,2}), pid: (\d{1,10}), (badness: -?\d{1,10}, .*))r",  // 1.2
        R"r(escalating to SIGKILL after .*)r",
        // "Timer expired": the signal was sent, and the process is still there.
        R"r(kill failed: (.*not permitted.*|No such process|Invalid argument))r",
        R"r(dryrun, not actually sending any signal)r",
        R"r(kill failed: .*|process (?:\d{1,10} )?(?:exited|did not exit).*)r",
    });
    return made;
  }

  struct Sent {
    std::string_view signal, pid, uid, comm, numbers;
  };

  void hold(const LogEntry& entry, const Sent& sent, std::vector<Finding>& findings) {
    finish(findings);
    auto finding = kill_by(entry, "earlyoom");
    finding.signal = parse_signal(sent.signal).value_or(0);
    finding.subject.pid = pid_in(sent.pid);
    finding.subject.uid = whole_number<std::int64_t>(sent.uid);
    finding.subject.comm = sent.comm;
    auto numbers = sent.numbers.substr(0, sent.numbers.find(", cmdline "));
    // The command line may hold secrets.
    finding.quote = finding.quote.substr(0, finding.quote.find(", cmdline "));
    finding.reason = "little memory was left";
    if (!numbers.empty()) finding.reason += "; " + std::string(numbers.substr(0, 120));
    held_ = std::move(finding);
  }

  /// A second signal, to the same process.
  void escalate(const LogEntry& entry, std::vector<Finding>& findings) {
    if (!held_) return;
    auto finding = kill_by(entry, "earlyoom");
    finding.subject = held_->subject;
    finding.signal = 9;
    finding.reason = "memory got still less after its SIGTERM";
    finish(findings);
    held_ = std::move(finding);
  }

  std::optional<Finding> held_;
};

/// nohang, src/nohang (0.1 to 0.3): lines of its "victim", then of what it does.
class Nohang {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) {
    static const Patterns patterns({
        R"(\s*PID:\s+(\d{1,10}), [Nn]ame: (.{0,36}), state: .{1,20}, EUID: (\d{1,10}).*)",
        R"(\s*Sending (SIGTERM|SIGKILL) to the victim)",
        R"(Cannot send a signal: PermissionError|Selected process died before corrective action)",
    });
    if (!may_be_units(entry, "nohang.service") && !may_be_units(entry, "nohang-desktop.service")) return false;
    auto match = patterns.match(first_line(entry.message));
    if (!match) return false;
    if (match->row == 0) {
      victim_.pid = pid_in((*match)[1]);
      victim_.comm = (*match)[2];
      victim_.uid = whole_number<std::int64_t>((*match)[3]);
    } else if (match->row == 1) {
      finish(findings);
      held_ = kill_by(entry, "nohang");
      held_->subject = victim_;
      held_->signal = parse_signal((*match)[1]).value_or(0);
      held_->reason = "little memory was left";
      victim_ = {};
    } else if (held_) {
      held_->kind = Kind::note;
      held_->reason = "nohang could not send its signal";
      finish(findings);
    }
    return true;
  }

  void finish(std::vector<Finding>& findings) {
    if (held_) findings.push_back(std::move(*held_));
    held_.reset();
  }

 private:
  Party victim_;
  std::optional<Finding> held_;
};

class MemoryKillers : public MessageReader {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) override {
    if (entry.program == "earlyoom") return earlyoom_.take(entry, findings);
    if (entry.program == "nohang") return nohang_.take(entry, findings);
    if (entry.program != "systemd-oomd") return false;
    auto finding = of_oomd(entry);
    if (!finding) return false;
    findings.push_back(std::move(*finding));
    return true;
  }

  void finish(std::vector<Finding>& findings) override {
    earlyoom_.finish(findings);
    nohang_.finish(findings);
  }

 private:
  Earlyoom earlyoom_;
  Nohang nohang_;
};

}  // namespace

std::unique_ptr<MessageReader> memory_killers_reader() {
  return std::make_unique<MemoryKillers>();
}

}  // namespace stapkill
