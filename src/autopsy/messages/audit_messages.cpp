#include <algorithm>
#include <deque>
#include <functional>

#include "autopsy/audit_events.h"
#include "autopsy/audit_findings.h"
#include "autopsy/messages/readers.h"
#include "autopsy/number_text.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostRemembered = 128;
constexpr Time kSameTime = 5'000'000'000;
/// The kernel's own stamp is that of the last timer tick, in whole milliseconds.
constexpr Time kDoubt = 11'000'000;

/// Audit's records in a log. Who writes them: the kernel where no auditd takes them ("audit: type=1326 audit(…): …"),
/// systemd-journald ("audit[PID]: SECCOMP …"), and auditd's plug-in for syslog ("type=SECCOMP msg=audit(…): …" of
/// audispd, audisp-syslog or auditd).
constexpr std::string_view kPrograms[] = {"kernel", "", "audit", "audispd", "audisp-syslog", "auditd"};

bool may_be_audit(const LogEntry& entry) {
  if (std::find(std::begin(kPrograms), std::end(kPrograms), entry.program) == std::end(kPrograms)) return false;
  auto transport = entry.value("_TRANSPORT");
  // Any program can call itself "audit" or "kernel" in the journal.
  bool plug_in = entry.program.starts_with("aud") && entry.program != "audit";
  return transport.empty() || transport == "audit" || transport == "kernel" || plug_in;
}

class AuditMessages : public MessageReader {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) override {
    if (!may_be_audit(entry)) return false;
    auto record = audit_record(entry.message);
    if (!record && entry.program == "audit") record = journald_audit_record(entry.message);
    if (!record) return false;
    bool stamped = record->serial;
    if (!stamped) record->serial = whole_number<std::uint64_t>(entry.value("_AUDIT_ID")).value_or(0);
    if (record->type.empty() || repeats(entry, *record)) return true;
    auto base = finding_at(entry, Finding::Kind::note);
    base.quote = audit_quote(entry.message);
    if (!stamped) {
      record->time = entry.time;
    } else {
      base.time = record->time;
      base.doubt = kDoubt;
      base.place += (base.place.empty() ? "" : ", ") + ("audit event " + audit_event_id(*record));
    }
    events_.take(*record, base, findings);
    return true;
  }

  void finish(std::vector<Finding>& findings) override { events_.finish(findings); }

 private:
  struct Seen {
    Time time = 0;
    std::uint64_t serial = 0;
    std::size_t hash = 0;
    bool same(const Seen& other) const {
      bool serials = !serial || !other.serial || serial == other.serial;
      return hash == other.hash && serials && time - other.time < kSameTime && other.time - time < kSameTime;
    }
  };

  /// The journal has many a record twice: journald's own and the kernel's. Each is one of a pair.
  bool repeats(const LogEntry& entry, const AuditRecord& record) {
    auto fields = record.fields;
    fields.remove_prefix(std::min(fields.find_first_not_of(' '), fields.size()));
    std::hash<std::string_view> hash;
    Seen seen{entry.time, record.serial, hash(record.type) * 31 + hash(fields) * 7 + hash(record.message)};
    bool journald = entry.program == "audit";
    auto& others = journald ? of_kernel_ : of_journald_;
    auto other = std::find_if(others.begin(), others.end(), [&seen](const Seen& each) { return each.same(seen); });
    if (other != others.end()) {
      others.erase(other);
      return true;
    }
    auto& own = journald ? of_journald_ : of_kernel_;
    own.push_back(seen);
    if (own.size() > kMostRemembered) own.pop_front();
    return false;
  }

  AuditEvents events_;
  std::deque<Seen> of_kernel_, of_journald_;
};

}  // namespace

std::unique_ptr<MessageReader> audit_messages_reader() {
  return std::make_unique<AuditMessages>();
}

}  // namespace stapkill
