#include "autopsy/inquest/handled_signal.h"

#include <algorithm>
#include <csignal>
#include <iterator>

#include "autopsy/inquest/party_words.h"
#include "base/signals.h"

namespace stapkill {
namespace {

/// Signals that ask for a stop: of kill(1), nginx -s quit, LXC, systemd in a container (SIGRTMIN+3).
bool asks_to_stop(int number) {
  constexpr int stops[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGPWR, 34 + 3};
  return std::find(std::begin(stops), std::end(stops), number) != std::end(stops);
}

/// The last one before the end.
const Finding* asked_by(const FoundDeath& death) {
  const Finding* asked = nullptr;
  for (const auto* one : death.decisions) {
    bool fits = one->kind == Finding::Kind::signal_call && !one->failed && !one->self && asks_to_stop(one->signal);
    if (fits && moment_of(*one) <= death.time + death.doubt + one->doubt) asked = one;
  }
  return asked;
}

}  // namespace

std::optional<Conclusion> by_handled_signal(const FoundDeath& death, const Evidence&) {
  if (!death.status || death.signal) return std::nullopt;
  const auto* asked = asked_by(death);
  if (!asked) return std::nullopt;
  Conclusion made;
  made.cause = Cause::exit;
  made.confidence = Confidence::likely;
  made.sentence = phrase("was asked to end by {} from {} ({}), and then {}", signal_name(asked->signal),
                         actor_words(asked->actor), asked->through, end_words(death));
  made.initiator = asked->actor;
  made.through = asked->through;
  made.decisive = asked;
  made.missing = phrase("that the signal made it exit");
  return made;
}

}  // namespace stapkill
