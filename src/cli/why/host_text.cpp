#include "cli/why/host_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "autopsy/inquest/death_words.h"
#include "autopsy/inquest/kinds.h"
#include "autopsy/inquest/next_time.h"
#include "autopsy/inquest/sources.h"
#include "base/columns.h"
#include "base/text.h"
#include "cli/page.h"
#include "cli/times.h"

namespace stapkill {
namespace {

using State = SourceNote::State;

constexpr std::size_t kShownDigits = 12;            // of a container's id
constexpr std::size_t kMostMoments = 12;            // of a time line
constexpr Time kNoticed = Time{2} * 1'000'000'000;  // of doubt about a time

void add_place(Page& page, const Party& who) {
  if (!who.cmdline.empty() || !who.exe.empty()) page.line(tr("process"), who.cmdline.empty() ? who.exe : who.cmdline);
  auto unit = unit_of(who);
  bool is_containers = !who.container.empty() && unit.find(who.container) != std::string::npos;  // docker-ID.scope
  if (!unit.empty() && !is_containers) page.line(tr("unit"), unit);
  if (!who.container.empty()) {
    auto id = who.container.substr(0, kShownDigits);
    page.line(tr("container"), who.container_name.empty() ? id : fmt::format("{} ({})", who.container_name, id));
  }
  if (!who.pod.empty()) page.line(tr("pod"), who.pod);
}

std::string moment_words(const Finding& finding, Time death) {
  if (!finding.time)
    return finding.since_boot
               ? tr("{} s after boot", fmt::format("{:.3f}", static_cast<double>(*finding.since_boot) / 1e9))
               : tr("time not known");
  auto text = time_beside(finding.time, death);
  return finding.doubt > kNoticed ? tr("about {}", text) : text;
}

/// Context is for a person to weigh: what was done counts more than who was logged in.
void add_time_line(Page& page, const FoundDeath& death, bool verbose) {
  auto all = time_line(death);
  if (!verbose) std::erase_if(all, [](const Finding* one) { return one->kind == Finding::Kind::login; });
  if (all.size() < 2) return;  // "shown by" has it
  auto is_context = [](const Finding* one) { return words_of(one->kind).bearing == Bearing::context; };
  auto context = std::count_if(all.begin(), all.end(), is_context);
  if (all.size() > kMostMoments && context) std::erase_if(all, is_context);
  std::size_t left_out = all.size() > kMostMoments ? all.size() - kMostMoments : 0;
  all.resize(all.size() - left_out);
  std::size_t widest = 0;
  for (const auto* one : all) widest = std::max(widest, columns_of(moment_words(*one, death.time)));
  std::vector<std::string> lines;
  lines.reserve(all.size());
  for (const auto* one : all) {
    auto when = moment_words(*one, death.time);
    when.append(widest - columns_of(when) + 2, ' ');
    lines.push_back(when + finding_words(*one).local());
  }
  page.lines(tr("time line"), lines);
  if (left_out) page.line("", tr("{} more: --format json has them", left_out));
}

std::string confidence_words(const Conclusion& made) {
  switch (made.confidence) {
    case Confidence::certain:
      return tr("certain");
    case Confidence::likely:
      return tr("likely; not shown: {}", made.missing);
    case Confidence::unknown:
      break;
  }
  return tr("unknown; missing: {}", made.missing);
}

/// The finding that decides, with what it means, and the end itself where it leaves that open; with `verbose` all.
void add_evidence(Page& page, const FoundDeath& death, bool verbose) {
  auto label = tr("shown by");
  auto all = evidence_for(death);
  bool is_decision = !all.empty() && (words_of(all[0]->kind).bearing == Bearing::decision ||
                                      all[0]->kind == Finding::Kind::signal_call);
  std::size_t most = is_decision ? 2 : 1;
  if (!verbose && all.size() > most) all.resize(most);
  for (const auto* one : all) {
    page.line(std::exchange(label, ""), quoted(*one).local());
    for (const auto& meaning : meaning_of(*one)) page.line("", "  " + meaning.local());
  }
}

Phrase covered_words(const SourceNote& note) {
  if (!note.since) return {};
  constexpr std::size_t date = 11;  // "2026-11-30 "
  auto since = date_and_time(note.since), until = date_and_time(note.until);
  bool same_day = since.substr(0, date) == until.substr(0, date);
  return phrase(" from {} to {}", since, same_day ? until.substr(date) : until);
}

Phrase note_words(const SourceNote& note) {
  switch (note.state) {
    case State::read:
      return note.path + covered_words(note);
    case State::cut:
      return phrase("{}{}: not all ({})", note.path, covered_words(note), note.detail);
    case State::not_permitted:
      return phrase("{}: not permitted", note.path);
    case State::broken:
      return phrase("{}: {}", note.path, note.detail);
    case State::absent:
      break;
  }
  return phrase("{}: not there", note.path);
}

/// Sources with an answer first; those that are not there only where `all` are wanted.
std::vector<Phrase> notes_words(const Evidence& evidence, bool all) {
  auto printed = [](std::string_view bytes) { return printable(bytes); };
  std::vector<Phrase> lines;
  for (auto state : {State::read, State::cut, State::broken, State::not_permitted, State::absent}) {
    for (const auto& note : evidence.notes) {
      if (note.state == state && (all || state != State::absent)) lines.push_back(note_words(note).with_bytes(printed));
    }
  }
  return lines;
}

std::vector<std::string> local(const std::vector<Phrase>& texts) {
  std::vector<std::string> all;
  all.reserve(texts.size());
  for (const auto& one : texts) all.push_back(one.local());
  return all;
}

}  // namespace

std::string host_text(const FoundDeath& death, const Appearance& look, bool verbose) {
  Page page(look);
  auto when = death.is_dated() ? date_and_time(death.time) : moment_words(*death.ends.front(), 0);
  page.sentence(when + "  " + summary_of(death).local(), Page::Weight::bold);
  add_place(page, death.who);
  if (!death.likely_unit.empty())
    page.line(tr("unit"), tr("{} (likely: the same signal at the same time)", death.likely_unit));
  page.line(tr("verdict"), confidence_words(death.conclusion));
  add_evidence(page, death, verbose);
  page.lines(tr("against"), local(death.contradictions));
  add_time_line(page, death, verbose);
  return page.take();
}

std::string host_footer(const HostAnswer& answer, const FoundDeath* death, const Appearance& look, bool verbose) {
  Page page(look);
  page.lines(tr("read"), local(notes_words(*answer.evidence, verbose)));
  auto label = tr("next time");
  for (const auto& remedy : next_time(death, *answer.evidence, answer.distribution)) {
    page.line(std::exchange(label, ""), remedy.text.local());
    for (const auto& command : remedy.commands) page.command(command);
  }
  return page.take();
}

Phrase sources_words(const HostAnswer& answer) {
  Phrase text;
  for (const auto& line : notes_words(*answer.evidence, false)) text += text.empty() ? line : phrase("; {}", line);
  return text;
}

}  // namespace stapkill
