#include "autopsy/inquest/sources.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "autopsy/inquest/log_readers.h"
#include "autopsy/inquest/unit_descriptions.h"
#include "autopsy/logs/read_logs.h"
#include "autopsy/records/read_records.h"

namespace stapkill {
namespace {

constexpr std::array kSources = {
    EvidenceSource{"kernel-log", msgid("the kernel's log")},
    EvidenceSource{"journal", msgid("the journal")},
    EvidenceSource{"log", msgid("a log")},
    EvidenceSource{"systemd", msgid("systemd")},
    EvidenceSource{"audit", msgid("audit")},
    EvidenceSource{"core", msgid("a core dump")},
    EvidenceSource{"accounting", msgid("process accounting")},
    EvidenceSource{"docker", msgid("docker's state")},
    EvidenceSource{"containerd", msgid("containerd's state")},
    EvidenceSource{"cri-o", msgid("CRI-O's state")},
    EvidenceSource{"podman", msgid("podman's state")},
    EvidenceSource{"kubelet", msgid("the kubelet's state")},
    EvidenceSource{"kubelet-logs", msgid("a container's log")},
    EvidenceSource{"cgroup", msgid("a cgroup's counters")},
    EvidenceSource{"wtmp", msgid("wtmp")},
    EvidenceSource{"packages", msgid("the package manager's log")},
};

constexpr auto kMostOfOne = std::chrono::seconds(10);  // on a host that is slow

/// The same scope, for one source.
Scope limited(const Scope& scope) {
  Scope one = scope;
  one.deadline = std::min(scope.deadline, std::chrono::steady_clock::now() + kMostOfOne);
  return one;
}

using ReadEntries = void (*)(const Scope&, const TakeEntry&, std::vector<SourceNote>&);
constexpr ReadEntries kLogs[] = {read_journal, read_text_logs, read_kernel_buffer};

using ReadRecords = Reading (*)(const Scope&);
constexpr ReadRecords kRecords[] = {read_audit,      read_cores,   read_accounting,
                                    read_containers, read_cgroups, read_sessions};

}  // namespace

std::span<const EvidenceSource> evidence_sources() {
  return kSources;
}

Phrase title_of(std::string_view id) {
  const auto* row =
      std::find_if(kSources.begin(), kSources.end(), [&](const EvidenceSource& one) { return one.id == id; });
  return row == kSources.end() ? Phrase(id) : phrase_from(row->title);
}

Evidence gather(const Scope& scope) {
  Evidence evidence;
  for (auto read : kLogs) {
    LogReaders readers;
    std::vector<SourceNote> notes;
    std::pair<Time, Time> kernels{0, 0};
    read(
        limited(scope),
        [&](const LogEntry& entry) {
          readers.take(entry);
          if (entry.source != "kernel-log" || entry.forgeable || !entry.time) return;
          if (!kernels.first || entry.time < kernels.first) kernels.first = entry.time;
          kernels.second = std::max(kernels.second, entry.time);
        },
        notes);
    if (kernels.first) evidence.kernels.push_back(kernels);
    auto findings = readers.finish();
    name_units(scope.files, findings);
    add(evidence, {std::move(findings), std::move(notes)});
  }
  for (auto read : kRecords) add(evidence, read(limited(scope)));
  std::erase_if(evidence.findings, [&](const Finding& one) { return one.time && !scope.has(one.time); });
  bring_together(evidence);
  leave_out_forged(evidence);
  return evidence;
}

}  // namespace stapkill
