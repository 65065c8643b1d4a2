#include "cli/probes_faces.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/ink.h"
#include "base/text.h"

namespace stapkill {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kWidth = 120;     // where there is no terminal
constexpr std::size_t kMostShown = 60;  // bytes of a probe that push the column of variables to the right

Json probe_json(const ListedProbe& probe) {
  Json variables = Json::array();
  for (const auto& variable : probe.variables) variables.push_back({{"name", variable.name}, {"type", variable.type}});
  Json source = nullptr;
  if (!probe.file.empty()) source = {{"file", probe.file}, {"line", probe.line}};
  return {{"probe", probe.point},
          {"group", probe.group},
          {"name", probe.name.empty() ? Json(nullptr) : Json(probe.name)},
          {"source", source},
          {"variables", variables}};
}

Phrase remedy_of(const ProbesAnswer& answer) {
  const auto& why = *answer.why;
  return why.remedy.empty() ? answer.remedy.text : why.remedy;
}

Json why_json(const ProbesAnswer& answer) {
  if (!answer.why) return nullptr;
  const auto& why = *answer.why;
  std::string text = remedy_of(answer).english();
  return {{"id", why.id},
          {"cause", without_full_stop(why, why.cause.english())},
          {"remedy", text.empty() ? Json(nullptr) : Json(text)},
          {"commands", answer.remedy.commands},
          {"instead", why.instead},
          {"near", why.near}};
}

/// The table, for the user.
class Table {
 public:
  Table(const ProbeListing& listing, const Appearance& look)
      : look_(look), width_(look.terminal && look.width > 0 ? static_cast<std::size_t>(look.width) : kWidth) {
    for (const auto& probe : listing.probes) probes_.push_back(&probe);
    auto place = [](const ListedProbe* probe) { return std::tie(probe->group, probe->file, probe->line, probe->rest); };
    std::sort(probes_.begin(), probes_.end(), [&](const auto* a, const auto* b) { return place(a) < place(b); });
  }

  std::string text() {
    for (std::size_t from = 0, to = 0; from < probes_.size(); from = to) {
      const auto& first = *probes_[from];
      while (to < probes_.size() && probes_[to]->group == first.group && probes_[to]->file == first.file) ++to;
      if (from == 0 || probes_[from - 1]->group != first.group) heading(from);
      if (!first.file.empty()) out_ += "  " + paint(Ink::source, shown(first.file)) + '\n';
      rows(from, to);
    }
    return std::move(out_);
  }

 private:
  std::string shown(std::string_view bytes) const { return printable(bytes, !look_.utf8); }
  std::string paint(Ink ink, std::string_view text) const { return painted(ink, text, look_.color); }

  void heading(std::size_t from) {
    auto count = static_cast<std::size_t>(
        std::count_if(probes_.begin() + static_cast<std::ptrdiff_t>(from), probes_.end(),
                      [&](const auto* probe) { return probe->group == probes_[from]->group; }));
    if (from != 0) out_ += '\n';
    out_ += paint(Ink::name, shown(probes_[from]->group)) +
            paint(Ink::aside, count == 1 ? tr("  {} probe point", count) : tr("  {} probe points", count)) + '\n';
  }

  void rows(std::size_t from, std::size_t to) {
    std::size_t column = 0;
    for (auto at = from; at < to; ++at) column = std::max(column, std::min(head(*probes_[at]).size(), kMostShown));
    // The group's heading already shows a probe point that is nothing but the group.
    if (to - from == 1 && head(*probes_[from]).empty() && probes_[from]->variables.empty()) return;
    for (auto at = from; at < to; ++at) row(*probes_[at], column + 6);
  }

  std::string head(const ListedProbe& probe) const {
    return (probe.line ? fmt::format("{:>5}  ", probe.line) : "") + (probe.rest.empty() ? "" : '.' + shown(probe.rest));
  }

  void row(const ListedProbe& probe, std::size_t column) {
    auto name = head(probe);
    out_ += "    " + paint(Ink::name, name);
    std::size_t at = 4 + name.size();
    for (const auto& variable : probe.variables) {
      auto word = shown(variable.name), type = shown(variable.type);
      std::size_t size = word.size() + (type.empty() ? 0 : type.size() + 1);
      bool fits = at == 4 + name.size() ? at + 2 <= column || name.size() <= kMostShown : at + 2 + size <= width_;
      if (!fits) out_ += '\n', at = 0;
      auto gap = at < column ? column - at : 2;
      out_ += std::string(gap, ' ') + paint(Ink::source, word) + (type.empty() ? "" : paint(Ink::aside, ":") + type);
      at += gap + size;
    }
    out_ += '\n';
  }

  Appearance look_;
  std::size_t width_;
  std::vector<const ListedProbe*> probes_;
  std::string out_;
};

}  // namespace

std::string probes_text(const ProbesAnswer& answer, const Appearance& look) {
  return Table(answer.listing, look).text();
}

std::string probes_json(const ProbesAnswer& answer) {
  // Names in ELF files may not be UTF-8. One probe at a time: there can be a hundred thousand.
  auto dump = [](const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); };
  std::string text =
      fmt::format("{{\"schema\":\"stapkill.probes/1\",\"pattern\":{},\"listed\":{},\"complete\":{},\n\"probes\":[",
                  dump(answer.pattern.asked), dump(answer.listed), answer.listing.complete);
  for (const auto& probe : answer.listing.probes) {
    text += (&probe == &answer.listing.probes.front() ? "\n " : ",\n ") + dump(probe_json(probe));
  }
  return text + "\n],\n\"no_match\":" + dump(why_json(answer)) + "}\n";
}

std::string no_match_text(const ProbesAnswer& answer, bool utf8) {
  const auto& why = *answer.why;
  auto shown = [&](std::string_view bytes) { return printable(bytes, !utf8); };
  auto cause = without_full_stop(why, why.cause.local());
  auto text = shown(tr("nothing matches {}: {}", answer.listed, cause)) + '\n';
  if (auto remedy = remedy_of(answer); !remedy.empty()) text += "  " + shown(remedy.local()) + '\n';
  for (const auto& command : answer.remedy.commands) text += "    " + shown(command) + '\n';
  auto add = [&](std::string_view label, const std::vector<std::string>& names) {
    for (const auto& name : names) text += (&name == &names.front() ? std::string(label) : ", ") + shown(name);
    if (!names.empty()) text += '\n';
  };
  add(tr("  instead: "), why.instead);
  add(tr("  near: "), why.near);
  return text;
}

}  // namespace stapkill
