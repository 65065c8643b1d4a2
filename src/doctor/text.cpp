#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

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
    {"stap", "SystemTap"},  {"user", "you"},        {"kernel", "kernel"}, {"toolchain", "compiler"},
    {"env", "environment"}, {"fs", "file systems"}, {"bpf", "BPF"},       {"smoke", "trial"},
};

std::string_view heading_of(std::string_view category) {
  for (const auto& [id, heading] : kHeadings) {
    if (id == category) return heading;
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
  /// Other programs' text made safe, and folded with an indent on a terminal.
  std::string folded(std::string_view text, std::size_t indent) const {
    std::string safe = printable(text, !style_.utf8);
    auto width = static_cast<std::size_t>(std::max(style_.width, 0));
    if (width < indent + 20) return safe + '\n';
    std::string out;
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
    out += folded(finding.message, 3 + mark + kIds);
    if (style_.verbose) {
      for (const auto& one : finding.evidence) {
        out += std::string(kIndent, ' ') + paint("2", printable(one.source, !style_.utf8) + ": ") +
               folded(one.value, kIndent + 4);
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
    std::string can, cannot;
    for (const auto& backend : kBackends) {
      if (diagnosis.ready & backend.bit) {
        can += fmt::format("{}{}", can.empty() ? "" : ", ", backend.name);
      } else {
        cannot += fmt::format("{}{} ({})", cannot.empty() ? "" : ", ", backend.name, reasons(diagnosis, backend));
      }
    }
    bool tried = std::any_of(diagnosis.results.begin(), diagnosis.results.end(), [](const CheckResult& result) {
      return result.check->id == "smoke.run" && result.finding.status == Status::pass;
    });
    std::string text = can.empty() ? "nothing can watch here" : "stapkill can watch here with " + can;
    if ((diagnosis.ready & kStap) && !tried) text += ", by all that was checked (--deep also loads the probes)";
    if (!can.empty() && diagnosis.partial) text = "none of these checks keeps stapkill from watching with " + can;
    if (!cannot.empty()) text += "; not with " + cannot;
    bool good = diagnosis.asked_is_ready();
    return glyph(good ? Status::pass : Status::fail) + ' ' + folded(text, style_.utf8 ? 2 : 5);
  }

 private:
  static std::string reasons(const Diagnosis& diagnosis, const BackendRow& backend) {
    if (!backend.built) return "not in this build";
    std::string ids;
    auto add = [&](std::string_view id) {
      if (ids.find(id) == std::string::npos) ids.append(ids.empty() ? "" : ", ").append(id);
    };
    for (const auto& result : diagnosis.results) {
      if (!stands_in_the_way(result, backend.bit, diagnosis.strict)) continue;
      add(result.finding.blocked_by.empty() ? result.check->id : std::string_view(result.finding.blocked_by));
    }
    return ids;
  }
  const TextStyle& style_;
};

std::string about(const Diagnosis& diagnosis, bool ascii) {
  return fmt::format("{}, kernel {}{}, {}", printable(diagnosis.distribution.name, ascii),
                     printable(diagnosis.release, ascii),
                     diagnosis.kernel.machine.empty() ? "" : ' ' + printable(diagnosis.kernel.machine, ascii),
                     diagnosis.systemtap ? "SystemTap " + printable(*diagnosis.systemtap, ascii) : "no SystemTap");
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
    std::string by;
    for (const auto& backend : kBackends) {
      if (check.required_by & backend.bit) by += fmt::format("{}{}", by.empty() ? " (" : ", ", backend.name);
    }
    out += fmt::format("{:<24}{}{}\n", check.id, check.title, by.empty() ? "" : by + " needs it)");
  }
  return out;
}

}  // namespace stapkill
