#include "autopsy/inquest/death_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "autopsy/inquest/kinds.h"
#include "autopsy/inquest/party_words.h"
#include "autopsy/inquest/sources.h"
#include "base/text.h"
#include "model/containers.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostQuote = 160;  // bytes in a line

/// The beginning of a source's own words; never cut inside a character.
std::string short_quote(const std::string& quote) {
  if (quote.size() <= kMostQuote) return quote;
  auto end = kMostQuote;
  while (end > 0 && (static_cast<unsigned char>(quote[end]) & 0xc0) == 0x80) --end;
  return quote.substr(0, end) + "...";
}

}  // namespace

std::string summary_of(const FoundDeath& death) {
  return printable(with_short_ids(words_for(death.who) + ' ' + death.conclusion.sentence) + '.');
}

std::vector<const Finding*> time_line(const FoundDeath& death) {
  std::vector<const Finding*> all;
  for (const auto* list : {&death.ends, &death.decisions, &death.details, &death.context}) {
    for (const auto* one : *list) {
      if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Finding* one, const Finding* other) { return moment_of(*one) < moment_of(*other); });
  return all;
}

std::vector<const Finding*> evidence_for(const FoundDeath& death) {
  std::vector<const Finding*> all;
  if (death.conclusion.decisive) all.push_back(death.conclusion.decisive);
  for (const auto* one : time_line(death)) {
    auto bearing = words_of(one->kind).bearing;
    if (one != death.conclusion.decisive && bearing != Bearing::context && bearing != Bearing::machine)
      all.push_back(one);
  }
  return all;
}

std::string quoted(const Finding& finding) {
  return printable(fmt::format("{} ({}): {}", title_of(finding.source), finding.place,
                               short_quote(finding.quote.empty() ? finding.reason : finding.quote)));
}

std::vector<std::string> meaning_of(const Finding& finding) {
  const auto& words = words_of(finding.kind);
  std::vector<std::string> lines = {fmt::format("{} that {}", finding.forgeable ? "says" : "proves", words.proves)};
  if (!words.lacks.empty()) lines.push_back(fmt::format("open: {}", words.lacks));
  return lines;
}

std::vector<std::string> evidence_lines(const FoundDeath& death) {
  std::vector<std::string> lines;
  for (const auto* one : evidence_for(death)) {
    auto line = quoted(*one);
    for (const auto& meaning : meaning_of(*one)) line += "; " + meaning;
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string finding_words(const Finding& finding) {
  auto text = short_quote(finding.quote.empty() ? finding.reason : finding.quote);
  return printable(fmt::format("{}: {}", title_of(finding.source), text));
}

}  // namespace stapkill
