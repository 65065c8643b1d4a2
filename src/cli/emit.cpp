#include "script/emit.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>

#include "backend/stap/script_run.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "script/library.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {
    {"pid", 'p', "N", false, "the same as --set pid=N", "pid"},
    {"signal", 's', "SIG", false, "the same as --set signal=SIG"},
    {"set", 0, "NAME=VALUE", true, "give a parameter of the template a value"},
    {"template-dir", 0, "DIR", true, "look for templates there first (then in $XDG_DATA_HOME/stapkill/templates)"},
    {"run", 'r', "", false, "run the script here and now, until ^C, --duration or its own end"},
    {"duration", 'd', "SECONDS", false, "with --run: end after this time; counted from when the module is loaded"},
    {"prepare", 0, "", false, "only compile the script into the cache, so that --run starts at once later"},
    {"stap-arg", 0, "ARG", true, "with --run or --prepare: hand this argument to stap"},
    {"keep", 0, "", false, "with --run or --prepare: keep the script and stap's words, and tell where"},
};

Result<std::map<std::string, std::string>> values_of(const Arguments& arguments) {
  std::map<std::string, std::string> values;
  for (const auto& word : arguments.all("set")) {
    auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0) return usage_error("--set wants NAME=VALUE, not '" + word + "'");
    values[word.substr(0, equals)] = word.substr(equals + 1);
  }
  for (const char* name : {"pid", "signal"}) {
    if (auto value = arguments.one(name)) values[name] = *value;
  }
  return values;
}

Result<std::optional<double>> duration_of(const Arguments& arguments) {
  auto word = arguments.one("duration");
  if (!word) return std::nullopt;
  double value = 0;
  const char* last = word->data() + word->size();
  auto [end, error] = std::from_chars(word->data(), last, value);
  if (error != std::errc() || end != last || !(value > 0 && value < 1e8))
    return usage_error("--duration wants seconds above 0, not '" + *word + "'");
  return value;
}

Result<int> run_script(const Template& source, const std::map<std::string, std::string>& values,
                       const Arguments& arguments) {
  auto duration = duration_of(arguments);
  if (!duration) return tl::unexpected(duration.error());
  auto plan = plan_script(source, values, running_kernel(), arguments.all("stap-arg"));
  if (!plan) return tl::unexpected(plan.error());
  Progress progress(arguments.has("quiet"));
  ScriptOptions options;
  options.duration = *duration;
  options.only_compile = arguments.has("prepare");
  options.keep = arguments.has("keep");
  options.progress = [&](std::string_view text) { progress.show(text); };
  options.line = [&](std::string_view text) { progress.line(text); };
  if (arguments.has("verbose")) options.tool_line = options.line;
  options.diagnostic = [&](const DiagnosticRecord& record) {
    progress.line(record.remedy.empty() ? record.message : record.message + "\n  " + record.remedy);
  };
  ScriptRun script(std::move(*plan), std::move(options));
  if (auto done = script.run(); !done) return tl::unexpected(done.error());
  return kDone;
}

Result<int> run(const Arguments& arguments) {
  if (arguments.positional.empty())
    return usage_error("emit wants a template's name", "`stapkill templates` lists them");
  bool runs = arguments.has("run") || arguments.has("prepare");
  for (const char* name : {"duration", "stap-arg", "keep"}) {
    if (!runs && arguments.has(name)) return usage_error(std::string("--") + name + " goes with --run");
  }
  auto source = find_template(template_directories(arguments.all("template-dir")), arguments.positional.front());
  if (!source) return tl::unexpected(source.error());
  auto values = values_of(arguments);
  if (!values) return tl::unexpected(values.error());
  if (runs) return run_script(*source, *values, arguments);
  auto script = emit_script(*source, *values);
  if (!script) return tl::unexpected(script.error());
  print_out(*script);
  return kDone;
}

}  // namespace

const Command kEmitCommand = {
    "emit",
    "TEMPLATE [--set NAME=VALUE]… [--run]",
    "print a SystemTap script, or run it",
    "\nThe script stands alone; its first lines say what it shows and with which command to run it on this host. With\n"
    "--run stapkill compiles it, keeps it in the cache, loads it, and passes on what it prints; the module is "
    "unloaded\n"
    "at the end. `stapkill templates` lists the templates with their parameters.\n",
    kOptions,
    1,
    run,
    "template",
};

}  // namespace stapkill
