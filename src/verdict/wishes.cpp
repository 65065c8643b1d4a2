#include "verdict/wishes.h"

#include <algorithm>
#include <csignal>
#include <iterator>

#include "base/signals.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kAtOnce = 2 * kSecond;      // an exit within this time is a reaction
constexpr Time kStopping = 600 * kSecond;  // longest time for a stop
constexpr Time kOther = 30 * kSecond;      // longest time for signals that may mean anything

/// Signals that ask for a stop: by kill(1), docker stop, nginx -s quit, pg_ctl, systemd in a container (SIGRTMIN+3),
/// LXC (SIGPWR).
bool means_stop(int number) {
  constexpr int stops[] = {SIGTERM, SIGINT, SIGQUIT, SIGPWR, 34 + 3};
  return std::find(std::begin(stops), std::end(stops), number) != std::end(stops);
}

/// Kernel signals that somebody outside caused.
bool from_outside(const SignalRecord& signal, const Death& death, const Surroundings& around) {
  if (signal.by == By::process) return true;
  static const Circumstances not_known;
  switch (rule_for({death, signal, signal.seen ? *signal.seen : not_known, around}).cause) {
    case Cause::tty_signal:
    case Cause::tty_hangup:
    case Cause::parent_death:
    case Cause::sysrq:
    case Cause::bpf:
      return true;
    default:
      return false;
  }
}

enum class Taken { yes, maybe, no };

/// Whether the process took it: one that was blocked is still pending at the end, or a thread took it (sigwait,
/// signalfd).
Taken taken(const SignalRecord& signal, const Death& death) {
  constexpr int to_thread = -6;  // SI_TKILL: pending for a thread, not for the process
  if (!signal.blocked) return Taken::yes;
  if (!death.pending || signal.code == to_thread) return Taken::maybe;
  return *death.pending >> (signal.number - 1) & 1 ? Taken::no : Taken::yes;
}

bool in_time(const SignalRecord& signal, const Death& death) {
  Time since = death.boot - signal.boot;
  return death.boot == 0 || (since >= 0 && since < (means_stop(signal.number) ? kStopping : kOther));
}

}  // namespace

std::optional<Wish> wish_of(const Death& death, const SignalHistory& history, const Surroundings& around) {
  std::optional<Wish> wish;
  Taken how = Taken::no;
  for (const auto& signal : history.requests()) {
    if (!in_time(signal, death) || !from_outside(signal, death, around)) continue;
    Taken now = taken(signal, death);
    bool repeats = wish && wish->signal->number == signal.number && signal.blocked;
    if (repeats && now != Taken::yes) {  // a handler's own signal is blocked while it runs
      if (!wish->again) wish->again = &signal;
      continue;
    }
    bool weaker = wish && means_stop(wish->signal->number) && !means_stop(signal.number);
    if (now == Taken::no || weaker || (wish && how == Taken::yes && now == Taken::maybe)) continue;
    wish = Wish{&signal, false, nullptr};
    how = now;
  }
  if (!wish) return wish;
  bool soon = death.boot == 0 || death.boot - wish->signal->boot <= kAtOnce;
  bool nothing_since = means_stop(wish->signal->number) && &history.requests().back() == wish->signal;
  wish->certain = how == Taken::yes && around.lost == 0 && (soon || nothing_since || wish->again);
  return wish;
}

const SignalRecord* wish_of_parent(const Death& death, const Surroundings& around) {
  if (!around.sent_to || !around.parents || around.parents->empty() || !death.boot) return nullptr;
  const auto* signal = around.sent_to(*around.parents->front(), death.boot);
  bool counts = signal && (means_stop(signal->number) || signal->number == SIGHUP || signal->number == SIGKILL);
  if (!counts || death.boot - signal->boot > kAtOnce || signal->sender->pid == death.process.pid) return nullptr;
  return signal;
}

const SignalRecord* asked_before_kill(const SignalHistory& history, const SignalRecord& kill) {
  const SignalRecord* asked = nullptr;
  for (const auto& signal : history.earlier()) {
    bool asks = signal.by == By::process && !raised_by_itself(signal) && signal.number != SIGKILL &&
                signal.number != SIGSTOP && (means_stop(signal.number) || signal.handled);
    if (asks && signal.boot < kill.boot && kill.boot - signal.boot < kStopping) asked = &signal;
  }
  return asked;
}

Phrase why_without_effect(const SignalRecord& signal, int own_pid) {
  if (signal.result != SignalResult::ignored) return {};
  if (signal.refused || signal.handled) return phrase(", which it ignored");
  // A process that is the init of its pid namespace gets no signal that it has no handler for (pid_namespaces(7)).
  if (own_pid == 1 && signal.target->pid != 1) {
    return phrase(", which was dropped: it is pid 1 of its container and has no handler for {}",
                  signal_name(signal.number));
  }
  return phrase(", which was ignored");
}

}  // namespace stapkill
