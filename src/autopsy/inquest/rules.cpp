#include "autopsy/inquest/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <initializer_list>

#include "autopsy/inquest/contradictions.h"
#include "autopsy/inquest/handled_signal.h"
#include "autopsy/inquest/kinds.h"
#include "autopsy/inquest/kubelet.h"
#include "autopsy/inquest/nearby_kill.h"
#include "autopsy/inquest/party_words.h"
#include "base/signals.h"
#include "verdict/evidence.h"
#include "verdict/exit_codes.h"

namespace stapkill {
namespace {

using K = Finding::Kind;
using Found = std::optional<Conclusion>;
constexpr auto kCertain = Confidence::certain, kLikely = Confidence::likely;
constexpr Time kSecond = 1'000'000'000;

const Finding* first(const std::vector<const Finding*>& findings, K kind) {
  auto at = std::find_if(findings.begin(), findings.end(), [&](const Finding* one) { return one->kind == kind; });
  return at == findings.end() ? nullptr : *at;
}

const Finding* last(const std::vector<const Finding*>& findings, K kind) {
  auto at = std::find_if(findings.rbegin(), findings.rend(), [&](const Finding* one) { return one->kind == kind; });
  return at == findings.rend() ? nullptr : *at;
}

/// Whether a source shows, by its pid, that it ended by this signal.
bool is_shown_to_end_by(const FoundDeath& death, int number) {
  return std::any_of(death.ends.begin(), death.ends.end(), [&](const Finding* one) {
    bool is_end = words_of(one->kind).bearing == Bearing::end && one->kind != K::signal_call;
    return is_end && one->signal == number && one->subject.pid;
  });
}

/// Whether the end may be this signal's: by it, or not known.
bool can_be_by(const FoundDeath& death, std::initializer_list<int> numbers) {
  if (death.status && !death.signal) return false;
  return !death.signal || std::find(numbers.begin(), numbers.end(), death.signal) != numbers.end();
}

Conclusion make(Cause cause, Confidence confidence, std::string sentence, const Finding* decisive) {
  Conclusion made;
  made.cause = cause;
  made.confidence = confidence;
  made.sentence = std::move(sentence);
  made.decisive = decisive;
  return made;
}

// --- memory
// -----------------------------------------------------------------------------------------------------------

std::string size_of_victim(const OomReport& report) {
  return report.resident ? fmt::format("; it had {}", size_text(report.resident)) : "";
}

std::string oom_sentence(const OomReport& report) {
  std::string text = "was killed by SIGKILL from the kernel's out-of-memory killer";
  switch (report.scope) {
    case OomReport::Scope::memcg:
      text += report.limited.empty() ? ": a memory cgroup was at its limit"
                                     : fmt::format(": memory cgroup {} was at its limit", report.limited);
      if (report.limit) text += " of " + size_text(report.limit);
      break;
    case OomReport::Scope::machine:
      text += ": the machine's memory was used up";
      break;
    case OomReport::Scope::cpuset:
      text += ": the memory of its cpuset was used up";
      break;
    case OomReport::Scope::mempolicy:
      text += ": the memory of its memory policy was used up";
      break;
    case OomReport::Scope::unknown:
      break;
  }
  if (report.whole_group) text += "; it ended with all processes of its cgroup (memory.oom.group)";
  return text + size_of_victim(report);
}

Found by_oom(const FoundDeath& death, const Evidence&) {
  const auto* kill = first(death.ends, K::oom_kill);
  if (!kill || !can_be_by(death, {SIGKILL})) return std::nullopt;
  auto report = kill->oom.value_or(OomReport{});
  bool memcg = report.scope == OomReport::Scope::memcg;
  auto made = make(memcg ? Cause::oom_memcg : Cause::oom_global, kCertain, oom_sentence(report), kill);
  // SysRq f starts the same killer (drivers/tty/sysrq.c, moom_callback).
  const auto* asked = last(death.decisions, K::sysrq);
  bool near = asked && asked->reason.find("OOM") != std::string::npos &&
              std::abs(moment_of(*asked) - moment_of(*kill)) <= 2 * kSecond;
  if (near || kill->reason.starts_with("SysRq f")) {  // its report has order=-1 (mm/oom_kill.c, is_sysrq_oom)
    made.cause = Cause::sysrq;
    made.sentence = "was killed by SIGKILL from the kernel's out-of-memory killer, which SysRq f ran";
  } else if (report.scope == OomReport::Scope::unknown) {
    made.confidence = kLikely;
    made.missing =
        "whether a memory cgroup's limit or the machine's memory was short: the lines of the report that say so";
  }
  return made;
}

Found by_oom_word_of_systemd(const FoundDeath& death, const Evidence&) {
  const auto* said = first(death.decisions, K::unit_oom);
  if (!said) said = first(death.details, K::unit_oom);
  if (!said || death.signal != SIGKILL || death.signal_inferred) return std::nullopt;
  auto made =
      make(Cause::oom_memcg, kLikely,
           "was killed by SIGKILL, and systemd saw the kernel's out-of-memory killer end a process of the unit", said);
  made.missing = "the kernel's own report, which names the process and whose limit it was";
  return made;
}

Found by_runtimes_claim(const FoundDeath& death, const Evidence& evidence) {
  const auto* claim = first(death.details, K::claim);
  if (!claim || claim->reason.find("OOMKilled") == std::string::npos || !can_be_by(death, {SIGKILL}))
    return std::nullopt;
  if (has_kernel_log(evidence, death.time)) return std::nullopt;  // it would have the report
  auto made = make(Cause::oom_memcg, kLikely,
                   end_words(death) + ": the runtime says that it was out of memory (OOMKilled)", claim);
  made.missing = "the kernel's log of that time, which names the process that its out-of-memory killer chose";
  return made;
}

/// That of the daemon itself, where it is there: systemd tells of it, too.
const Finding* userspace_kill(const FoundDeath& death) {
  const Finding* told = nullptr;
  for (const auto* list : {&death.ends, &death.decisions}) {
    for (const auto* one : *list) {
      if (one->kind == K::userspace_oom && (!told || one->actor.pid)) told = one;
    }
  }
  return told;
}

Found by_userspace_oom(const FoundDeath& death, const Evidence&) {
  const auto* kill = userspace_kill(death);
  if (!kill || !can_be_by(death, {SIGKILL, SIGTERM})) return std::nullopt;
  bool named = kill->subject.pid && kill->subject.pid == death.who.pid;
  bool sure = named && kill->signal && is_shown_to_end_by(death, kill->signal);
  auto made = make(Cause::kill, sure ? kCertain : kLikely,
                   fmt::format("{} {}, to free memory{}", death.signal ? end_words(death) + " from" : "was ended by",
                               actor_words(kill->actor), kill->reason.empty() ? "" : ": " + kill->reason),
                   kill);
  made.killer = made.initiator = kill->actor;
  made.through = "kill(2)";
  if (!sure)
    made.missing = named ? "a source that shows that this process ended by it" : "a source that names this process";
  return made;
}

// --- signals
// ----------------------------------------------------------------------------------------------------------

struct Call {
  std::string_view through;
  Cause cause;
};
constexpr Call kCalls[] = {
    {"kill(2)", Cause::kill},
    {"tkill(2)", Cause::tkill},
    {"tgkill(2)", Cause::tkill},
    {"rt_sigqueueinfo(2)", Cause::sigqueue},
    {"rt_tgsigqueueinfo(2)", Cause::sigqueue},
    {"pidfd_send_signal(2)", Cause::pidfd},
};

Cause cause_of_call(std::string_view through) {
  const auto* row =
      std::find_if(std::begin(kCalls), std::end(kCalls), [&](const Call& one) { return one.through == through; });
  return row == std::end(kCalls) ? Cause::kill : row->cause;
}

/// The calls that sent the signal it ended by, or a fatal one where that is not known, the earliest first.
std::vector<const Finding*> fatal_calls(const FoundDeath& death) {
  std::vector<const Finding*> calls;
  for (const auto* list : {&death.ends, &death.decisions}) {
    for (const auto* one : *list) {
      bool fits = death.signal ? one->signal == death.signal : one->signal == SIGKILL;
      if (one->kind == K::signal_call && !one->failed && one->signal && fits) calls.push_back(one);
    }
  }
  std::sort(calls.begin(), calls.end(),
            [](const Finding* one, const Finding* other) { return moment_of(*one) < moment_of(*other); });
  return calls;
}

/// The first one that another process sent, too.
const Finding* other_sender(const std::vector<const Finding*>& calls) {
  auto other = std::find_if(calls.begin(), calls.end(),
                            [&](const Finding* one) { return one->actor.pid != calls.front()->actor.pid; });
  return other == calls.end() ? nullptr : *other;
}

/// Whether the runtime saw the process end by 128+9 just after that call: SIGKILL cannot be handled, and what ended
/// before would have got it as a zombie.
bool ended_after(const FoundDeath& death, const Finding& call) {
  constexpr Time soon = 2 * kSecond;
  return std::any_of(death.ends.begin(), death.ends.end(), [&](const Finding* one) {
    auto delay = one->time - call.time;
    return call.signal == SIGKILL && call.time && one->kind == K::container_end && one->subject.pid &&
           one->subject.pid == call.subject.pid && one->status == 128 + SIGKILL && delay >= 0 && delay <= soon &&
           one->doubt < kSecond && call.doubt < kSecond;
  });
}

Found by_call(const FoundDeath& death, const Evidence&) {
  auto calls = fatal_calls(death);
  if (calls.empty() || (death.status && !death.signal)) return std::nullopt;
  const auto* call = calls.front();
  const auto* other = other_sender(calls);
  bool shown = is_shown_to_end_by(death, call->signal) || ended_after(death, *call);
  auto made = make(call->self ? Cause::self : cause_of_call(call->through), shown && !other ? kCertain : kLikely,
                   fmt::format("was killed by {} {} ({})", signal_name(call->signal),
                               call->self ? "that it sent itself" : "from " + actor_words(call->actor), call->through),
                   call);
  made.killer = made.initiator = call->actor;
  made.through = call->through;
  if (!shown) made.missing = "a source that shows that this process ended by it";
  if (!other) return made;
  made.sentence += fmt::format("; {} sent it, too", actor_words(other->actor));
  made.missing = "which of several senders it was";
  return made;
}

/// systemd's limit or stop job before its signal.
const Finding* reason_of_systemd(const FoundDeath& death) {
  if (const auto* limit = last(death.decisions, K::unit_limit)) return limit;
  return last(death.decisions, K::unit_stop);
}

std::string systemds_reason(const Finding* reason) {
  if (!reason) return "";
  if (reason->kind == K::unit_limit) return ": " + reason->reason;
  return ": a job to stop the unit had begun";
}

/// Who asked for a stop job, where audit or the journal names a login.
Party asker_of(const Finding* reason) {
  return reason && reason->kind == K::unit_stop ? reason->actor : Party{};
}

Party systemd() {
  Party party;
  party.pid = 1;
  party.comm = "systemd";
  return party;
}

/// The sender that a core names by its pid. pid 1 is the host's: a core of another pid namespace names none.
Conclusion by_cores_sender(const FoundDeath& death, const Finding& core) {
  auto sender = core.actor;
  const auto* reason = sender.pid == 1 ? reason_of_systemd(death) : nullptr;
  if (reason) sender = systemd();
  auto made = make(Cause::kill, kCertain,
                   fmt::format("was killed by {} from {} (as its core says){}", signal_name(core.signal),
                               actor_words(sender), systemds_reason(reason)),
                   &core);
  made.killer = sender;
  made.initiator = reason ? asker_of(reason) : sender;
  made.through = reason ? "systemd" : "kill(2)";
  return made;
}

Found by_core(const FoundDeath& death, const Evidence&) {
  for (const auto* core : death.ends) {
    if (core->kind != K::core || !core->signal) continue;
    auto name = signal_name(core->signal);
    if (core->by_kernel)
      return make(Cause::fault, kCertain,
                  fmt::format("was killed by {}: a fault of its own{}", name,
                              core->reason.empty() ? "" : " (" + core->reason + ")"),
                  core);
    if (core->self) {
      auto made =
          make(Cause::self, kCertain, fmt::format("was killed by {} that it sent itself (abort, raise)", name), core);
      made.killer = core->subject;
      return made;
    }
    if (!core->actor.pid) continue;
    return by_cores_sender(death, *core);
  }
  return std::nullopt;
}

Found by_fault(const FoundDeath& death, const Evidence&) {
  const auto* fault = first(death.ends, K::fault);
  if (!fault || (death.status && !death.signal)) return std::nullopt;
  if (death.signal && fault->signal && death.signal != fault->signal) return std::nullopt;
  auto number = death.signal ? death.signal : fault->signal;
  return make(Cause::fault, kCertain,
              fmt::format("was killed by {}: a fault of its own{}", number ? signal_name(number) : "a signal",
                          fault->reason.empty() ? "" : " (" + fault->reason + ")"),
              fault);
}

Found by_seccomp(const FoundDeath& death, const Evidence&) {
  const auto* refused = first(death.ends, K::seccomp);
  if (!refused || !can_be_by(death, {SIGSYS, SIGKILL})) return std::nullopt;
  bool shown =
      is_shown_to_end_by(death, SIGSYS) && std::any_of(death.ends.begin(), death.ends.end(), [&](const Finding* one) {
        return one != refused && one->signal == SIGSYS && one->subject.pid;
      });
  // SECCOMP_RET_KILL_PROCESS: the record names the thread group, which ends (kernel/seccomp.c, __seccomp_filter).
  shown |= refused->subject.pid != 0 && refused->reason.find("end the process") != std::string::npos;
  auto made = make(Cause::seccomp, shown ? kCertain : kLikely,
                   fmt::format("was killed by {}: a seccomp filter refused a system call{}",
                               signal_name(refused->signal ? refused->signal : SIGSYS),
                               refused->reason.empty() ? "" : " (" + refused->reason + ")"),
                   refused);
  if (!shown) made.missing = "a source that shows that the whole process ended, not one thread";
  return made;
}

Found by_sysrq(const FoundDeath& death, const Evidence&) {
  const auto* asked = last(death.decisions, K::sysrq);
  if (!asked || asked->reason.find("OOM") != std::string::npos || !can_be_by(death, {SIGTERM, SIGKILL}))
    return std::nullopt;
  auto made = make(Cause::sysrq, kLikely, end_words(death) + ": SysRq was used (" + asked->reason + ")", asked);
  made.missing = "that this signal was SysRq's, and who used it";
  return made;
}

// --- managers
// ---------------------------------------------------------------------------------------------------------

/// systemd names each process that it sends SIGKILL: where that was one alone, and then the main process ended by
/// SIGKILL, it was this one (core/unit.c, unit_kill_context, 252).
bool is_only_one_killed(const FoundDeath& death, const Finding& kill, const Evidence& evidence) {
  if (kill.signal != SIGKILL) return false;
  auto end = std::find_if(death.ends.begin(), death.ends.end(), [&](const Finding* one) {
    return one->kind == K::unit_process && one->signal == SIGKILL && one->subject.unit == kill.subject.unit &&
           (one->reason.starts_with("Main") || one->reason.starts_with("main")) && moment_of(*one) >= moment_of(kill) &&
           moment_of(*one) - moment_of(kill) <= 2 * kSecond;
  });
  if (end == death.ends.end()) return false;
  return std::none_of(evidence.findings.begin(), evidence.findings.end(), [&](const Finding& other) {
    return other.kind == K::unit_kill && other.subject.unit == kill.subject.unit &&
           other.subject.pid != kill.subject.pid && std::abs(moment_of(other) - moment_of(kill)) <= 10 * kSecond;
  });
}

Found by_systemds_signal(const FoundDeath& death, const Evidence& evidence) {
  const auto* kill = last(death.decisions, K::unit_kill);
  if (!kill) kill = first(death.ends, K::unit_kill);
  if (!kill || !kill->subject.pid || kill->subject.pid != death.who.pid || !can_be_by(death, {kill->signal}))
    return std::nullopt;
  bool shown = is_shown_to_end_by(death, kill->signal) || is_only_one_killed(death, *kill, evidence);
  const auto* reason = reason_of_systemd(death);
  auto made =
      make(Cause::kill, shown ? kCertain : kLikely,
           fmt::format("was killed by {} from systemd(1){}", signal_name(kill->signal), systemds_reason(reason)), kill);
  made.killer = systemd();
  made.initiator = asker_of(reason);
  made.through = "systemd";
  if (!shown) made.missing = "a source that shows that this process ended by it";
  return made;
}

/// The unit ended by the signal that systemd sends then, or handled it and exited.
Found by_systemds_job(const FoundDeath& death, const Evidence&) {
  const auto* reason = reason_of_systemd(death);
  if (!reason || unit_of(death.who).empty()) return std::nullopt;
  bool exited = death.status && !death.signal;
  if (!exited && !can_be_by(death, {SIGTERM, SIGKILL, SIGINT, SIGQUIT, SIGHUP, SIGABRT, SIGUSR1})) return std::nullopt;
  auto made = make(exited ? Cause::exit : Cause::kill, kLikely, end_words(death) + systemds_reason(reason), reason);
  if (!exited) made.killer = systemd();
  made.initiator = asker_of(reason);
  made.through = "systemd";
  made.missing =
      reason->kind == K::unit_stop ? "who asked systemd to stop the unit" : "systemd's own line about the signal";
  return made;
}

Found by_kubelet(const FoundDeath& death, const Evidence&) {
  const auto* kill = kubelets_decision(death);
  if (!kill) return std::nullopt;
  bool exited = death.status && !death.signal;
  auto made = make(exited         ? Cause::exit
                   : death.signal ? Cause::kill
                                  : Cause::unknown,
                   kLikely,
                   fmt::format("{}: the kubelet ended its container{}{}", end_words(death),
                               kill->reason.empty() ? "" : " (" + kill->reason + ")", forced_words(death)),
                   kill);
  if (!death.signal && !exited) made.cause = Cause::kill;
  made.initiator = kill->actor;
  if (made.initiator.comm.empty()) made.initiator.comm = "kubelet";
  made.through = "kubelet";
  made.missing = "the signal itself: the runtime sends it for the kubelet";
  return made;
}

Found by_runtimes_stop(const FoundDeath& death, const Evidence&) {
  const auto* stop = last(death.decisions, K::container_stop);
  if (!stop || (death.who.container.empty() && death.who.container_name.empty())) return std::nullopt;
  bool exited = death.status && !death.signal;
  if (!exited && !can_be_by(death, {SIGTERM, SIGKILL, SIGINT, SIGQUIT, SIGHUP})) return std::nullopt;
  auto made = make(exited ? Cause::exit : Cause::kill, kLikely,
                   fmt::format("{}: {} was ending the container{}", end_words(death),
                               stop->through.empty() ? "its runtime" : stop->through,
                               stop->reason.empty() ? "" : " (" + stop->reason + ")"),
                   stop);
  made.initiator = stop->actor;
  made.through = stop->through;
  made.missing = "who asked the runtime";
  return made;
}

/// Flags of a container's state that its runtime was asked to end it, without when and by which signal (moby 29,
/// daemon/kill.go, killWithSignal; libpod, container_api.go).
struct Asked {
  std::string_view flag, words;
};
constexpr Asked kAsked[] = {
    {"HasBeenManuallyStopped", "dockerd had been asked to send it a signal (docker stop, restart, kill or rm -f)"},
    {"StoppedByUser", "podman had been asked to stop it"},
};

Found by_request_to_runtime(const FoundDeath& death, const Evidence&) {
  bool exited = death.status && !death.signal;
  if (!exited && !can_be_by(death, {SIGTERM, SIGKILL, SIGINT, SIGQUIT, SIGHUP})) return std::nullopt;
  for (const auto* claim : death.details) {
    const auto* row = std::find_if(std::begin(kAsked), std::end(kAsked),
                                   [&](const Asked& one) { return claim->reason.starts_with(one.flag); });
    if (claim->kind != K::claim || row == std::end(kAsked)) continue;
    auto made = make(exited ? Cause::exit : Cause::kill, kLikely,
                     fmt::format("{}: {} since its start", end_words(death), row->words), claim);
    made.through = claim->through;
    made.missing = "when that was, by which signal, and who asked";
    return made;
  }
  return std::nullopt;
}

Found by_shutdown(const FoundDeath& death, const Evidence&) {
  const auto* down = last(death.context, K::shutdown);
  if (!down || moment_of(*down) > death.time + down->doubt + death.doubt || !death.signal ||
      !can_be_by(death, {SIGTERM, SIGKILL, SIGHUP}))
    return std::nullopt;
  auto made = make(Cause::kill, kLikely, end_words(death) + ": the machine was being stopped", down);
  made.through = "shutdown";
  made.missing = "who sent the signal";
  return made;
}

// --- what the end itself says
// -----------------------------------------------------------------------------------------

/// OOMPolicy=stop: systemd stops what is left of a unit when the kernel has killed a process of it.
Found by_oom_beside(const FoundDeath& death, const Evidence&) {
  const auto* kill = last(death.details, K::oom_kill);
  const auto* said = last(death.decisions, K::unit_oom);
  if (!kill || !said || !death.status || death.signal) return std::nullopt;
  bool memcg = kill->oom && kill->oom->scope == OomReport::Scope::memcg;
  auto made = make(memcg ? Cause::oom_memcg : Cause::oom_global, kLikely,
                   fmt::format("{}; before it the kernel's out-of-memory killer had killed {}, of the same unit",
                               end_words(death), words_for(kill->subject)),
                   kill);
  made.missing = "whether it ended because of that: systemd then stops the unit (OOMPolicy)";
  return made;
}

Found by_exit(const FoundDeath& death, const Evidence&) {
  if (!death.status || death.signal) return std::nullopt;
  auto number = signal_in_status(*death.status);
  if (!number) return make(Cause::exit, kCertain, end_words(death) + " by itself", death.ends.front());
  auto made = make(Cause::exit, kLikely,
                   fmt::format("{} (128 + {}: so exits a program that handled it, or that has the status from a child "
                               "that ended by it)",
                               end_words(death), signal_name(*number)),
                   death.ends.front());
  made.missing = "whether that signal was sent, and by whom";
  return made;
}

/// Signals that have one usual cause; another process can send any of them.
struct UsualCause {
  int number;
  Cause cause;
  std::string_view words;
};
constexpr UsualCause kUsual[] = {
    {SIGSEGV, Cause::fault, "a fault of its own"},
    {SIGBUS, Cause::fault, "a fault of its own"},
    {SIGFPE, Cause::fault, "a fault of its own"},
    {SIGILL, Cause::fault, "a fault of its own"},
    {SIGTRAP, Cause::fault, "a fault of its own"},
    {SIGABRT, Cause::self, "abort(3) of its own"},
    {SIGPIPE, Cause::sigpipe, "it wrote to a pipe or socket that nobody reads"},
    {SIGSYS, Cause::seccomp, "a seccomp filter refused a system call"},
    {SIGXCPU, Cause::rlimit_cpu, "it used up its CPU time (RLIMIT_CPU)"},
    {SIGXFSZ, Cause::rlimit_fsize, "it wrote beyond its file size limit (RLIMIT_FSIZE)"},
    {SIGALRM, Cause::timer, "a timer of its own ran out"},
    {SIGVTALRM, Cause::timer, "a timer of its own ran out"},
    {SIGPROF, Cause::timer, "a timer of its own ran out"},
};

Found by_usual_cause(const FoundDeath& death, const Evidence&) {
  const auto* row = std::find_if(std::begin(kUsual), std::end(kUsual),
                                 [&](const UsualCause& one) { return one.number == death.signal; });
  if (row == std::end(kUsual) || death.signal_inferred) return std::nullopt;
  auto made =
      make(row->cause, kLikely, fmt::format("{}, probably {}", end_words(death), row->words), death.ends.front());
  made.missing = "who sent the signal: another process can send it, too";
  if (row->cause == Cause::self) made.killer = death.who;
  return made;
}

/// Whether the kernel's log of that time was read and has no report of its out-of-memory killer.
bool is_without_oom(const FoundDeath& death, const Evidence& evidence) {
  constexpr Time near = 60 * kSecond;
  return has_kernel_log(evidence, death.time) &&
         std::none_of(evidence.findings.begin(), evidence.findings.end(), [&](const Finding& one) {
           return one.kind == K::oom_kill && std::abs(moment_of(one) - death.time) <= near + death.doubt + one.doubt;
         });
}

Found unknown(const FoundDeath& death, const Evidence& evidence) {
  Conclusion made;
  made.sentence = end_words(death) + "; nothing that was read shows why";
  if (death.signal) made.sentence = end_words(death) + "; nothing that was read shows who sent it";
  if (death.signal == SIGKILL && is_without_oom(death, evidence))
    made.sentence += ", and the kernel's log of that time has no out-of-memory report";
  made.decisive = death.ends.empty() ? nullptr : death.ends.front();
  made.missing = "a source that names the sender: audit with a rule for kill(2), or stapkill's recorder";
  return made;
}

constexpr std::array kRules = {
    InquestRule{"oom-report", by_oom},
    InquestRule{"signal-call", by_call},
    InquestRule{"core-siginfo", by_core},
    InquestRule{"fault-line", by_fault},
    InquestRule{"seccomp-record", by_seccomp},
    InquestRule{"userspace-oom", by_userspace_oom},
    InquestRule{"systemd-signal", by_systemds_signal},
    InquestRule{"systemd-oom", by_oom_word_of_systemd},
    InquestRule{"kubelet", by_kubelet},
    InquestRule{"runtime-stop", by_runtimes_stop},
    InquestRule{"systemd-job", by_systemds_job},
    InquestRule{"sysrq", by_sysrq},
    InquestRule{"runtime-claim", by_runtimes_claim},
    InquestRule{"runtime-asked", by_request_to_runtime},
    InquestRule{"shutdown", by_shutdown},
    InquestRule{"oom-of-unit", by_oom_beside},
    InquestRule{"nearby-kill", by_nearby_kill},
    InquestRule{"asked-to-exit", by_handled_signal},
    InquestRule{"exit", by_exit},
    InquestRule{"usual-cause", by_usual_cause},
    InquestRule{"unknown", unknown},
};

// --- texts
// ------------------------------------------------------------------------------------------------------------

/// The kernel's report with its beginning, not one line of it.
bool is_whole_report(const Finding& finding) {
  return finding.oom && !finding.oom->asking.empty() && finding.oom->scope != OomReport::Scope::unknown;
}

/// Whether another finding of another kind says the same: that end, or what its manager made of it.
bool supports(const Finding& one, const Finding& decisive) {
  if (one.kind == decisive.kind) return false;
  if (one.kind == K::unit_result || one.kind == K::unit_oom || one.kind == K::unit_kill) return true;
  if (words_of(one.kind).bearing != Bearing::end) return false;
  int number = decisive.kind == K::oom_kill ? SIGKILL : decisive.signal;
  return one.signal ? one.signal == number : one.status && one.status == decisive.status;
}

/// A text proves what its daemon got, not who wrote it: one line that any user can write is never certain.
void doubt_forgeable(FoundDeath& death) {
  const auto* decisive = death.conclusion.decisive;
  if (!decisive || !decisive->forgeable || death.conclusion.confidence != kCertain || is_whole_report(*decisive))
    return;
  for (const auto* list : {&death.ends, &death.decisions, &death.details}) {
    if (std::any_of(list->begin(), list->end(), [&](const Finding* one) { return supports(*one, *decisive); })) return;
  }
  death.conclusion.confidence = kLikely;
  death.conclusion.missing = fmt::format("that {} wrote this line: any user can write one to that log in its name",
                                         decisive->source == "kernel-log" ? "the kernel" : "its program");
}

}  // namespace

namespace {

/// A finding that names another place can decide, too.
void add_decisive(FoundDeath& death) {
  const auto* decisive = death.conclusion.decisive;
  if (!decisive) return;
  for (const auto* list : {&death.ends, &death.decisions, &death.details, &death.context}) {
    if (std::find(list->begin(), list->end(), decisive) != list->end()) return;
  }
  death.details.push_back(decisive);
}

}  // namespace

std::span<const InquestRule> inquest_rules() {
  return kRules;
}

void doubt_unit(FoundDeath& death) {
  if (death.likely_unit.empty() || death.conclusion.confidence != kCertain) return;
  death.conclusion.confidence = kLikely;
  death.conclusion.missing = fmt::format("that {} was of {}: both ended by the same signal at the same time",
                                         words_for(death.who), death.likely_unit);
}

void conclude(FoundDeath& death, const Evidence& evidence) {
  death.contradictions = contradictions_in(death, evidence);
  for (const auto& rule : kRules) {
    auto made = rule.conclude(death, evidence);
    if (!made) continue;
    death.conclusion = std::move(*made);
    death.conclusion.rule = rule.name;
    break;
  }
  doubt_forgeable(death);
  add_decisive(death);
  if (death.contradictions.empty() || death.conclusion.confidence != kCertain) return;
  if (!speaks_against(death)) return;
  death.conclusion.confidence = kLikely;
  death.conclusion.missing = "sources that agree";
}

}  // namespace stapkill
