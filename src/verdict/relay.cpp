#include "verdict/relay.h"

namespace stapkill {
namespace {

constexpr Time kNear = 2'000'000'000, kAtOnce = 200'000'000;

}  // namespace

bool same_process(const Process& one, const Process& other) {
  return one.pid == other.pid && one.start == other.start;
}

std::optional<Relay> relay_of(const SignalRecord& signal, const Surroundings& around) {
  if (!around.sent_to) return std::nullopt;
  const auto* before = around.sent_to(*signal.sender, signal.boot);
  if (!before || before->boot > signal.boot || signal.boot - before->boot > kNear) return std::nullopt;
  // What it was sent by the process that it then ended is a quarrel, no relay.
  if (same_process(*before->sender, *signal.sender) || same_process(*before->sender, *signal.target))
    return std::nullopt;
  bool same = before->number == signal.number && signal.boot - before->boot <= kAtOnce;
  return Relay{before, same || passes_on(*signal.sender)};
}

}  // namespace stapkill
