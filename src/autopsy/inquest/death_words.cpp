#include "autopsy/inquest/death_words.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "autopsy/inquest/kinds.h"
#include "autopsy/inquest/party_words.h"
#include "autopsy/inquest/reason_words.h"
#include "autopsy/inquest/sources.h"
#include "base/signals.h"
#include "base/text.h"
#include "model/containers.h"
#include "verdict/exit_codes.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostQuote = 160;  // bytes in a line

/// Two findings of one line: it is shown once. All entries of a journal have one place, and one text comes often.
bool is_same_line(const Finding& one, const Finding& other) {
  return &one == &other || (one.place == other.place && one.quote == other.quote && !one.quote.empty() &&
                            moment_of(one) == moment_of(other));
}

/// The beginning of a source's own words; never cut inside a character.
std::string short_quote(const std::string& quote) {
  if (quote.size() <= kMostQuote) return quote;
  auto end = kMostQuote;
  while (end > 0 && (static_cast<unsigned char>(quote[end]) & 0xc0) == 0x80) --end;
  return quote.substr(0, end) + "...";
}

/// The same; one that is cut stays in English.
Phrase short_quote(const Phrase& words) {
  auto english = words.english();
  return english.size() <= kMostQuote ? words : Phrase(short_quote(english));
}

Phrase printed(const Phrase& text) {
  return text.with_bytes([](std::string_view bytes) { return printable(bytes); });
}

/// Audit's own words are numbers: what they say.
Phrase call_words(const Finding& call) {
  auto text = phrase("{} sent {} to {} by {}", call.self ? words_for(call.subject) : actor_words(call.actor),
                     call.signal ? Phrase(signal_name(call.signal)) : phrase("no signal"),
                     call.self ? phrase("itself") : words_for(call.subject), call.through);
  return call.failed ? text + phrase(", which failed") : text;
}

/// A source's own words; of a state with fields its meaning, where these have been shown with the end.
Phrase text_of(const Finding& finding) {
  if (finding.kind == Finding::Kind::signal_call) return call_words(finding);
  if (finding.quote.starts_with("type=") && !finding.reason.empty())
    return short_quote(phrase("{}: {}", words_for(finding.subject), reason_words(finding.reason)));
  bool has_fields = finding.quote.starts_with('"') || finding.quote.starts_with('{');
  if (finding.quote.empty() || (has_fields && finding.kind == Finding::Kind::claim)) {
    if (!finding.reason.empty()) return short_quote(reason_words(finding.reason));
  }
  return short_quote(finding.quote.empty() ? finding.place : finding.quote);
}

}  // namespace

Phrase summary_of(const FoundDeath& death) {
  return phrase("{} {}.", words_for(death.who), death.conclusion.sentence).with_bytes([](std::string_view bytes) {
    return printable(with_short_ids(bytes));
  });
}

std::vector<const Finding*> time_line(const FoundDeath& death) {
  std::vector<const Finding*> all;
  for (const auto* list : {&death.ends, &death.decisions, &death.details, &death.context}) {
    for (const auto* one : *list) {
      bool is_known =
          std::any_of(all.begin(), all.end(), [&](const Finding* other) { return is_same_line(*one, *other); });
      if (!is_known) all.push_back(one);
    }
  }
  // All are of one evidence: where stamps are equal, the order that their log had.
  std::sort(all.begin(), all.end(), [](const Finding* one, const Finding* other) {
    auto first = moment_of(*one), second = moment_of(*other);
    return first != second ? first < second : std::less<>()(one, other);
  });
  return all;
}

std::vector<const Finding*> evidence_for(const FoundDeath& death) {
  std::vector<const Finding*> all;
  const auto* decisive = death.conclusion.decisive;
  if (decisive) all.push_back(decisive);
  auto line = time_line(death);
  auto is_end = [&](const Finding* one) {
    return words_of(one->kind).bearing == Bearing::end && one->kind != Finding::Kind::signal_call;
  };
  auto is_about = [&](const Finding* one) {
    auto bearing = words_of(one->kind).bearing;
    return one != decisive && bearing != Bearing::context && bearing != Bearing::machine;
  };
  std::copy_if(line.begin(), line.end(), std::back_inserter(all),
               [&](const Finding* one) { return is_about(one) && is_end(one); });
  std::copy_if(line.begin(), line.end(), std::back_inserter(all),
               [&](const Finding* one) { return is_about(one) && !is_end(one); });
  return all;
}

Phrase quoted(const Finding& finding) {
  auto title = title_of(finding.source);
  bool says_more = finding.place != finding.source && !finding.place.empty();
  return printed(says_more ? phrase("{} ({}): {}", title, finding.place, text_of(finding))
                           : phrase("{}: {}", title, text_of(finding)));
}

std::vector<Phrase> meaning_of(const Finding& finding) {
  const auto& words = words_of(finding.kind);
  auto proved = phrase_from(words.proves);
  std::vector<Phrase> lines = {finding.forgeable ? phrase("says that {}", proved) : phrase("proves that {}", proved)};
  bool exited = words.bearing == Bearing::end && finding.status && !signal_in_status(*finding.status);
  if (!words.lacks.empty() && !exited) lines.push_back(phrase("open: {}", phrase_from(words.lacks)));
  return lines;
}

std::vector<Phrase> evidence_lines(const FoundDeath& death) {
  std::vector<Phrase> lines;
  for (const auto* one : evidence_for(death)) {
    auto line = quoted(*one);
    for (const auto& meaning : meaning_of(*one)) line += phrase("; {}", meaning);
    lines.push_back(std::move(line));
  }
  return lines;
}

Phrase finding_words(const Finding& finding) {
  return printed(phrase("{}: {}", title_of(finding.source), text_of(finding)));
}

}  // namespace stapkill
