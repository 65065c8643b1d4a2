#include "autopsy/inquest/reason_words.h"

#include <array>
#include <optional>
#include <vector>

namespace stapkill {
namespace {

/// Reasons that messages/ and records/ write, with a hole for each value. Of several that fit the first counts. What is
/// not here is shown as it is written.
constexpr std::array kReasons = {
    // messages/systemd_unit_rows.cpp, systemd_units.cpp
    msgid("its reload had not ended in time (TimeoutStartSec)"),
    msgid("it had not started in time (TimeoutStartSec)"),
    msgid("it had not stopped in time (TimeoutStopSec)"),
    msgid("it had not stopped in time (TimeoutStopSec; {})"),
    msgid("it had not ended in time (TimeoutSec)"),
    msgid("its run time was over (RuntimeMaxSec)"),
    msgid("it had not sent its keep-alive in time (WatchdogSec={})"),
    msgid("it asked for its watchdog's end (WATCHDOG=trigger)"),
    msgid("its start job timed out (JobTimeoutSec)"),
    msgid("its start job timed out (JobTimeoutSec): {}"),
    msgid("its stop job timed out (JobTimeoutSec)"),
    msgid("its stop job timed out (JobTimeoutSec): {}"),
    msgid("systemd-oomd ended processes of it"),
    msgid("systemd-oomd ended {} of its processes"),
    msgid("OpenRC stops the service"),
    // messages/daemons_kubelet.cpp
    msgid("grace period, s: {}"),
    msgid("its pod ends; grace period, s: {}"),
    msgid("the pod is not wanted"),
    msgid("the pod does not want the container"),
    msgid("its pod was deleted"),
    msgid("its pod was removed"),
    msgid("evicted: the node ran out of a resource"),
    msgid("preempted: a critical pod needed the room"),
    msgid("preempted: a critical pod needed the room: {}"),
    msgid("the node is shutting down"),
    // messages/daemons_containers.cpp, daemons_podman.cpp
    msgid("it had not stopped in time"),
    msgid("it had not stopped within {} of {}"),
    msgid("it had not ended within {} of its kill"),
    msgid("it could not be sent signal {}"),
    msgid("the API was asked to stop it"),
    msgid("the API was asked to kill it"),
    msgid("the API was asked to restart it"),
    msgid("the API was asked to remove it"),
    msgid("the CRI was asked to stop it; timeout, s: {}"),
    msgid("the CRI was asked to stop its pod's sandbox"),
    msgid("it is sent its stop signal: {}"),
    msgid("it is killed"),
    msgid("podman was asked to kill it"),
    msgid("podman was asked to stop it"),
    msgid("podman was asked to remove it"),
    // messages/daemons_memory.cpp
    msgid("little memory was left"),
    msgid("little memory was left; {}"),
    msgid("memory got still less after its SIGTERM"),
    // records/core_finding.cpp, messages/kernel_faults.cpp
    msgid("{} (its core is truncated)"),
    msgid("SIGXFSZ: it wrote beyond its limit of file size"),
    msgid("SIGSYS: seccomp refused system call {}"),
    msgid("SIGQUIT from its terminal"),
    msgid("SIGXCPU: it used up its limit of CPU time"),
    msgid("SIG{}, sent by itself, in {}"),
    msgid("SIG{}, sent by itself"),
    msgid("SIG{}, sent from outside its pid namespace"),
    msgid("SIG{}, sent by process {} of its pid namespace"),
    msgid("SIG{}, sent by process {}"),
    msgid("SIG{} of a timer"),
    msgid("SIG{}: who sent it is what the sender wrote"),
    msgid("SIG{} (hardware memory corruption)"),
    msgid("SIG{} at {} in {}"),
    msgid("SIG{} at {}"),
    msgid("SIG{} in {}"),
    msgid("fatal SIG{}"),
    msgid("an exception ended it: {}"),
    // audit_findings.cpp
    msgid("ended by SIG{}"),
    msgid("seccomp filter: end the process, system call {}"),
    msgid("seccomp filter: end the thread, system call {}"),
    msgid("seccomp filter: send SIGSYS, system call {}"),
    msgid("seccomp filter, system call {}"),
    msgid("the service failed to start"),
    msgid("the service started"),
    msgid("the service failed"),
    msgid("the service became inactive"),
    msgid("auditd stopped: nothing was audited until it started again"),
    // records/container_state.cpp, docker_state.cpp, podman_state.cpp, cri_state.cpp, crio_state.cpp, kube_words.cpp
    msgid("{} (memory limit {})"),
    msgid("OOMKilled, by {}: the out-of-memory killer ended one or more processes of its memory cgroup since its start "
          "(on cgroup v1: its memory ran out, which mostly means that), not necessarily the main one"),
    msgid("the kubelet, which has it from the runtime"),
    msgid("HasBeenManuallyStopped: dockerd was asked to send it a signal since its start (docker stop, restart, kill "
          "or rm -f, or an API call); which signal and when is not kept"),
    msgid("StoppedByUser: podman was asked to stop it since its start"),
    msgid("health check: unhealthy, {} failures in a row"),
    msgid("the last error of its start, stop or removal: {}"),
    msgid("it could not be started: {}"),
    msgid("CRI-O stopped it for forbidden system calls: {}"),
    msgid("CRI-O stopped it for its system calls: {}"),
    msgid("podman sent it a signal (podman kill, or what its failing health check asks for); which one is not kept"),
    msgid("podman has stopped it (podman stop, restart, rm -f, or what its failing health check asks for)"),
    msgid("ContainerStatusUnknown: the kubelet lost the container, and makes up the exit status 137"),
    msgid("{} ({} before the text was made)"),
    // records/pods.cpp, wtmp.cpp, package_logs.cpp, systemctl_show.cpp
    msgid("the last line of its first start's log"),
    msgid("the last line of its log after {} restarts"),
    msgid("{} logged in on {} from {}"),
    msgid("{} logged in on {}"),
    msgid("the machine started"),
    msgid("the machine started with kernel {}"),
    msgid("the machine was shut down"),
    msgid("{} package: {}"),
    msgid("{} packages: {}"),
    msgid("systemd restarted the unit {} times"),
    // records/cgroups.cpp
    msgid("memory.events: oom_group_kill {} (all its processes were ended together, since the cgroup was made){}"),
    msgid("memory.events.local: oom_kill {} (of its own processes, since the cgroup was made){}"),
    msgid("memory.events: oom_kill {} (of it and of those below it, since the cgroup was made){}"),
    msgid("memory.events: oom_kill {} in cgroups below it that are gone (since the cgroup was made)"),
    msgid("memory.oom_control: oom_kill {} (of its own processes, since the cgroup was made){}"),
    msgid("pids.events: max {} (so often a new process or thread was refused: too many, since the cgroup was made)"),
};

constexpr std::string_view kHole = "{}";

/// The values that a text has in the holes of a reason; none where it is another one. A hole that is last takes all.
std::optional<std::vector<Phrase>> values_in(std::string_view text, std::string_view reason) {
  std::vector<Phrase> values;
  auto hole = reason.find(kHole);
  if (!text.starts_with(reason.substr(0, hole))) return std::nullopt;
  if (hole == std::string_view::npos) return text == reason ? std::optional(values) : std::nullopt;
  text.remove_prefix(hole);
  while (hole != std::string_view::npos) {
    reason.remove_prefix(hole + kHole.size());
    hole = reason.find(kHole);
    auto next = reason.substr(0, hole);
    bool is_last = hole == std::string_view::npos;
    if (is_last && !text.ends_with(next)) return std::nullopt;
    auto end = is_last ? text.size() - next.size() : next.empty() ? text.size() : text.find(next);
    if (end == std::string_view::npos) return std::nullopt;
    values.push_back(reason_words(text.substr(0, end)));
    text.remove_prefix(end + next.size());
  }
  return values;
}

}  // namespace

Phrase reason_words(std::string_view reason) {
  for (auto known : kReasons) {
    if (auto values = values_in(reason, known)) return Phrase::of(known, *values);
  }
  return reason;
}

Phrase reason_in_brackets(const Finding& finding) {
  return finding.reason.empty() ? Phrase() : phrase(" ({})", reason_words(finding.reason));
}

}  // namespace stapkill
