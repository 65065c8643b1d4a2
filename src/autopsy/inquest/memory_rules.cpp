#include "autopsy/inquest/memory_rules.h"

#include <fmt/format.h>

#include <csignal>

#include "autopsy/inquest/party_words.h"
#include "verdict/evidence.h"

namespace stapkill {
namespace {

using K = Finding::Kind;
constexpr auto kCertain = Confidence::certain, kLikely = Confidence::likely;
constexpr Time kSecond = 1'000'000'000;

std::string size_of_victim(const OomReport& report) {
  return report.resident ? fmt::format("; it had {}", size_text(report.resident).english()) : "";
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

/// That of the daemon itself, where it is there: systemd writes about it, too.
const Finding* userspace_kill(const FoundDeath& death) {
  const Finding* said = nullptr;
  for (const auto* list : {&death.ends, &death.decisions}) {
    for (const auto* one : *list) {
      if (one->kind == K::userspace_oom && (!said || one->actor.pid)) said = one;
    }
  }
  return said;
}

}  // namespace

Found by_oom(const FoundDeath& death, const Evidence&) {
  const auto* kill = first_of(death.ends, K::oom_kill);
  if (!kill || !can_be_by(death, {SIGKILL})) return std::nullopt;
  auto report = kill->oom.value_or(OomReport{});
  bool memcg = report.scope == OomReport::Scope::memcg;
  auto made = make_conclusion(memcg ? Cause::oom_memcg : Cause::oom_global, kCertain, oom_sentence(report), kill);
  // SysRq f starts the same killer (drivers/tty/sysrq.c, moom_callback).
  const auto* asked = last_of(death.decisions, K::sysrq);
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
  const auto* said = first_of(death.decisions, K::unit_oom);
  if (!said) said = first_of(death.details, K::unit_oom);
  if (!said || death.signal != SIGKILL || death.signal_inferred) return std::nullopt;
  auto made = make_conclusion(
      Cause::oom_memcg, kLikely,
      "was killed by SIGKILL, and systemd saw the kernel's out-of-memory killer end a process of the unit", said);
  made.missing = "the kernel's own report, which names the process and whose limit it was";
  return made;
}

Found by_runtimes_claim(const FoundDeath& death, const Evidence& evidence) {
  const auto* claim = first_of(death.details, K::claim);
  if (!claim || claim->reason.find("OOMKilled") == std::string::npos || !can_be_by(death, {SIGKILL}))
    return std::nullopt;
  if (has_kernel_log(evidence, death.time)) return std::nullopt;  // it would have the report
  auto made = make_conclusion(Cause::oom_memcg, kLikely,
                              end_words(death) + ": the runtime says that it was out of memory (OOMKilled)", claim);
  made.missing = "the kernel's log of that time, which names the process that its out-of-memory killer chose";
  return made;
}

Found by_userspace_oom(const FoundDeath& death, const Evidence&) {
  const auto* kill = userspace_kill(death);
  if (!kill || !can_be_by(death, {SIGKILL, SIGTERM})) return std::nullopt;
  bool named = kill->subject.pid && kill->subject.pid == death.who.pid;
  bool sure = named && kill->signal && is_shown_to_end_by(death, kill->signal);
  auto made =
      make_conclusion(Cause::kill, sure ? kCertain : kLikely,
                      fmt::format("{} {}, to free memory{}", death.signal ? end_words(death) + " from" : "was ended by",
                                  actor_words(kill->actor), kill->reason.empty() ? "" : ": " + kill->reason),
                      kill);
  made.killer = made.initiator = kill->actor;
  made.through = "kill(2)";
  if (!sure)
    made.missing = named ? "a source that shows that this process ended by it" : "a source that names this process";
  return made;
}

}  // namespace stapkill
