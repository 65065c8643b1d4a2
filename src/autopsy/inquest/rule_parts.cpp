#include "autopsy/inquest/rule_parts.h"

#include <algorithm>
#include <utility>

#include "autopsy/inquest/kinds.h"
#include "autopsy/inquest/reason_words.h"

namespace stapkill {

using K = Finding::Kind;

const Finding* first_of(const std::vector<const Finding*>& findings, K kind) {
  auto at = std::find_if(findings.begin(), findings.end(), [&](const Finding* one) { return one->kind == kind; });
  return at == findings.end() ? nullptr : *at;
}

const Finding* last_of(const std::vector<const Finding*>& findings, K kind) {
  auto at = std::find_if(findings.rbegin(), findings.rend(), [&](const Finding* one) { return one->kind == kind; });
  return at == findings.rend() ? nullptr : *at;
}

bool is_shown_to_end_by(const FoundDeath& death, int number) {
  return std::any_of(death.ends.begin(), death.ends.end(), [&](const Finding* one) {
    bool is_end = words_of(one->kind).bearing == Bearing::end && one->kind != K::signal_call;
    return is_end && one->signal == number && one->subject.pid;
  });
}

bool can_be_by(const FoundDeath& death, std::initializer_list<int> numbers) {
  if (death.status && !death.signal) return false;
  return !death.signal || std::find(numbers.begin(), numbers.end(), death.signal) != numbers.end();
}

Conclusion make_conclusion(Cause cause, Confidence confidence, Phrase sentence, const Finding* decisive) {
  Conclusion made;
  made.cause = cause;
  made.confidence = confidence;
  made.sentence = std::move(sentence);
  made.decisive = decisive;
  return made;
}

const Finding* reason_of_systemd(const FoundDeath& death) {
  if (const auto* limit = last_of(death.decisions, K::unit_limit)) return limit;
  return last_of(death.decisions, K::unit_stop);
}

Phrase systemds_reason(const Finding* reason) {
  if (!reason) return {};
  if (reason->kind == K::unit_limit) return phrase(": {}", reason_words(reason->reason));
  return phrase(": a job to stop the unit had begun");
}

Party asker_of(const Finding* reason) {
  return reason && reason->kind == K::unit_stop ? reason->actor : Party{};
}

Party systemd_itself() {
  Party party;
  party.pid = 1;
  party.comm = "systemd";
  return party;
}

}  // namespace stapkill
