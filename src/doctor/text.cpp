#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/columns.h"
#include "doctor/faces.h"

namespace stapkill {
namespace {

struct Look {
  std::string_view glyph, ascii, color;
};

Look look_of(Status status) {
  switch (status) {
    case Status::pass:
      return {"✔", "ok  ", "32"};
    case Status::warn:
      return {"▲", "warn", "33"};
    case Status::fail:
      return {"✖", "FAIL", "1;31"};
    case Status::error:
      return {"✖", "ERR ", "1;31"};
    case Status::skip:
      break;
  }
  return {"·", "skip", "2"};
}

constexpr std::pair<std::string_view, std::string_view> kHeadings[] = {
    {"stap", "SystemTap"},
    {"user", msgid("you")},
    {"kernel", msgid("kernel")},
    {"toolchain", msgid("compiler")},
    {"env", msgid("environment")},
    {"fs", msgid("file systems")},
    {"bpf", "BPF"},
    {"smoke", msgid("trial")},
};

std::string_view heading_of(std::string_view category) {
  for (const auto& [id, heading] : kHeadings) {
    if (id == category) return tr_from(heading);
  }
  return category;
}

class Writer {
 public:
  explicit Writer(const TextStyle& style) : style_(style) {}

  std::string paint(std::string_view code, std::string_view text) const {
    return style_.color ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
  }
  std::string glyph(Status status) const {
    auto look = look_of(status);
    return paint(look.color, style_.utf8 ? look.glyph : look.ascii);
  }
  /// Other programs' text made safe, and folded with an indent on a terminal. A text with other characters than ASCII
  /// is folded by its columns, also where it has no blanks.
  std::string folded(std::string_view text, std::size_t indent) const {
    std::string safe = printable(text, !style_.utf8);
    auto width = static_cast<std::size_t>(std::max(style_.width, 0));
    if (width < indent + 20) return safe + '\n';
    std::string out;
    if (columns_of(safe) != safe.size()) {
      for (const auto& line : stapkill::folded(safe, width - indent)) {
        if (!out.empty()) out.append(1, '\n').append(indent, ' ');
        out += line;
      }
      return out + '\n';
    }
    std::string_view rest = safe;
    while (rest.size() > width - indent) {
      auto at = rest.substr(0, width - indent + 1).rfind(' ');
      if (at == std::string_view::npos || at == 0) at = rest.find(' ', 1);
      if (at == std::string_view::npos) break;
      out.append(rest.substr(0, at)).append(1, '\n').append(indent, ' ');
      rest.remove_prefix(at + 1);
    }
    return out.append(rest).append(1, '\n');
  }
  std::string check(const CheckResult& result) const {
    constexpr std::size_t kIds = 23, kIndent = 6;
    const auto& finding = result.finding;
    std::size_t mark = style_.utf8 ? 1 : 4;
    std::string out = fmt::format("  {} {:<{}}", glyph(finding.status), result.check->id, kIds);
    out += folded(finding.message.local(), 3 + mark + kIds);
    if (style_.verbose) {
      for (const auto& one : finding.evidence) {
        out += std::string(kIndent, ' ') + paint("2", printable(one.source.local(), !style_.utf8) + tr(": ")) +
               folded(one.value.local(), kIndent + 4);
      }
    }
    bool wanted = finding.status == Status::fail || finding.status == Status::warn || finding.status == Status::error;
    if (!wanted || !finding.remedy) return out;
    std::string indent(kIndent, ' ');
    if (!finding.remedy->text.empty())
      out += indent + (style_.utf8 ? "→ " : "-> ") + folded(finding.remedy->text.local(), kIndent + 3);
    // Never fold commands: users copy them.
    for (const auto& command : finding.remedy->commands) {
      out += indent + "  " + paint("1", printable(command, !style_.utf8)) + '\n';
    }
    return out;
  }
  std::string verdict(const Diagnosis& diagnosis) const {
    Phrase can, perhaps, cannot;
    for (const auto& backend : kBackends) {
      auto unknown = not_known(diagnosis, backend);
      if (diagnosis.ready & backend.bit) {
        add_name(unknown.empty() ? can : perhaps,
                 unknown.empty() ? Phrase(backend.name) : phrase("{} ({})", backend.name, unknown));
      } else {
        add_name(cannot, phrase("{} ({})", backend.name, reasons(diagnosis, backend)));
      }
    }
    bool tried = std::any_of(diagnosis.results.begin(), diagnosis.results.end(), [](const CheckResult& result) {
      return result.check->id == "smoke.run" && result.finding.status == Status::pass;
    });
    auto text = !can.empty()      ? phrase("stapkill can watch here with {}", can)
                : perhaps.empty() ? phrase("nothing can watch here")
                                  : phrase("whether stapkill can watch here is not known: {}", perhaps);
    if ((diagnosis.ready & kStap) && !tried) text += phrase(", by all that was checked (--deep also loads the probes)");
    if (!can.empty() && diagnosis.partial)
      text = phrase("none of these checks keeps stapkill from watching with {}", can);
    if (!can.empty() && !perhaps.empty()) text += phrase("; not known of {}", perhaps);
    if (!cannot.empty()) text += phrase("; not with {}", cannot);
    bool good = diagnosis.asked_is_ready();
    return glyph(!good         ? Status::fail
                 : can.empty() ? Status::warn
                               : Status::pass) +
           ' ' + folded(text.local(), style_.utf8 ? 2 : 5);
  }

