#include <algorithm>
#include <string>

#include "autopsy/messages/daemons_ids.h"
#include "autopsy/messages/logfmt.h"
#include "autopsy/messages/parts.h"
#include "autopsy/messages/patterns.h"
#include "autopsy/messages/writer.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;

/// podman's events of containers (libpod/events/config.go, journal_linux.go: 2.0 to 5.8). Each is written after it
/// happened.
struct Event {
  std::string_view name;
  Kind kind;
  const char* reason;
};
constexpr Event kEvents[] = {
    {"died", Kind::container_end, "podman: died"},
    {"kill", Kind::container_stop, "podman was asked to kill it"},
    {"stop", Kind::container_stop, "podman was asked to stop it"},
    {"remove", Kind::container_stop, "podman was asked to remove it"},
};

/// Any user can run podman or conmon, with containers and words of their own: what is not root's is that user's claim.
Finding finding_of(const LogEntry& entry, Kind kind, std::string_view through) {
  bool roots = may_be_roots(entry);
  auto finding = finding_at(entry, roots ? kind : Kind::claim);
  finding.through = through;
  finding.actor.uid = writer_uid(entry);
  if (kind == Kind::container_stop) {
    finding.actor.comm = entry.program;
    finding.actor.pid = entry.pid;
  }
  return finding;
}

struct Container {
  std::string_view id, name;
  std::optional<int> status;
  bool oom = false;
};

bool take_event(const LogEntry& entry, std::string_view name, const Container& container,
                std::vector<Finding>& findings) {
  const auto* event =
      std::find_if(std::begin(kEvents), std::end(kEvents), [&](const Event& one) { return one.name == name; });
  if (event == std::end(kEvents)) return false;
  auto finding = finding_of(entry, event->kind, "podman");
  if (may_be_id(container.id)) set_container(finding.subject, container.id);
  finding.subject.container_name = container.name.substr(0, 255);
  finding.reason = event->reason;
  if (event->kind == Kind::container_end) finding.status = container.status;
  auto claim = finding;
  findings.push_back(std::move(finding));
  if (container.oom) {
    claim.kind = Kind::claim;
    claim.reason = "OOMKilled";
    findings.push_back(std::move(claim));
  }
  return true;
}

bool take_podman(const LogEntry& entry, std::vector<Finding>& findings) {
  if (entry.value("PODMAN_TYPE") == "container") {
    return take_event(entry, entry.value("PODMAN_EVENT"),
                      {entry.value("PODMAN_ID"), entry.value("PODMAN_NAME"),
                       whole_number(entry.value("PODMAN_EXIT_CODE")), entry.value("PODMAN_OOM_KILLED") == "true"},
                      findings);
  }
  // Labels, which are any text, come after the name.
  static const Patterns patterns({
      R"(\d{4}-\d\d-\d\d [^a-z]{1,40}(?:UTC|[A-Z+0-9-]{1,8})(?: m=[+0-9.-]{1,30})? container (died|kill|stop|remove) ([0-9a-f]{64}) \(image=[^,]{0,512}, name=([a-zA-Z0-9_.-]{1,255})[,)].*)",
      R"((?:.{0,200}msg=")?StopSignal (?:SIG)?([A-Z0-9+]{1,12}) failed to stop container ([a-zA-Z0-9_.-]{1,255}) in (\d{1,9}) seconds, resorting to SIGKILL"?)",
  });
  auto match = patterns.match(first_line(entry.message));
  if (!match) return false;
  if (match->row == 0) return take_event(entry, (*match)[1], {(*match)[2], (*match)[3], std::nullopt, false}, findings);
  // libpod/oci_conmon_common.go, StopContainer()
  auto finding = finding_of(entry, Kind::container_stop, "podman");
  finding.subject.container_name = (*match)[2];
  finding.signal = 9;
  finding.reason = with_groups("it had not stopped within $3 s of SIG$1", *match);
  findings.push_back(std::move(finding));
  return true;
}

/// conmon --syslog (src/utils.h, ctr_exit.c, cgroup.c: 2.0 to 2.2): 20 digits of the id, and a pid of the host's.
bool take_conmon(const LogEntry& entry, std::vector<Finding>& findings) {
  static const Patterns patterns({
      R"(conmon ([0-9a-f]{12,20}) <n?info>: container (\d{1,10}) exited with status (\d{1,3}))",
      R"(conmon ([0-9a-f]{12,20}) <n?info>: OOM (?:event )?received)",
  });
  auto match = patterns.match(first_line(entry.message));
  if (!match) return false;
  auto finding = finding_of(entry, match->row == 0 ? Kind::container_end : Kind::claim, "conmon");
  set_container(finding.subject, (*match)[1]);
  finding.reason = match->row == 0 ? "conmon: it exited" : "conmon: out of memory";
  finding.subject.pid = pid_in((*match)[2]);
  if (match->row == 0) finding.status = whole_number((*match)[3]);
  // With --cgroups=split (Quadlet), conmon runs in the container's unit; else in a scope.
  auto unit = entry.value("_SYSTEMD_UNIT");
  if (unit.ends_with(".service") && !unit.starts_with("user@")) finding.subject.unit = unit;
  findings.push_back(std::move(finding));
  return true;
}

class PodmanReader : public MessageReader {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) override {
    if (entry.program == "podman") return take_podman(entry, findings);
    return entry.program == "conmon" && take_conmon(entry, findings);
  }
};

}  // namespace

std::unique_ptr<MessageReader> podman_messages_reader() {
  return std::make_unique<PodmanReader>();
}

}  // namespace stapkill
