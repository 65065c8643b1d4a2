#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "autopsy/audit_record.h"
#include "autopsy/audit_signals.h"
#include "autopsy/finding.h"

namespace stapkill {

/// Joins the records of events by node, time and serial, in any order, and says what each event shows: a finding for
/// each process that a call sent a signal to, and what single records say. A process's "opid" is its thread group's id
/// in every version (audit_signal_info: t->tgid in 3.10, task_tgid_nr later), also of tkill and tgkill. A call's own
/// "pid" is one since 4.9, a thread's before.
class AuditEvents {
 public:
  /// `base`: a finding with the record's time, source, place and quote.
  void take(const AuditRecord& record, const Finding& base, std::vector<Finding>& findings);
  /// No more records: gives what was held.
  void finish(std::vector<Finding>& findings);

 private:
  struct Target {
    int pid = 0;
    std::optional<std::int64_t> uid, loginuid;
    std::string comm, user;
  };
  struct Event {
    std::string node;
    Time time = 0;
    std::uint64_t serial = 0;
    bool has_call = false;
    AuditCall call;
    Finding base;    ///< with what the call itself says
    int thread = 0;  ///< the number that the call names a thread by
    std::vector<Target> targets;
    std::string title;
  };

  Event& event_of(const AuditRecord& record, std::vector<Finding>& findings);
  void take_call(const AuditRecord& record, const Finding& base, std::vector<Finding>& findings);
  void end(const AuditRecord& record, std::vector<Finding>& findings);
  static void conclude(Event& event, std::vector<Finding>& findings);

  std::deque<Event> events_;
};

}  // namespace stapkill
