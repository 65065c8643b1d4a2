#include <algorithm>
#include <set>
#include <string>

#include "autopsy/messages/parts.h"
#include "autopsy/messages/systemd_unit_rows.h"
#include "autopsy/messages/unit_names.h"
#include "autopsy/messages/writer.h"
#include "base/signals.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;

/// MESSAGE_IDs of systemd (src/systemd/sd-messages.h, 255), for a text of another version than the rows know.
struct IdRow {
  std::string_view id;
  Kind kind;
  const char* reason;
};
constexpr IdRow kIdRows[] = {
    {"98e322203f7a4ed290d09fe03c09fe15", Kind::unit_process, "a process exited"},  // UNIT_PROCESS_EXIT
    {"d9b373ed55a64feb8242e02dbe79a49c", Kind::unit_result, ""},                   // UNIT_FAILURE_RESULT
    {"7ad2d189f7e94e70a38c781354912448", Kind::unit_result, "success"},            // UNIT_SUCCESS
    {"fe6faa94e7774663a0da52717891d8ef", Kind::unit_oom, "the kernel's out-of-memory killer ended a process of it"},
    {"d989611b15e44c9dbf31e3c81256e4ed", Kind::userspace_oom, "systemd-oomd ended processes of it"},  // UNIT_OOMD_KILL
    {"de5b426a63be47a7b6ac3eaac82e2f6f", Kind::unit_stop, "a stop job began"},                        // UNIT_STOPPING
    {"7d4958e842da4a758f6c1cdc7b36dcc5", Kind::unit_start, "a start job began"},                      // UNIT_STARTING
    {"5eb03494b6584870a536b337290809b3", Kind::unit_start, "a restart is scheduled (Restart=)"},
};

constexpr std::size_t kMostRestarts = 1000;
constexpr int kLastSignal = 64;

std::string_view unit_field(const LogEntry& entry) {
  auto unit = entry.value("UNIT");
  return unit.empty() ? entry.value("USER_UNIT") : unit;
}

void set_end(Finding& finding, std::string_view code, std::string_view number) {
  auto value = whole_number(number);
  if (!value) return;
  if (code == "exited") {
    finding.status = value;
  } else if (*value > 0 && *value <= kLastSignal) {
    finding.signal = *value;
  }
}

/// A manager's entry, whose writer is proven as far as its source can.
struct Said {
  const LogEntry& entry;
  std::string_view message;
  bool system = true;  ///< pid 1, not a user's manager
};

class UnitsReader : public MessageReader {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) override;

 private:
  bool read(const Said& said, std::vector<Finding>& findings);
  /// A stop job of a unit that is about to be restarted ends nothing: its process has ended before.
  void note_restart(Finding& finding);

  std::set<std::string, std::less<>> restarting_;  ///< units, those of users with their manager's pid
};

/// The finding of a manager's message, with the manager and the unit.
Finding finding_of(const Said& said, Kind kind, std::string_view unit) {
  auto finding = finding_at(said.entry, kind);
  // A user's unit can have the name of one of the system.
  finding.through = said.system ? "systemd" : "systemd --user";
  finding.actor.comm = "systemd";
  finding.actor.pid = said.entry.pid;
  auto field = unit_field(said.entry);
  set_unit(finding.subject, field.empty() ? unit : field);
  finding.actor.uid = writer_uid(said.entry);
  // A user's manager speaks of processes of that user alone.
  if (!said.system) finding.subject.uid = finding.actor.uid;
  if (kind == Kind::userspace_oom) {
    finding.actor = {};
    finding.actor.comm = "systemd-oomd";
  } else if (kind == Kind::unit_process || kind == Kind::unit_result || kind == Kind::unit_oom || kind == Kind::note) {
    // It only tells of these.
    finding.actor = {};
  }
  return finding;
}

void fill(Finding& finding, const UnitMatch& found) {
  const auto* row = found.row;
  const auto& match = found.match;
  const auto& where = row->where;
  finding.reason = with_groups(row->reason, match);
  auto group = [&](int number) { return number > 0 ? match[static_cast<std::size_t>(number)] : std::string_view(); };
  if (where.pid > 0) {
    // Of a request about no unit the pid is its client's.
    bool client = finding.subject.unit.empty();
    if (client) finding.actor = {};
    auto& party = client ? finding.actor : finding.subject;
    party.pid = pid_in(group(where.pid));
    party.comm = group(where.comm);
  }
  if (where.signal > 0) finding.signal = parse_signal(group(where.signal)).value_or(0);
  if (where.status > 0) set_end(finding, group(where.code), group(where.status));
}

