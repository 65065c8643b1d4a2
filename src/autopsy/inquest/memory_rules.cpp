#include "autopsy/inquest/memory_rules.h"

#include <csignal>

#include "autopsy/inquest/party_words.h"
#include "autopsy/inquest/reason_words.h"
#include "verdict/evidence.h"

namespace stapkill {
namespace {

using K = Finding::Kind;
constexpr auto kCertain = Confidence::certain, kLikely = Confidence::likely;
constexpr Time kSecond = 1'000'000'000;

Phrase size_of_victim(const OomReport& report) {
  return report.resident ? phrase("; it had {}", size_text(report.resident)) : Phrase();
}

/// The limit of a memory cgroup, as far as the report has it.
Phrase limit_words(const OomReport& report) {
  if (!report.limit)
    return report.limited.empty() ? phrase(": a memory cgroup was at its limit")
                                  : phrase(": memory cgroup {} was at its limit", report.limited);
  auto size = size_text(report.limit);
  return report.limited.empty() ? phrase(": a memory cgroup was at its limit of {}", size)
                                : phrase(": memory cgroup {} was at its limit of {}", report.limited, size);
}

Phrase oom_sentence(const OomReport& report) {
  auto text = phrase("was killed by SIGKILL from the kernel's out-of-memory killer");
  switch (report.scope) {
    case OomReport::Scope::memcg:
      text += limit_words(report);
      break;
    case OomReport::Scope::machine:
      text += phrase(": the machine's memory was used up");
      break;
    case OomReport::Scope::cpuset:
      text += phrase(": the memory of its cpuset was used up");
      break;
    case OomReport::Scope::mempolicy:
      text += phrase(": the memory of its memory policy was used up");
      break;
    case OomReport::Scope::unknown:
      break;
  }
  if (report.whole_group) text += phrase("; it ended with all processes of its cgroup (memory.oom.group)");
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
    made.sentence = phrase("was killed by SIGKILL from the kernel's out-of-memory killer, which SysRq f ran");
  } else if (report.scope == OomReport::Scope::unknown) {
    made.confidence = kLikely;
    made.missing = phrase(
        "whether a memory cgroup's limit or the machine's memory was short: the lines of the report that say so");
  }
  return made;
}

Found by_oom_word_of_systemd(const FoundDeath& death, const Evidence&) {
  const auto* said = first_of(death.decisions, K::unit_oom);
  if (!said) said = first_of(death.details, K::unit_oom);
  if (!said || death.signal != SIGKILL || death.signal_inferred) return std::nullopt;
  auto made = make_conclusion(
      Cause::oom_memcg, kLikely,
      phrase("was killed by SIGKILL, and systemd saw the kernel's out-of-memory killer end a process of the unit"),
      said);
  made.missing = phrase("the kernel's own report, which names the process and whose limit it was");
  return made;
}

Found by_runtimes_claim(const FoundDeath& death, const Evidence& evidence) {
  const auto* claim = first_of(death.details, K::claim);
  if (!claim || claim->reason.find("OOMKilled") == std::string::npos || !can_be_by(death, {SIGKILL}))
    return std::nullopt;
  if (has_kernel_log(evidence, death.time)) return std::nullopt;  // it would have the report
  auto made =
      make_conclusion(Cause::oom_memcg, kLikely,
                      phrase("{}: the runtime says that it was out of memory (OOMKilled)", end_words(death)), claim);
  made.missing = phrase("the kernel's log of that time, which names the process that its out-of-memory killer chose");
  return made;
}

Found by_userspace_oom(const FoundDeath& death, const Evidence&) {
  const auto* kill = userspace_kill(death);
  if (!kill || !can_be_by(death, {SIGKILL, SIGTERM})) return std::nullopt;
  bool named = kill->subject.pid && kill->subject.pid == death.who.pid;
  bool sure = named && kill->signal && is_shown_to_end_by(death, kill->signal);
  auto why = kill->reason.empty() ? Phrase() : phrase(": {}", reason_words(kill->reason));
  auto made = make_conclusion(
      Cause::kill, sure ? kCertain : kLikely,
      death.signal ? phrase("{} from {}, to free memory{}", end_words(death), actor_words(kill->actor), why)
                   : phrase("was ended by {}, to free memory{}", actor_words(kill->actor), why),
      kill);
  made.killer = made.initiator = kill->actor;
  made.through = "kill(2)";
  if (!sure)
    made.missing = named ? phrase("a source that shows that this process ended by it")
                         : phrase("a source that names this process");
  return made;
}

}  // namespace stapkill