 private:
  /// The checks of a backend that a captured host cannot answer: a tree without its kernel's options. The bpf backend's
  /// warn of nothing else; the stap backend's also warn of what is not tried or not usual.
  static Phrase not_known(const Diagnosis& diagnosis, const BackendRow& backend) {
    Phrase names;
    for (const auto& result : diagnosis.results) {
      bool only_bpf = backend.bit == kBpf && result.check->required_by == kBpf;
      if (only_bpf && result.finding.status == Status::warn) add_name(names, result.check->id);
    }
    return names;
  }
  static Phrase reasons(const Diagnosis& diagnosis, const BackendRow& backend) {
    if (!backend.built) return phrase("not in this build");
    std::vector<std::string_view> ids;
    for (const auto& result : diagnosis.results) {
      if (!stands_in_the_way(result, backend.bit, diagnosis.strict)) continue;
      const auto& blocked_by = result.finding.blocked_by;
      auto id = blocked_by.empty() ? result.check->id : std::string_view(blocked_by);
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
    }
    Phrase names;
    for (auto id : ids) add_name(names, id);
    return names;
  }
  const TextStyle& style_;
};

std::string about(const Diagnosis& diagnosis, bool ascii) {
  auto machine = diagnosis.kernel.machine.empty() ? Phrase() : " " + Phrase(diagnosis.kernel.machine);
  auto systemtap = diagnosis.systemtap ? Phrase("SystemTap " + *diagnosis.systemtap) : phrase("no SystemTap");
  auto text = phrase("{}, kernel {}{}, {}", diagnosis.distribution.name, diagnosis.release, machine, systemtap);
  return printable(text.local(), ascii);
}

}  // namespace

std::string diagnosis_text(const Diagnosis& diagnosis, const TextStyle& style) {
  Writer writer(style);
  std::string out = about(diagnosis, !style.utf8) + '\n', last;
  // Each category once, in the table's order.
  std::vector<std::string_view> categories;
  for (const auto& result : diagnosis.results) {
    auto category = result.check->category();
    if (std::find(categories.begin(), categories.end(), category) == categories.end()) categories.push_back(category);
  }
  for (auto category : categories) {
    out += '\n' + writer.paint("1", heading_of(category)) + '\n';
    for (const auto& result : diagnosis.results) {
      if (result.check->category() == category) out += writer.check(result);
    }
  }
  return out + '\n' + writer.verdict(diagnosis);
}

std::string diagnosis_short(const Diagnosis& diagnosis, const TextStyle& style) {
  Writer writer(style);
  std::string out;
  for (const auto& result : diagnosis.results) {
    unsigned asked = diagnosis.backend == kNone ? kStap | kBpf : diagnosis.backend;
    if (result.finding.status != Status::skip && stands_in_the_way(result, asked, diagnosis.strict))
      out += writer.check(result);
  }
  return out + writer.verdict(diagnosis);
}

std::string list_checks() {
  std::string out;
  for (const auto& check : checks()) {
    Phrase by;
    for (const auto& backend : kBackends) {
      if (check.required_by & backend.bit) add_name(by, backend.name);
    }
    auto text = phrase_from(check.title) + (by.empty() ? Phrase() : phrase(" ({} needs it)", by));
    out += fmt::format("{:<24}{}\n", check.id, text.local());
  }
  return out;
}

}  // namespace stapkill
