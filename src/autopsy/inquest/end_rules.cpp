#include "autopsy/inquest/end_rules.h"

#include <algorithm>
#include <csignal>

#include "autopsy/inquest/party_words.h"
#include "base/signals.h"
#include "verdict/exit_codes.h"

namespace stapkill {
namespace {

using K = Finding::Kind;
constexpr auto kCertain = Confidence::certain, kLikely = Confidence::likely;
constexpr Time kSecond = 1'000'000'000;

/// Signals that have one usual cause; another process can send any of them.
struct UsualCause {
  int number;
  Cause cause;
  std::string_view words;
};
constexpr UsualCause kUsual[] = {
    {SIGSEGV, Cause::fault, msgid("a fault of its own")},
    {SIGBUS, Cause::fault, msgid("a fault of its own")},
    {SIGFPE, Cause::fault, msgid("a fault of its own")},
    {SIGILL, Cause::fault, msgid("a fault of its own")},
    {SIGTRAP, Cause::fault, msgid("a fault of its own")},
    {SIGABRT, Cause::self, msgid("abort(3) of its own")},
    {SIGPIPE, Cause::sigpipe, msgid("it wrote to a pipe or socket that nobody reads")},
    {SIGSYS, Cause::seccomp, msgid("a seccomp filter refused a system call")},
    {SIGXCPU, Cause::rlimit_cpu, msgid("it used up its CPU time (RLIMIT_CPU)")},
    {SIGXFSZ, Cause::rlimit_fsize, msgid("it wrote beyond its file size limit (RLIMIT_FSIZE)")},
    {SIGALRM, Cause::timer, msgid("a timer of its own ran out")},
    {SIGVTALRM, Cause::timer, msgid("a timer of its own ran out")},
    {SIGPROF, Cause::timer, msgid("a timer of its own ran out")},
};

/// Whether the kernel's log of that time was read and has no report of its out-of-memory killer.
bool is_without_oom(const FoundDeath& death, const Evidence& evidence) {
  constexpr Time near = 60 * kSecond;
  return has_kernel_log(evidence, death.time) &&
         std::none_of(evidence.findings.begin(), evidence.findings.end(), [&](const Finding& one) {
           return one.kind == K::oom_kill && std::abs(moment_of(one) - death.time) <= near + death.doubt + one.doubt;
         });
}

}  // namespace

Found by_oom_beside(const FoundDeath& death, const Evidence&) {
  const auto* kill = last_of(death.details, K::oom_kill);
  const auto* said = last_of(death.decisions, K::unit_oom);
  if (!kill || !said || !death.status || death.signal) return std::nullopt;
  bool memcg = kill->oom && kill->oom->scope == OomReport::Scope::memcg;
  auto made = make_conclusion(memcg ? Cause::oom_memcg : Cause::oom_global, kLikely,
                              phrase("{}; before it the kernel's out-of-memory killer had killed {}, of the same unit",
                                     end_words(death), words_for(kill->subject)),
                              kill);
  made.missing = phrase("whether it ended because of that: systemd then stops the unit (OOMPolicy)");
  return made;
}

Found by_exit(const FoundDeath& death, const Evidence&) {
  if (!death.status || death.signal) return std::nullopt;
  auto number = signal_in_status(*death.status);
  if (!number)
    return make_conclusion(Cause::exit, kCertain, phrase("{} by itself", end_words(death)), death.ends.front());
  auto made =
      make_conclusion(Cause::exit, kLikely,
                      phrase("{} (128 + {}: so exits a program that handled it, or that has the status from a child "
                             "that ended by it)",
                             end_words(death), signal_name(*number)),
                      death.ends.front());
  made.missing = phrase("whether that signal was sent, and by whom");
  return made;
}

Found by_usual_cause(const FoundDeath& death, const Evidence&) {
  const auto* row = std::find_if(std::begin(kUsual), std::end(kUsual),
                                 [&](const UsualCause& one) { return one.number == death.signal; });
  if (row == std::end(kUsual) || death.signal_inferred) return std::nullopt;
  auto made = make_conclusion(row->cause, kLikely, phrase("{}, probably {}", end_words(death), phrase_from(row->words)),
                              death.ends.front());
  made.missing = phrase("who sent the signal: another process can send it, too");
  if (row->cause == Cause::self) made.killer = death.who;
  return made;
}

Found unknown(const FoundDeath& death, const Evidence& evidence) {
  Conclusion made;
  made.sentence = phrase("{}; nothing that was read shows why", end_words(death));
  if (death.signal) made.sentence = phrase("{}; nothing that was read shows who sent it", end_words(death));
  if (death.signal == SIGKILL && is_without_oom(death, evidence))
    made.sentence += phrase(", and the kernel's log of that time has no out-of-memory report");
  made.decisive = death.ends.empty() ? nullptr : death.ends.front();
  made.missing = phrase("a source that names the sender: audit with a rule for kill(2), or stapkill's recorder");
  return made;
}

}  // namespace stapkill
