#include "cli/why/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/page.h"
#include "cli/times.h"
#include "cli/why/around.h"
#include "cli/why/blind.h"
#include "cli/why/place.h"
#include "cli/why/record.h"
#include "cli/why/timeline.h"

namespace stapkill {
namespace {

constexpr Time kAround = Time{10} * 1'000'000'000;
constexpr std::size_t kMostCounted = 1000;
constexpr std::size_t kShownDigits = 12;           // of a container's id
constexpr std::string_view kEarlier = "before: ";  // in English

void add_place(Page& page, const StoredDeath& death) {
  page.line(tr("process"), death.cmdline.value_or(death.exe.value_or(death.comm)));
  if (death.unit) page.line(tr("unit"), *death.unit);
  if (death.container) {
    auto id = death.container->substr(0, kShownDigits);
    page.line(tr("container"), death.name ? fmt::format("{} ({})", *death.name, id) : id);
  }
  if (death.pod) page.line(tr("pod"), *death.pod);
}

void add_timeline(Page& page, const StoredDeath& death, const RecordedDeath& record, HistoryReader& history) {
  auto around = others_around(death, record, history);
  auto moments = timeline(death, record, around.nearest);
  std::size_t widest = 0;
  for (const auto& moment : moments) widest = std::max(widest, time_beside(moment.time, death.time).size());
  std::vector<std::string> lines;
  lines.reserve(moments.size());
  for (const auto& moment : moments)
    lines.push_back(fmt::format("{:<{}}  {}", time_beside(moment.time, death.time), widest, moment.text));
  page.lines(tr("time line"), lines);
  if (around.more) page.line("", tr("{} more ended within ten seconds", around.more));
}

/// "before: …" without its label.
std::string without_label(const Phrase& line) {
  std::optional<Phrase> rest;
  line.parts([](std::string_view) {},
             [&](std::string_view message, const std::vector<Phrase>& values) {
               if (values.size() != 1) return;
               if (message == "before: {}") rest = values[0];
               if (message == "before: {} more signals") rest = phrase("{} more signals", values[0]);
             });
  return rest ? rest->local() : line.english().substr(kEarlier.size());
}

/// Signals that did not end it, from the evidence.
std::vector<std::string> earlier_signals(const RecordedDeath& record) {
  std::vector<std::string> lines;
  for (const auto& line : record.evidence) {
    if (line.english().starts_with(kEarlier)) lines.push_back(without_label(line));
  }
  return lines;
}

/// How often the same thing ended since.
void add_since(Page& page, const StoredDeath& death, HistoryReader& history) {
  auto things = same_things(place_of(death));
  if (things.empty()) return;
  auto& query = things.front().query;
  query.since = death.time + 1;
  query.most = kMostCounted;
  auto [deaths, latest] = history.count(query);
  if (deaths == 0) return;
  const auto& words = things.front().words;
  auto when = date_and_time(latest);
  auto often = deaths == 1              ? tr("{} ended once more, at {}", words, when)
               : deaths == kMostCounted ? tr("{} ended {} more times or more; the latest at {}", words, deaths, when)
                                        : tr("{} ended {} more times; the latest at {}", words, deaths, when);
  page.line(tr("since"), often);
}

std::string parents_of(const RecordedDeath& record) {
  std::string text;
  for (const auto& one : record.ancestry) text += (text.empty() ? "" : ", ") + name_of(one);
  return text;
}

void add_evidence(Page& page, const RecordedDeath& record) {
  std::vector<std::string> lines;
  for (const auto& line : record.evidence) {
    if (!line.english().starts_with(kEarlier)) lines.push_back(line.local());
  }
  page.lines(tr("evidence"), lines);
  if (auto parents = parents_of(record); !parents.empty()) page.line(tr("parents"), parents);
}

}  // namespace

std::string why_text(const StoredDeath& death, HistoryReader& history, const Beside& beside, const Appearance& look,
                     bool verbose) {
  Page page(look);
  auto record = read_record(death.record);
  if (!beside.before.empty()) page.sentence(beside.before);
  page.sentence(date_and_time(death.time) + "  " + summary_of(death, record).local(), Page::Weight::bold);
  add_place(page, death);
  add_timeline(page, death, record, history);
  page.lines(tr("earlier"), earlier_signals(record));
  add_since(page, death, history);
  if (!beside.now.empty()) page.line(tr("now"), beside.now);
  auto since = death.start > 0 ? std::min(death.start, death.time) : death.time;
  std::vector<std::string> unseen;
  for (const auto& one : blind_texts(history.blind(since - kAround, death.time + kAround)))
    unseen.push_back(one.local());
  page.lines(tr("not seen"), unseen);
  if (!beside.not_seen.empty()) page.line(tr("not seen"), beside.not_seen);
  if (verbose) add_evidence(page, record);
  return page.take();
}

}  // namespace stapkill
