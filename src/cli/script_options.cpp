#include "cli/script_options.h"

#include <charconv>

namespace stapkill {
namespace {

Result<std::optional<double>> duration_of(const Arguments& arguments) {
  auto word = arguments.one("duration");
  if (!word) return std::nullopt;
  double value = 0;
  const char* last = word->data() + word->size();
  auto [end, error] = std::from_chars(word->data(), last, value);
  if (error != std::errc() || end != last || !(value > 0 && value < 1e8))
    return usage_error(phrase("--duration expects seconds above 0, not '{}'", *word));
  return value;
}

}  // namespace

Result<ScriptOptions> script_options(const Arguments& arguments, Progress& progress) {
  TRY_ASSIGN(auto duration, duration_of(arguments));
  ScriptOptions options;
  options.duration = duration;
  options.only_compile = arguments.has("prepare");
  options.keep = arguments.has("keep") ? Keep::work : Keep::nothing;
  options.progress = [&progress](const Phrase& text, int seconds) { progress.show(text, seconds); };
  options.line = [&progress](const Phrase& text) { progress.line(text); };
  options.armed = [&progress](const Phrase& spent) { progress.note(phrase("armed in {}; ^C ends the script", spent)); };
  if (arguments.has("verbose")) options.tool_line = options.line;
  options.diagnostic = [&progress](const DiagnosticRecord& record) { progress.diagnostic(record); };
  return options;
}

}  // namespace stapkill
