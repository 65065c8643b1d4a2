#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/columns.h"
#include "base/ink.h"
#include "base/signals.h"
#include "cli/explain_word.h"
#include "cli/page.h"
#include "verdict/exit_codes.h"
#include "verdict/signal_texts.h"

namespace stapkill {
namespace {

constexpr std::size_t kWidth = 100;  // where there is no terminal
constexpr std::size_t kLeast = 30;   // the narrowest that text is folded

/// Text for the user, folded at the width.
class Explanation {
 public:
  explicit Explanation(const Appearance& look)
      : look_(look),
        width_(look.terminal && look.width > 0 ? std::max(static_cast<std::size_t>(look.width), kLeast) : kWidth) {}

  void heading(std::string_view text) {
    if (!out_.empty()) out_ += '\n';
    line("", text, "", 2);
  }
  void paragraph(std::string_view text) { line("  ", "", text, 2); }
  /// A label ends with the blank that its language has before a text.
  void labelled(std::string_view label, std::string_view text) { line("  ", label, text, 4); }
  void item(std::string_view label, std::string_view text) { line(look_.utf8 ? "  • " : "  - ", label, text, 4); }
  /// A row of a table whose second column begins at `column`; an item when that is too wide. The name is ASCII.
  void row(std::string_view name, std::string_view text, std::size_t column) {
    if (width_ < column + kLeast) return item(tr("{}: ", name), text);
    out_ += "    " + paint(Ink::name, fmt::format("{:<{}}", name, column - 5)) + ' ';
    std::size_t before = 0;
    for (const auto& one : folded(text, width_ - column)) {
      out_.append(std::exchange(before, column), ' ').append(one).append(1, '\n');
    }
  }
  void steps(std::span<const Step> steps) {
    for (const auto& step : steps) {
      bool command = !step.command.empty();
      bool colon = command && step.text.back() != '?';
      Phrase text = phrase_from(step.text);
      line(look_.utf8 ? "  → " : "  > ", "", colon ? tr("{}:", text) : text.local(), 4);
      // Commands are to be copied: never folded.
      if (command) out_ += "    " + paint(Ink::source, step.command) + '\n';
    }
  }
  std::string take() { return std::move(out_); }

 private:
  std::string paint(Ink ink, std::string_view text) const { return painted(ink, text, look_.color); }

  /// A lead of two or four columns, a label in bold, and text, whose further lines are indented.
  void line(std::string_view lead, std::string_view label, std::string_view text, std::size_t indent) {
    std::string all = std::string(label).append(text);
    std::size_t bold = label.find_last_not_of(' ') + 1, at = 0;
    out_ += lead;
    for (const auto& one : folded(all, width_ - indent)) {
      if (at > 0) out_.append(indent, ' ');
      at = all.find(one, at);  // a blank may be gone
      std::size_t here = std::min(bold - std::min(bold, at), one.size());
      out_.append(paint(Ink::name, one.substr(0, here))).append(one.substr(here)).append(1, '\n');
      at += one.size();
    }
  }

