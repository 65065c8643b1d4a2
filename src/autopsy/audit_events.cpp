#include "autopsy/audit_events.h"

#include <algorithm>
#include <limits>

#include "autopsy/audit_findings.h"
#include "autopsy/number_text.h"

namespace stapkill {
namespace {

/// An event's records come close together: so many others may be open meanwhile.
constexpr std::size_t kMostOpen = 256;
/// kill(-1) has one for each process.
constexpr std::size_t kMostTargets = 1024;
constexpr std::size_t kLongestTitle = 8192;  ///< the kernel keeps 128 bytes (MAX_PROCTITLE_AUDIT_LEN)

/// An argument: hexadecimal, as the register has it.
std::optional<std::uint64_t> argument(const AuditRecord& record, int index) {
  const char name[] = {'a', static_cast<char>('0' + index), '\0'};
  return whole_hex(record.raw(name));
}

std::string as_command_line(std::string_view raw) {
  auto title = audit_text(raw.substr(0, 2 * kLongestTitle));
  while (title.ends_with('\0')) title.pop_back();
  std::replace(title.begin(), title.end(), '\0', ' ');
  return title == "(null)" ? std::string() : title;  // its memory was gone already
}

bool is_of(const AuditRecord& record, std::string_view node, Time time, std::uint64_t serial) {
  return serial == record.serial && time == record.time && node == record.node;
}

}  // namespace

void AuditEvents::take(const AuditRecord& record, const Finding& base, std::vector<Finding>& findings) {
  if (record.type == "SYSCALL") {
    take_call(record, base, findings);
  } else if (record.type == "OBJ_PID" && record.serial) {
    auto& event = event_of(record, findings);
    Target target{record.pid("opid"), record.id("ouid"), record.id("oauid"),
                  audit_text(record.raw("ocomm").substr(0, 512)), record.translated("OUID")};
    if (target.pid && event.targets.size() < kMostTargets) event.targets.push_back(std::move(target));
  } else if (record.type == "PROCTITLE" && record.serial) {
    event_of(record, findings).title = as_command_line(record.raw("proctitle"));
  } else if (record.type == "EOE" && record.serial) {
    end(record, findings);
  } else if (auto finding = finding_of(record, base)) {
    findings.push_back(std::move(*finding));
  }
}

void AuditEvents::take_call(const AuditRecord& record, const Finding& base, std::vector<Finding>& findings) {
  auto call = record.raw("syscall").empty() ? audit_call(record.translated("SYSCALL"))
                                            : audit_call(record.raw("arch"), record.raw("syscall"));
  if (!call || !record.serial) return;
  auto& event = event_of(record, findings);
  event.base = base;
  auto signal = argument(record, call->signal_argument).value_or(0) & 0xffffffff;  // an int
  event.has_call = signal > 0 && signal <= 64;
  event.call = *call;
  if (call->thread_argument >= 0) {
    auto thread = argument(record, call->thread_argument).value_or(0);
    event.thread = thread <= std::numeric_limits<int>::max() ? static_cast<int>(thread) : 0;
  }
  auto& found = event.base;
  found.kind = Finding::Kind::signal_call;
  found.signal = static_cast<int>(event.has_call ? signal : 0);
  found.through = std::string(call->name) + "(2)";
  found.failed = record.raw("success") == "no";
  auto& actor = found.actor;
  actor.pid = record.pid("pid");
  actor.parent = record.pid("ppid");
  actor.uid = record.id("uid");
  actor.loginuid = record.id("auid");
  actor.user = record.translated("UID");
  actor.tty = audit_word(record.raw("tty").substr(0, 64));
  actor.comm = audit_text(record.raw("comm").substr(0, 512));
  actor.exe = audit_text(record.raw("exe").substr(0, 8192));
}

AuditEvents::Event& AuditEvents::event_of(const AuditRecord& record, std::vector<Finding>& findings) {
  auto is_its = [&](const Event& event) { return is_of(record, event.node, event.time, event.serial); };
  if (auto event = std::find_if(events_.rbegin(), events_.rend(), is_its); event != events_.rend()) return *event;
  if (events_.size() >= kMostOpen) {
    conclude(events_.front(), findings);
    events_.pop_front();
  }
  auto& event = events_.emplace_back();
  event.node = record.node;
  event.time = record.time;
  event.serial = record.serial;
  return event;
}

void AuditEvents::end(const AuditRecord& record, std::vector<Finding>& findings) {
  auto event = std::find_if(events_.begin(), events_.end(),
                            [&record](const Event& each) { return is_of(record, each.node, each.time, each.serial); });
  if (event == events_.end()) return;
  conclude(*event, findings);
  events_.erase(event);
}

void AuditEvents::finish(std::vector<Finding>& findings) {
  for (auto& event : events_) conclude(event, findings);
  events_.clear();
}

void AuditEvents::conclude(Event& event, std::vector<Finding>& findings) {
  if (!event.has_call) return;
  for (const auto& target : event.targets) {
    auto finding = event.base;
    finding.actor.cmdline = event.title;
    finding.subject.pid = target.pid;
    finding.subject.uid = target.uid;
    finding.subject.loginuid = target.loginuid;
    finding.subject.comm = target.comm;
    finding.subject.user = target.user;
    const auto& actor = finding.actor;
    // Before 4.9 the caller's number is its thread's: of raise(3) it is the thread that the call names.
    bool own_thread = event.thread && event.thread == actor.pid && actor.comm == target.comm;
    finding.self = actor.pid == target.pid || (event.targets.size() == 1 && own_thread);
    // A call to a group succeeds where one of its processes got the signal (kill(2)).
    if (event.targets.size() > 1) {
      finding.reason = "the call went to " + std::to_string(event.targets.size()) + " processes";
      if (!finding.failed) finding.reason += ", of which at least one got the signal";
    }
    findings.push_back(std::move(finding));
  }
}

}  // namespace stapkill
