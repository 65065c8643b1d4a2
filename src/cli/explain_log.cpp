#include "cli/explain_log.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "backend/stap/log.h"
#include "backend/stap/log_decoder.h"
#include "base/ink.h"
#include "base/text.h"
#include "cli/explain_findings.h"
#include "sys/file.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

constexpr std::string_view kWhyHint =
    msgid("stapkill why --source FILE weighs these lines, with other files of that host");
constexpr std::size_t kShownBytes = 300;  // of a line, unless --verbose

std::string as_json(const LogReader& log, const std::vector<Finding>& findings) {
  using Json = nlohmann::ordered_json;
  Json all = Json::array();
  for (const auto& found : log.recognised()) {
    const auto& message = *found.message;
    const auto* origin = log.origin(found);
    all.push_back({{"line", found.line},
                   {"count", found.count},
                   {"text", found.text},
                   {"id", message.id},
                   {"level", message.level == Level::error ? "error" : "warning"},
                   {"cause", message.cause},
                   {"remedy", message.remedy},
                   {"check", message.check.empty() ? Json(nullptr) : Json(message.check)},
                   {"options", options_of(message)},
                   {"source", message.source},
                   {"follows_from", origin ? Json(origin->message->id) : Json(nullptr)}});
  }
  Json json = {{"schema", "stapkill.explain/1"},
               {"recognised", all},
               {"findings", findings_json(findings)},
               {"failed_pass", log.failed_pass() ? Json(*log.failed_pass()) : Json(nullptr)}};
  // The bytes of a log need not be UTF-8.
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

/// The recognised messages, for the user.
class Writer {
 public:
  Writer(const Appearance& look, bool verbose) : look_(look), verbose_(verbose) {}

  /// `origin` is the message that it follows from; null for none.
  std::string message(const Recognised& found, const Recognised* origin) const {
    const auto& message = *found.message;
    bool error = message.level == Level::error;
    std::string glyph = look_.utf8 ? (error ? "✖" : "▲") : (error ? "ERROR" : "WARN");
    Phrase where = phrase("line {}", found.line);
    if (found.count > 1) where += phrase(", {} times", found.count);
    if (origin) where += phrase(", follows from line {}", origin->line);
    std::string out = paint(error ? Ink::death : Ink::warning, glyph) + ' ' + paint(Ink::aside, tr("{}: ", where)) +
                      words(found.text) + '\n';
    out.append("  ").append(tr_from(message.cause)).append("\n  ");
    out.append(look_.utf8 ? "→ " : "-> ").append(tr_from(message.remedy));
    if (!message.options.empty()) out += tr(": give stap {}", paint(Ink::name, message.options));
    out += '\n';
    if (!message.check.empty()) out += "    " + paint(Ink::name, doctor_command(message)) + '\n';
    return out;
  }
  /// An unknown line that may be the cause.
  std::string unknown(const Recognised& found) const {
    return paint(Ink::aside, "  " + tr("line {} is not known: ", found.line)) + words(found.text) + '\n';
  }

 private:
  std::string paint(Ink ink, std::string_view text) const { return painted(ink, text, look_.color); }
  std::string words(std::string_view line) const {
    bool cut = !verbose_ && line.size() > kShownBytes;
    // Never cut inside a character.
    std::size_t end = cut ? kShownBytes : line.size();
    while (cut && end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
    return printable(line.substr(0, end), !look_.utf8) + (cut ? (look_.utf8 ? "…" : "...") : "");
  }

  Appearance look_;
  bool verbose_;
};

std::string as_text(const LogReader& log, const Appearance& look, bool verbose) {
  Writer writer(look, verbose);
  std::string out;
  if (log.failed_pass()) out += tr("stap failed in pass {}", *log.failed_pass()) + '\n';
  const auto& unknown = log.unknown_error();
  for (const auto& found : log.recognised()) {
    out += (out.empty() ? "" : "\n") + writer.message(found, log.origin(found));
    if (found.message->context && unknown && unknown->line < found.line) out += writer.unknown(*unknown);
  }
  return out;
}

Phrase what_is_unknown(const LogReader& log, const Phrase& name) {
  if (const auto& error = log.unknown_error()) {
    return phrase("no known message in {}; line {} mentions an error: {}", name, error->line,
                  error->text.substr(0, kShownBytes));
  }
  return phrase("no known message in {}; none of its {} lines mentions an error", name, log.lines());
}

tl::unexpected<Error> nothing_known(const LogReader& log, const Phrase& name) {
  if (log.lines() == 0) {
    return fail(phrase("{} is empty", name), phrase("save what stap writes to standard error: stap … 2>FILE"));
  }
  return fail(what_is_unknown(log, name), phrase("stapkill knows English and Chinese messages (else run stap with "
                                                 "LC_ALL=C); `stapkill doctor` checks the host itself"));
}

}  // namespace

Result<int> explain_log(const std::string& path, const Arguments& arguments) {
  if (path.empty()) return usage_error(phrase("--log expects a file, not ''"));
  TRY_ASSIGN(auto look, appearance_of(arguments));
  LogReader log(LogSource::pasted);
  FindingLines lines;
  LogDecoder decoder([&](std::string_view text) {
    log.take(text);
    lines.take(text);
  });
  auto read = read_in_pieces(path, [&decoder](std::string_view piece) { decoder.take(piece); });
  if (!read) return tl::unexpected(read.error());
  decoder.end();
  log.end();
  const auto& findings = lines.end();
  bool is_stap = !log.recognised().empty();
  if (arguments.has("json")) {
    print_out(as_json(log, findings));
  } else {
    if (is_stap) print_out(as_text(log, look, arguments.has("verbose")));
    if (!findings.empty()) {
      print_out((is_stap ? "\n" : "") + findings_text(findings, look) + std::string(tr_from(kWhyHint)) + '\n');
    }
  }
  bool known = is_stap || !findings.empty();
  if (!known) return nothing_known(log, path == "-" ? phrase("standard input") : Phrase(path));
  return kDone;
}

}  // namespace stapkill
