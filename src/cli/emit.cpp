#include "script/emit.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "cli/command.h"
#include "cli/script_options.h"
#include "script/library.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {
    {"pid", 'p', "N", false, msgid("the same as --set pid=N"), "pid"},
    {"signal", 's', "SIG", false, msgid("the same as --set signal=SIG")},
    {"set", 0, "NAME=VALUE", true, msgid("give a parameter of the template a value")},
    {"template-dir", 0, "DIR", true,
     msgid("look for templates in DIR first (then in $XDG_DATA_HOME/stapkill/templates)")},
    {"run", 'r', "", false, msgid("run the script here and now, until ^C, --duration or its own end")},
    {"duration", 'd', "SECONDS", false,
     msgid("with --run: end after this time; counted from when the module is loaded")},
    {"prepare", 0, "", false, msgid("only compile the script into the cache, so that --run starts at once later")},
    {"stap-arg", 0, "ARG", true, msgid("with --run or --prepare: pass this argument to stap")},
    {"keep", 0, "", false, msgid("with --run or --prepare: keep the script and stap's output, and say where")},
};

Result<std::map<std::string, std::string>> values_of(const Arguments& arguments) {
  std::map<std::string, std::string> values;
  for (const auto& word : arguments.all("set")) {
    auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      return usage_error(phrase("--set expects NAME=VALUE, not '{}'", word));
    values[word.substr(0, equals)] = word.substr(equals + 1);
  }
  for (const char* name : {"pid", "signal"}) {
    if (auto value = arguments.one(name)) values[name] = *value;
  }
  return values;
}

Result<int> run_script(const Template& source, const std::map<std::string, std::string>& values,
                       const Arguments& arguments) {
  Progress progress(arguments.has("quiet"));
  TRY_ASSIGN(auto options, script_options(arguments, progress));
  TRY_ASSIGN(auto plan, plan_script(source, values, running_kernel(), arguments.all("stap-arg")));
  TRY(ScriptRun(std::move(plan), std::move(options)).run());
  return kDone;
}

/// The script's file name: the file that standard output is, else the template's name. So the command in its header can
/// be pasted, also after `emit signal-send >sg.stp`.
std::string file_name(const Template& source) {
  struct stat info {};
  std::error_code error;
  auto file = std::filesystem::read_symlink("/proc/self/fd/1", error).filename().string();
  bool plain = std::none_of(file.begin(), file.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
  bool named = ::fstat(STDOUT_FILENO, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink > 0;
  return !error && named && plain && !file.empty() ? file : source.name + ".stp";
}

Result<int> run(const Arguments& arguments) {
  if (arguments.positional.empty())
    return usage_error(phrase("emit expects a template's name"), phrase("`stapkill templates` lists them"));
  bool runs = arguments.has("run") || arguments.has("prepare");
  for (const char* name : {"duration", "stap-arg", "keep"}) {
    if (!runs && arguments.has(name)) return usage_error(phrase("--{} works only with --run", name));
  }
  TRY_ASSIGN(auto source,
             find_template(template_directories(arguments.all("template-dir")), arguments.positional.front()));
  TRY_ASSIGN(auto values, values_of(arguments));
  if (runs) return run_script(source, values, arguments);
  TRY_ASSIGN(auto script, emit_script(source, values, file_name(source)));
  print_out(script);
  return kDone;
}

}  // namespace

constexpr Command kEmitCommand = {
    "emit",
    "TEMPLATE [--set NAME=VALUE]… [--run]",
    msgid("print a SystemTap script, or run it"),
    msgid("\nThe script needs no other file; its first lines say what it shows and which command runs it on this host. "
          "With\n"
          "--run stapkill compiles it, keeps it in the cache, loads it, passes on its output, and unloads it at the "
          "end.\n"
          "`stapkill templates` lists the templates with their parameters.\n"),
    kOptions,
    1,
    run,
    "template",
};

}  // namespace stapkill