/// Fields of an end, which are exact where they are (219 and later; 241 and later have COMMAND).
void fill_from_fields(Finding& finding, const LogEntry& entry) {
  if (finding.kind == Kind::unit_process) {
    if (!finding.status && finding.signal == 0) set_end(finding, entry.value("EXIT_CODE"), entry.value("EXIT_STATUS"));
    if (auto command = entry.value("COMMAND"); !command.empty())
      finding.reason += " (" + std::string(command.substr(0, 40)) + ")";
  }
  if (finding.kind == Kind::unit_result && finding.reason.empty())
    finding.reason = entry.value("UNIT_RESULT").substr(0, 40);
  if (auto type = entry.value("JOB_TYPE"); finding.kind == Kind::unit_stop && type == "restart")
    finding.reason = "a restart job began";
}

void UnitsReader::note_restart(Finding& finding) {
  if (finding.subject.unit.empty()) return;
  auto key = finding.subject.unit + " " + std::to_string(finding.subject.uid.value_or(0));
  if (finding.kind == Kind::unit_start) {
    bool scheduled = finding.reason.find("(Restart=)") != std::string::npos;
    if (!scheduled) {
      restarting_.erase(key);
    } else if (restarting_.size() < kMostRestarts) {
      restarting_.insert(key);
    }
  } else if (finding.kind == Kind::unit_stop && restarting_.contains(key)) {
    finding.kind = Kind::unit_start;
    finding.reason = "a stop job began, of a restart after its end (Restart=)";
  }
}

bool UnitsReader::read(const Said& said, std::vector<Finding>& findings) {
  auto [unit, text] = split_unit(said.message);
  UnitMatch found;
  if (!unit.empty()) found = match_unit_text(text);
  if (!found.row && unit.empty()) found = match_manager(said.message);
  if (!found.row && unit.empty()) found = match_job(said.message);
  auto id = said.entry.value("MESSAGE_ID");
  const auto* by_id = found.row || id.empty() ? std::end(kIdRows)
                                              : std::find_if(std::begin(kIdRows), std::end(kIdRows),
                                                             [&](const IdRow& row) { return row.id == id; });
  if (!found.row && by_id == std::end(kIdRows)) return false;
  if (found.row && found.row->only == UnitRow::Only::system && !said.system) return true;
  std::string_view description;
  if (found.row && found.row->where.unit > 0) {
    auto named = split_description(found.match[static_cast<std::size_t>(found.row->where.unit)]);
    unit = named.unit;
    description = named.text;
  }
  auto finding = finding_of(said, found.row ? found.row->kind : by_id->kind, unit);
  if (found.row) {
    fill(finding, found);
  } else {
    finding.reason = by_id->reason;
  }
  fill_from_fields(finding, said.entry);
  if (!finding.subject.unit.empty() && !has_processes(finding.subject.unit)) return true;
  if (!description.empty() && finding.subject.unit.empty())
    finding.reason += ": " + std::string(description.substr(0, 200));
  note_restart(finding);
  findings.push_back(std::move(finding));
  return true;
}

bool UnitsReader::take(const LogEntry& entry, std::vector<Finding>& findings) {
  auto message = first_line(entry.message);
  if (entry.program == "kernel" || entry.program.empty()) {
    // In early boot and at the end it writes to the kernel's log.
    constexpr std::string_view init = "systemd[1]: ";
    if (!message.starts_with(init) || !may_be_roots(entry)) return false;
    auto as_init = entry;
    as_init.pid = 1;
    return read({as_init, message.substr(init.size()), true}, findings);
  }
  if (entry.program != "systemd") return false;
  bool system = may_be_init(entry);
  if (!system && !may_be_user_manager(entry)) return false;
  return read({entry, message, system}, findings);
}

}  // namespace

std::unique_ptr<MessageReader> systemd_units_reader() {
  return std::make_unique<UnitsReader>();
}

}  // namespace stapkill
