#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/ink.h"
#include "base/signals.h"
#include "cli/explain_word.h"
#include "verdict/exit_codes.h"
#include "verdict/signal_texts.h"

namespace stapkill {
namespace {

constexpr std::size_t kWidth = 100;  // where there is no terminal
constexpr std::size_t kLeast = 30;   // the narrowest that text is folded

/// Text for the user, folded at the width. Its input is ASCII.
class Page {
 public:
  explicit Page(const Appearance& look)
      : look_(look),
        width_(look.terminal && look.width > 0 ? std::max(static_cast<std::size_t>(look.width), kLeast) : kWidth) {}

  void heading(std::string_view text) {
    if (!out_.empty()) out_ += '\n';
    line("", text, "", 2);
  }
  void paragraph(std::string_view text) { line("  ", "", text, 2); }
  void labelled(std::string_view label, std::string_view text) { line("  ", label, text, 4); }
  void item(std::string_view label, std::string_view text) { line(look_.utf8 ? "  • " : "  - ", label, text, 4); }
  /// A row of a table whose second column begins at `column`; an item when that is too wide.
  void row(std::string_view name, std::string_view text, std::size_t column) {
    if (width_ < column + kLeast) return item(fmt::format("{}:", name), text);
    line("    ", fmt::format("{:<{}}", name, column - 5), text, column);
  }
  void steps(std::span<const Step> steps) {
    for (const auto& step : steps) {
      bool command = !step.command.empty();
      bool colon = command && step.text.back() != '?';
      line(look_.utf8 ? "  → " : "  > ", "", fmt::format("{}{}", step.text, colon ? ":" : ""), 4);
      // Commands are to be copied: never folded.
      if (command) out_ += "    " + paint(Ink::source, step.command) + '\n';
    }
  }
  std::string take() { return std::move(out_); }

 private:
  std::string paint(Ink ink, std::string_view text) const { return painted(ink, text, look_.color); }

  /// A lead of two or four columns, a label in bold, and text, whose further lines are indented.
  void line(std::string_view lead, std::string_view label, std::string_view text, std::size_t indent) {
    std::string all = fmt::format("{}{}{}", label, label.empty() || text.empty() ? "" : " ", text);
    std::string_view rest = all;
    std::size_t bold = label.size();
    std::size_t room = width_ - (lead.empty() ? 0 : std::min(indent, std::size_t{4}));
    out_ += lead;
    while (true) {
      std::size_t end = rest.size();
      if (end > room) {
        end = rest.substr(0, room + 1).rfind(' ');
        if (end == std::string_view::npos || end == 0) end = std::min(rest.find(' ', 1), rest.size());
      }
      std::size_t here = std::min(bold, end);
      out_.append(paint(Ink::name, rest.substr(0, here))).append(rest.substr(here, end - here)).append(1, '\n');
      if (end == rest.size()) return;
      rest.remove_prefix(end + 1);
      bold -= std::min(bold, end + 1);
      out_.append(indent, ' ');
      room = width_ - indent;
    }
  }

  Appearance look_;
  std::size_t width_;
  std::string out_;
};

void write_cause(Page& page, Cause cause) {
  const auto& text = text_of(cause);
  page.heading(name_of(cause));
  page.paragraph(cause == Cause::unknown ? "None of the known causes could be shown."
                                         : fmt::format("The process ended because {}.", text.because));
  page.labelled("who:", text.sender);
  page.labelled("how stapkill knows:", text.recognised_by);
  std::string names;
  for (int number : text.signals) names += (names.empty() ? "" : ", ") + signal_name(number);
  if (!names.empty()) page.labelled("mostly with:", names);
  page.labelled("what to do:", "");
  page.steps(text.next.all());
}

void write_signal(Page& page, int number) {
  const auto& text = *signal_text(number);
  std::string name = signal_name(number);
  page.heading(fmt::format("{} (signal {})", name, number));
  page.paragraph(text.meaning);
  if (can_be_caught(number)) {
    page.labelled("without a handler:", describe(text.action));
  } else {
    page.labelled("always:", fmt::format("{}. It cannot be caught, blocked or ignored", describe(text.action)));
  }
  page.labelled("who sends it:", text.sender);
  auto causes = causes_behind(number);
  if (causes.empty()) return;
  page.labelled("a shell shows:", fmt::format("{} (128+{})", 128 + number, number));
  page.labelled("causes of a death by it:", "`stapkill explain CAUSE` explains each");
  constexpr std::size_t kColumn = 19;
  for (Cause cause : causes) page.row(name_of(cause), text_of(cause).because, kColumn);
  std::string command = fmt::format("stapkill watch --name NAME --signal {} --until-death",
                                    number >= 32 ? std::to_string(number) : name.substr(3));
  const Step step = {"see which one it is when it happens again", command};
  page.steps({&step, 1});
}

void write_status(Page& page, int status) {
  page.heading(fmt::format("exit status {}", status));
  if (auto text = caution(status); !text.empty()) page.paragraph(text);
  if (auto signal = signal_in_status(status)) {
    page.item(fmt::format("a shell, a container runtime (128+{}):", *signal),
              fmt::format("The program it ran was killed by {}. `stapkill explain {}` explains it.",
                          signal_name(*signal), *signal >= 32 ? std::to_string(*signal) : signal_name(*signal)));
  }
  for (const auto* row : meanings_of(status)) {
    page.item(fmt::format("{}{}{}:", row->who, row->name.empty() ? "" : ", ", row->name), row->meaning);
  }
  page.labelled("how to tell them apart:", "");
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
  Page page(look);
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
