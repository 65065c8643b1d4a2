#include "autopsy/inquest/next_time.h"

#include <algorithm>
#include <array>
#include <csignal>

namespace stapkill {
namespace {

struct Situation {
  const FoundDeath* death;
  const Evidence& evidence;
};

bool is_explained(const Situation& now) {
  return now.death && now.death->conclusion.confidence == Confidence::certain;
}

bool dumps_core(int number) {
  constexpr std::array signals = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGXCPU, SIGXFSZ};
  return std::find(signals.begin(), signals.end(), number) != signals.end();
}

bool lacks_core(const Situation& now) {
  if (!now.death || !dumps_core(now.death->signal)) return false;
  return std::none_of(now.death->ends.begin(), now.death->ends.end(),
                      [](const Finding* one) { return one->kind == Finding::Kind::core; });
}

bool has_state(const Situation& now, SourceNote::State state, std::string_view source) {
  return std::any_of(now.evidence.notes.begin(), now.evidence.notes.end(), [&](const SourceNote& note) {
    return note.state == state && (source.empty() || note.source == source);
  });
}

/// What helps in a situation: the need of a remedy.
struct Advice {
  std::string_view need;
  bool (*helps)(const Situation&);
};
constexpr Advice kAdvice[] = {
    {"next-root", [](const Situation& now) { return has_state(now, SourceNote::State::not_permitted, ""); }},
    {"next-recorder", [](const Situation&) { return true; }},
    {"next-audit",
     [](const Situation& now) { return !is_explained(now) && !has_state(now, SourceNote::State::read, "audit"); }},
    {"next-core", lacks_core},
    {"next-journal", [](const Situation& now) { return has_state(now, SourceNote::State::absent, "journal"); }},
};

}  // namespace

std::vector<Remedy> next_time(const FoundDeath* death, const Evidence& evidence, const Distribution& distribution) {
  std::vector<Remedy> all;
  Situation now{death, evidence};
  // Distributions without systemd have no journal.
  bool has_systemd = distribution.manager != "apk" && distribution.id != "alpine" && distribution.id != "gentoo" &&
                     distribution.id != "devuan";
  for (const auto& advice : kAdvice) {
    if (advice.need == "next-journal" && !has_systemd) continue;
    if (advice.helps(now)) all.push_back(remedy_for(advice.need, distribution, {}));
  }
  return all;
}

}  // namespace stapkill
