#include "cli/explain_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "autopsy/inquest/death_words.h"
#include "autopsy/inquest/kinds.h"
#include "autopsy/logs/log_line.h"
#include "base/text.h"
#include "cli/page.h"

namespace stapkill {
namespace {

constexpr std::size_t kLongestLine = 64 << 10;
constexpr std::size_t kMostShown = 100;
constexpr std::string_view kPlace = "line ";

std::int64_t number_of(const Finding& finding) {
  return parse_whole("line", finding.place.substr(kPlace.size()), 1).value_or(0);
}

}  // namespace

void FindingLines::take(std::string_view bytes) {
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    auto part = bytes.substr(0, end);
    partial_ += part.substr(0, kLongestLine - std::min(kLongestLine, partial_.size()));
    if (end == std::string_view::npos) return;
    line(partial_);
    partial_.clear();
    bytes.remove_prefix(end + 1);
  }
}

void FindingLines::line(std::string_view bytes) {
  std::string storage;
  auto split = split_log_line(without_decoration(bytes, storage));
  auto place = fmt::format("{}{}", kPlace, ++lines_);
  LogEntry entry;
  entry.program = split.program;
  entry.pid = split.pid;
  entry.message = without_repetition(split.message);
  entry.source = split.program == "kernel" || split.program.empty() ? "kernel-log" : "log";
  entry.place = place;
  readers_.take(entry);
}

const std::vector<Finding>& FindingLines::end() {
  if (!partial_.empty()) line(partial_);
  partial_.clear();
  found_ = readers_.finish();
  std::erase_if(found_, [](const Finding& one) { return words_of(one.kind).bearing == Bearing::context; });
  std::stable_sort(found_.begin(), found_.end(),
                   [](const Finding& one, const Finding& other) { return number_of(one) < number_of(other); });
  if (found_.size() > kMostShown) found_.resize(kMostShown);
  return found_;
}

std::string findings_text(const std::vector<Finding>& findings, const Appearance& look) {
  Page page(look);
  for (const auto& one : findings) {
    auto place = phrase("line {}", number_of(one));
    page.sentence(fmt::format("{} {}{}", look.utf8 ? "●" : "*", tr("{}: ", place), one.quote));
    for (const auto& meaning : meaning_of(one)) page.sentence("  " + meaning.local());
  }
  return page.take();
}

nlohmann::ordered_json findings_json(const std::vector<Finding>& findings) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& one : findings) {
    const auto& words = words_of(one.kind);
    all.push_back(
        {{"line", number_of(one)},
         {"text", one.quote},
         {"kind", words.name},
         {"proves", words.proves},
         {"open", words.lacks.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(words.lacks)}});
  }
  return all;
}

}  // namespace stapkill
