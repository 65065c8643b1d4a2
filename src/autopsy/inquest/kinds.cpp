#include "autopsy/inquest/kinds.h"

#include <algorithm>
#include <array>

namespace stapkill {
namespace {

using K = Finding::Kind;

// What each source can know: the kernel's functions, the daemons' and audit's documentation, named at their readers.
constexpr std::array kWords = {
    KindWords{K::oom_kill, "oom-kill", Bearing::end, "the kernel's out-of-memory killer sent SIGKILL to this pid",
              "why memory was short"},
    KindWords{K::fault, "fault", Bearing::end, "this thread made a CPU fault that it had no handler for",
              "which line of the program it was"},
    KindWords{K::seccomp, "seccomp", Bearing::end, "a seccomp filter refused a system call of this pid", ""},
    KindWords{K::abnormal_end, "abnormal-end", Bearing::end, "this pid ended by that signal", "who sent it"},
    KindWords{K::core, "core", Bearing::end, "this pid ended by that signal and its memory was to be dumped",
              "who sent it, unless the core names a sender"},
    KindWords{K::unit_process, "unit-process", Bearing::end, "the unit's process ended so", "who sent a signal"},
    KindWords{K::accounting, "accounting", Bearing::end, "this pid ended so", "who sent a signal"},
    KindWords{K::container_end, "container-end", Bearing::end, "the container's first process ended with that status",
              "whether 128+N was a signal or the program's own status; who sent it"},
    KindWords{K::signal_call, "signal-call", Bearing::end, "this process asked the kernel to send that signal",
              "whether the target ended by it"},
    KindWords{K::userspace_oom, "userspace-oom", Bearing::decision, "this daemon decided to end it, to free memory",
              ""},
    KindWords{K::unit_kill, "unit-kill", Bearing::decision, "systemd sent that signal to this pid",
              "who asked systemd, if somebody did"},
    KindWords{K::unit_stop, "unit-stop", Bearing::decision,
              "systemd began to stop the unit: somebody asked, or a unit that it belongs to was stopped", "who asked"},
    KindWords{K::unit_limit, "unit-limit", Bearing::decision,
              "a limit of the unit was reached, and systemd ends it then", ""},
    KindWords{K::unit_oom, "unit-oom", Bearing::decision,
              "the kernel's out-of-memory killer ended a process of the unit", "which process it was"},
    KindWords{K::container_stop, "container-stop", Bearing::decision, "the runtime was ending this container",
              "who asked"},
    KindWords{K::kubelet_kill, "kubelet-kill", Bearing::decision, "the kubelet decided to end this container", ""},
    KindWords{K::cgroup_kill, "cgroup-kill", Bearing::decision, "all processes of this cgroup got SIGKILL",
              "who wrote to cgroup.kill"},
    KindWords{K::sysrq, "sysrq", Bearing::decision, "somebody used this SysRq, which signals many processes",
              "who used it; whether this process was alive then"},
    KindWords{K::unit_result, "unit-result", Bearing::detail, "systemd judged the unit's end so", "who ended it"},
    KindWords{K::unit_start, "unit-start", Bearing::detail, "the unit was started then", ""},
    KindWords{K::claim, "claim", Bearing::detail, "the runtime says so", "whether that ended this process"},
    KindWords{K::counter, "counter", Bearing::detail, "so often since the cgroup was made", "when, and which process"},
    KindWords{K::hung_task, "hung-task", Bearing::detail, "this thread was blocked in the kernel", "that it ended"},
    KindWords{K::boot, "boot", Bearing::machine, "the machine was started then", ""},
    KindWords{K::shutdown, "shutdown", Bearing::machine, "the machine was being stopped", ""},
    KindWords{K::sleep, "sleep", Bearing::machine, "the machine slept", ""},
    KindWords{K::crash, "crash", Bearing::machine, "the kernel failed", ""},
    KindWords{K::login, "login", Bearing::context, "somebody logged in or out then", "what they did"},
    KindWords{K::command, "command", Bearing::context, "this command was run then", "that it ended the process"},
    KindWords{K::job, "job", Bearing::context, "this job was started then", "that it ended the process"},
    KindWords{K::packages, "packages", Bearing::context, "packages were changed then", "that it ended the process"},
    KindWords{K::note, "note", Bearing::context, "this was logged then", ""},
};

}  // namespace

const KindWords& words_of(Finding::Kind kind) {
  return *std::find_if(kWords.begin(), kWords.end(), [&](const KindWords& row) { return row.kind == kind; });
}

std::span<const KindWords> kind_words() {
  return kWords;
}

}  // namespace stapkill
