#include "autopsy/inquest/kinds.h"

#include <algorithm>
#include <array>

#include "base/phrase.h"

namespace stapkill {
namespace {

using K = Finding::Kind;

// What each source can know: the kernel's functions, the daemons' and audit's documentation, named at their readers.
constexpr std::array kWords = {
    KindWords{K::oom_kill, "oom-kill", Bearing::end,
              msgid("the kernel's out-of-memory killer sent SIGKILL to this pid"), msgid("why memory was short")},
    KindWords{K::fault, "fault", Bearing::end, msgid("this thread made a CPU fault that it had no handler for"),
              msgid("which line of the program it was")},
    KindWords{K::seccomp, "seccomp", Bearing::end, msgid("a seccomp filter refused a system call of this pid"), ""},
    KindWords{K::abnormal_end, "abnormal-end", Bearing::end, msgid("this pid ended by that signal"),
              msgid("who sent it")},
    KindWords{K::core, "core", Bearing::end, msgid("this pid ended by that signal and its memory was to be dumped"),
              msgid("who sent it, unless the core names a sender")},
    KindWords{K::unit_process, "unit-process", Bearing::end, msgid("the unit's process ended so"),
              msgid("who sent a signal")},
    KindWords{K::accounting, "accounting", Bearing::end, msgid("this pid ended so"), msgid("who sent a signal")},
    KindWords{K::container_end, "container-end", Bearing::end,
              msgid("the container's first process ended with that status"),
              msgid("whether 128+N was a signal or the program's own status; who sent it")},
    KindWords{K::signal_call, "signal-call", Bearing::end, msgid("this process asked the kernel to send that signal"),
              msgid("whether the target ended by it")},
    KindWords{K::userspace_oom, "userspace-oom", Bearing::decision,
              msgid("this daemon decided to end it, to free memory"), ""},
    KindWords{K::unit_kill, "unit-kill", Bearing::decision, msgid("systemd sent that signal to this pid"),
              msgid("who asked systemd, if somebody did")},
    KindWords{K::unit_stop, "unit-stop", Bearing::decision,
              msgid("systemd began to stop the unit: somebody asked, or a unit that it belongs to was stopped"),
              msgid("who asked")},
    KindWords{K::unit_limit, "unit-limit", Bearing::decision,
              msgid("a limit of the unit was reached, and systemd ends it then"), ""},
    KindWords{K::unit_oom, "unit-oom", Bearing::decision,
              msgid("the kernel's out-of-memory killer ended a process of the unit"), msgid("which process it was")},
    KindWords{K::container_stop, "container-stop", Bearing::decision, msgid("the runtime was ending this container"),
              msgid("who asked")},
    KindWords{K::kubelet_kill, "kubelet-kill", Bearing::decision, msgid("the kubelet decided to end this container"),
              ""},
    KindWords{K::cgroup_kill, "cgroup-kill", Bearing::decision, msgid("all processes of this cgroup got SIGKILL"),
              msgid("who wrote to cgroup.kill")},
    KindWords{K::sysrq, "sysrq", Bearing::decision, msgid("somebody used this SysRq, which signals many processes"),
              msgid("who used it; whether this process was alive then")},
    KindWords{K::unit_result, "unit-result", Bearing::detail, msgid("systemd judged the unit's end so"),
              msgid("who ended it")},
    KindWords{K::unit_start, "unit-start", Bearing::detail, msgid("the unit was started then"), ""},
    KindWords{K::claim, "claim", Bearing::detail, msgid("the runtime says so"),
              msgid("whether that ended this process")},
    KindWords{K::counter, "counter", Bearing::detail, msgid("so often since the cgroup was made"),
              msgid("when, and which process")},
    KindWords{K::hung_task, "hung-task", Bearing::detail, msgid("this thread was blocked in the kernel"),
              msgid("that it ended")},
    KindWords{K::boot, "boot", Bearing::machine, msgid("the machine was started then"), ""},
    KindWords{K::shutdown, "shutdown", Bearing::machine, msgid("the machine was being stopped"), ""},
    KindWords{K::sleep, "sleep", Bearing::machine, msgid("the machine slept"), ""},
    KindWords{K::crash, "crash", Bearing::machine, msgid("the kernel failed"), ""},
    KindWords{K::login, "login", Bearing::context, msgid("somebody logged in or out then"), msgid("what they did")},
    KindWords{K::command, "command", Bearing::context, msgid("this command was run then"),
              msgid("that it ended the process")},
    KindWords{K::job, "job", Bearing::context, msgid("this job was started then"), msgid("that it ended the process")},
    KindWords{K::packages, "packages", Bearing::context, msgid("packages were changed then"),
              msgid("that it ended the process")},
    KindWords{K::note, "note", Bearing::context, msgid("this was logged then"), ""},
};

}  // namespace

const KindWords& words_of(Finding::Kind kind) {
  return *std::find_if(kWords.begin(), kWords.end(), [&](const KindWords& row) { return row.kind == kind; });
}

std::span<const KindWords> kind_words() {
  return kWords;
}

}  // namespace stapkill