  Appearance look_;
  std::size_t width_;
  std::string out_;
};

void write_cause(Explanation& page, Cause cause) {
  const auto& text = text_of(cause);
  page.heading(name_of(cause));
  page.paragraph(cause == Cause::unknown ? tr("None of the known causes could be shown.")
                                         : tr("The process ended because {}.", phrase_from(text.because)));
  page.labelled(tr("who: "), tr_from(text.sender));
  page.labelled(tr("how stapkill knows: "), tr_from(text.recognised_by));
  std::string names;
  for (int number : text.signals) names += (names.empty() ? "" : ", ") + signal_name(number);
  if (!names.empty()) page.labelled(tr("mostly with: "), names);
  page.labelled(tr("what to do:"), "");
  page.steps(text.next.all());
}

void write_signal(Explanation& page, int number) {
  const auto& text = *signal_text(number);
  std::string name = signal_name(number);
  page.heading(tr("{} (signal {})", name, number));
  page.paragraph(tr_from(text.meaning));
  if (can_be_caught(number)) {
    page.labelled(tr("without a handler: "), tr_from(describe(text.action)));
  } else {
    page.labelled(tr("always: "),
                  tr("{}. It cannot be caught, blocked or ignored", phrase_from(describe(text.action))));
  }
  page.labelled(tr("who sends it: "), tr_from(text.sender));
  auto causes = causes_behind(number);
  if (causes.empty()) return;
  page.labelled(tr("a shell shows: "), fmt::format("{} (128+{})", 128 + number, number));
  page.labelled(tr("causes of a death by it: "), tr("`stapkill explain CAUSE` explains each"));
  constexpr std::size_t kColumn = 19;
  for (Cause cause : causes) page.row(name_of(cause), tr_from(text_of(cause).because), kColumn);
  std::string command = fmt::format("stapkill watch --name NAME --signal {} --until-death",
                                    number >= 32 ? std::to_string(number) : name.substr(3));
  const Step step = {msgid("see which one it is when it happens again"), command};
  page.steps({&step, 1});
}

void write_status(Explanation& page, int status) {
  page.heading(tr("exit status {}", status));
  if (auto text = caution(status); !text.empty()) page.paragraph(tr_from(text));
  if (auto signal = signal_in_status(status)) {
    auto name = signal_name(*signal);
    page.item(tr("a shell, a container runtime (128+{}): ", *signal),
              tr("The program it ran was killed by {}. `stapkill explain {}` explains it.", name,
                 *signal >= 32 ? std::to_string(*signal) : name));
  }
  for (const auto* row : meanings_of(status)) {
    auto who = phrase_from(row->who);
    page.item(row->name.empty() ? tr("{}: ", who) : tr("{}, {}: ", who, row->name), tr_from(row->meaning));
  }
  page.labelled(tr("how to tell them apart:"), "");
  page.steps(how_to_tell(status).all());
}

using Json = nlohmann::ordered_json;

Json json_of(std::span<const Step> steps) {
  Json all = Json::array();
  for (const auto& step : steps) {
    all.push_back({{"text", step.text}, {"command", step.command.empty() ? Json(nullptr) : Json(step.command)}});
  }
  return all;
}

Json json_of_number(int number) {
  return {{"number", number}, {"name", signal_name(number)}};
}

Json json_of_status(int status) {
  Json meanings = Json::array();
  for (const auto* row : meanings_of(status)) {
    meanings.push_back(
        {{"who", row->who}, {"name", row->name.empty() ? Json(nullptr) : Json(row->name)}, {"meaning", row->meaning}});
  }
  auto signal = signal_in_status(status);
  return {{"status", status},
          {"signal", signal ? json_of_number(*signal) : Json(nullptr)},
          {"caution", caution(status).empty() ? Json(nullptr) : Json(caution(status))},
          {"meanings", meanings},
          {"how_to_tell", json_of(how_to_tell(status).all())}};
}

Json json_of_signal(int number) {
  constexpr std::string_view kActions[] = {"terminate", "core", "stop", "continue", "ignore"};
  const auto& text = *signal_text(number);
  Json causes = Json::array();
  for (Cause cause : causes_behind(number)) causes.push_back(name_of(cause));
  return {{"number", number},
          {"name", signal_name(number)},
          {"default_action", kActions[static_cast<int>(text.action)]},
          {"can_be_caught", can_be_caught(number)},
          {"shell_code", 128 + number},
          {"meaning", text.meaning},
          {"sender", text.sender},
          {"causes", causes}};
}

Json json_of_cause(Cause cause) {
  const auto& text = text_of(cause);
  Json signals = Json::array();
  for (int number : text.signals) signals.push_back(json_of_number(number));
  return {{"name", name_of(cause)},     {"because", text.because}, {"sender", text.sender},
          {"tell", text.recognised_by}, {"signals", signals},      {"next", json_of(text.next.all())}};
}

}  // namespace

std::string explained_text(const Explained& explained, const Appearance& look) {
  Explanation page(look);
  if (explained.cause) write_cause(page, *explained.cause);
  if (explained.signal) write_signal(page, *explained.signal);
  if (explained.status) write_status(page, *explained.status);
  return page.take();
}

std::string explained_json(const Explained& explained) {
  Json json = {{"schema", "stapkill.explain/1"},
               {"what", explained.word},
               {"exit", explained.status ? json_of_status(*explained.status) : Json(nullptr)},
               {"signal", explained.signal ? json_of_signal(*explained.signal) : Json(nullptr)},
               {"cause", explained.cause ? json_of_cause(*explained.cause) : Json(nullptr)}};
  return json.dump(1) + '\n';
}

}  // namespace stapkill
