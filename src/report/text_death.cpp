#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/columns.h"
#include "report/text_parts.h"
#include "report/words.h"
#include "verdict/origins.h"

namespace stapkill::text {
namespace {

constexpr std::size_t kMostLines = 4, kLastSteps = 2;  // of a chain
constexpr std::size_t kLeastWho = 12, kMostWho = 24;   // columns that deeds are aligned to
constexpr std::size_t kLeastDeed = 20;                 // columns: the narrowest for a deed beside its process

struct ChainLine {
  std::string when, who, deed;
};

/// "-10.0 s": how long before the death. "" where the time is not known.
std::string before(Time time, Time death) {
  if (time == 0) return {};
  return time < death ? fmt::format("-{}", words::span(death - time)) : words::span(0);
}

ChainLine line_of(const TextLines& lines, const ChainStep& step, Time death) {
  auto deed = lines.safe(words::deed(step));
  if (step.confidence != Confidence::certain) deed += tr(" (likely)");
  return {before(step.time, death), lines.paint(Ink::name, lines.safe(words::who(step))), deed};
}

std::vector<ChainLine> lines_of(const TextLines& lines, const DeathRecord& record) {
  const auto& chain = record.verdict.chain;
  bool all = lines.style().verbose || chain.size() <= kMostLines;
  auto hidden = all ? 0 : chain.size() - 1 - kLastSteps;
  std::vector<ChainLine> made;
  for (std::size_t at = 0; at < chain.size(); ++at) {
    if (at == 0 || at > hidden) made.push_back(line_of(lines, chain[at], record.time));
    if (at == 0 && hidden) made.push_back({"", tr("{} {} more (-v shows them)", lines.glyphs().more, hidden), ""});
  }
  return made;
}

/// The columns for processes: of the widest, if then no deed has to be folded, else fewer: a wider one stands out.
std::size_t columns_of_who(const std::vector<ChainLine>& made, std::size_t room) {
  std::size_t who = 0, deed = 0;
  for (const auto& one : made) {
    if (one.deed.empty()) continue;
    who = std::max(who, columns_of(one.who));
    deed = std::max(deed, columns_of(one.deed));
  }
  who = std::min(who, kMostWho);
  auto left = room > deed + 2 ? room - deed - 2 : 0;
  return room == 0 || left < kLeastWho ? who : std::min(who, left);
}

/// The steps, the oldest first, each on a line: when, who, what. One step says nothing that the sentence does not say.
void write_chain(const TextLines& lines, const DeathRecord& record, std::string& out) {
  if (record.verdict.chain.size() < 2) return;
  auto made = lines_of(lines, record);
  auto room = lines.room(kIndent.size());
  auto widest = columns_of_who(made, room);
  bool narrow = room && room < widest + 2 + kLeastDeed;
  for (const auto& one : made) {
    std::string lead = fmt::format("{:>{}}  ", one.when, kIndent.size() - 2);
    if (one.deed.empty()) {
      lines.line(lead, one.who, out);
      continue;
    }
    std::string who = padded(one.who, widest) + "  ";
    if (!narrow && (!room || room >= columns_of(who) + kLeastDeed)) {
      lines.line(lead + who, one.deed, out);
    } else {
      lines.line(lead, fmt::format("{}  {}", one.who, one.deed), out);
    }
  }
}

}  // namespace

void write_death(const TextLines& lines, const DeathRecord& record, std::string& out) {
  const Verdict& verdict = record.verdict;
  auto sentence = lines.paint(Ink::name, lines.safe(verdict.summary.local()));
  if (verdict.confidence == Confidence::likely) sentence += tr(" (likely)");
  lines.line(lines.paint(Ink::death, lines.glyphs().death) + ' ', sentence, out);
  write_chain(lines, record, out);
  if (verdict.cause != Cause::unknown && !lines.style().verbose) return;
  for (const auto& evidence : verdict.evidence) lines.line(kIndent, lines.safe(evidence.local()), out);
}

bool is_noise(const DeathRecord& record, const TextStyle& style) {
  return !style.verbose && record.verdict.cause == Cause::exit && is_runtimes_step(*record.process);
}

}  // namespace stapkill::text
