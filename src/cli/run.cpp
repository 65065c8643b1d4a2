#include <re2/re2.h>

#include <boost/program_options/parsers.hpp>
#include <exception>
#include <filesystem>

#include "cli/command.h"
#include "cli/script_options.h"
#include "script/trace_points.h"
#include "sys/file.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {
    {"target", 'x', "PID", false, msgid("the process that target() returns, as stap -x"), "pid"},
    {"command", 'c', "COMMAND", false,
     msgid("start this command once the probes are in place, and end with it, as stap -c")},
    {"global", 'G', "NAME=VALUE", true,
     msgid("set a global variable of the script when it is loaded; nothing is compiled")},
    {"duration", 'd', "SECONDS", false, msgid("end after this time; counted from when the module is loaded")},
    {"prepare", 0, "", false, msgid("only compile the script into the cache, so that it starts at once later")},
    {"stap-arg", 0, "ARG", true, msgid("pass this argument to stap, such as --stap-arg=-g for a script with C code")},
    {"keep", 0, "", false, msgid("keep the script and stap's output, and say where")},
};

constexpr std::size_t kLargestScript = 4 << 20;

Result<std::string> read_script(const std::string& file) {
  std::string text;
  Phrase what = file == "-" ? phrase("standard input") : Phrase(file);
  std::error_code error;
  if (file != "-" && std::filesystem::is_directory(file, error))
    return fail(phrase("{} is a directory, not a script", what));
  auto read = read_in_pieces(file, [&](std::string_view piece) {
    if (text.size() <= kLargestScript) text += piece;
  });
  if (!read) return tl::unexpected(read.error());
  if (text.size() > kLargestScript)
    return fail(phrase("{} is larger than 4 MiB, the limit for scripts", what), {}, "script.size");
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return fail(phrase("{} is empty", what), {}, "script.empty");
  if (text.find('\0') != std::string::npos)
    return fail(phrase("{} has a zero byte: it is not a script", what), {}, "script.bytes");
  return text;
}

/// The program at the beginning of a command line. Not by wordexp(3): for ~USER it asks directory services, which a
/// static binary cannot.
std::string program_of(const std::string& command) {
  std::vector<std::string> words;
  try {
    words = boost::program_options::split_unix(command);
  } catch (const std::exception&) {  // an open quote: the shell that runs it reports that
  }
  std::string first = words.empty() ? "" : words.front();
  return first.find('/') == std::string::npos ? find_program(first) : first;
}

Result<ScriptTarget> target_of(const Arguments& arguments) {
  auto pid = arguments.number("target", 1);
  if (!pid) return tl::unexpected(pid.error());
  auto command = arguments.one("command");
  if (*pid && command) return usage_error(phrase("--target and --command exclude each other"));
  if (command && command->find_first_not_of(" \t") == std::string::npos)
    return usage_error(phrase("--command expects a command, not '{}'", *command));
  ScriptTarget target;
  if (command) target = {{"-c", *command}, program_of(*command)};
  if (*pid) {
    std::error_code error;
    auto process = "/proc/" + std::to_string(**pid);
    if (!std::filesystem::exists(process, error)) return fail(phrase("there is no process {}", **pid), {}, "target");
    target = {{"-x", std::to_string(**pid)}, std::filesystem::read_symlink(process + "/exe", error).string()};
  }
  return target;
}

/// The globals that go to the module unchanged, in the alphabet of stap's own -G (session.cxx).
Result<std::vector<std::string>> globals_for(const Arguments& arguments, const std::string& script) {
  static const re2::RE2 form("([A-Za-z_][A-Za-z0-9_]*)=[A-Za-z0-9_.-]+");
  auto globals = arguments.all("global");
  auto known = globals.empty() ? std::set<std::string>() : globals_of(script);
  for (const auto& word : globals) {
    std::string name;
    if (!re2::RE2::FullMatch(word, form, &name))
      return usage_error(phrase("--global expects NAME=VALUE of letters, digits, '_', '.' and '-', not '{}'", word));
    std::string names;
    for (const auto& each : known) names += (names.empty() ? "" : ", ") + each;
    if (known.count(name) == 0)
      return usage_error(phrase("the script has no global variable '{}'", name),
                         names.empty() ? phrase("it has none") : phrase("it has {}", names));
  }
  return globals;
}

Result<int> run(const Arguments& arguments) {
  if (arguments.positional.empty()) return usage_error(phrase("run expects a script: a file, or - for standard input"));
  Progress progress(arguments.has("quiet"));
  TRY_ASSIGN(auto options, script_options(arguments, progress));
  TRY_ASSIGN(auto target, target_of(arguments));
  TRY_ASSIGN(auto text, read_script(arguments.positional.front()));
  TRY_ASSIGN(auto globals, globals_for(arguments, text));
  options.globals = std::move(globals);
  UserScript script{arguments.positional.front(), std::move(text), arguments.command, std::move(target)};
  TRY_ASSIGN(auto plan, plan_user_script(std::move(script), running_kernel(), arguments.all("stap-arg")));
  TRY(ScriptRun(std::move(plan), std::move(options)).run());
  return kDone;
}

}  // namespace

constexpr Command kRunCommand = {
    "run",
    "SCRIPT.stp [OPTION…] [-- ARG…]",
    msgid("run a SystemTap script of your own"),
    msgid(
        "\nRuns the script unchanged, from any file or from standard input (-), with the arguments ARG as its $1, @1\n"
        "and so on. stapkill compiles it with what this host's SystemTap needs to work on this kernel, keeps the\n"
        "module in its cache, says when all probes are in place, passes on the script's output, and unloads it at the\n"
        "end: at ^C, SIGTERM, --duration, the end of --command, or the script's exit(). Known messages of SystemTap\n"
        "come with a remedy.\n"),
    kOptions,
    1,
    run,
    "file",
    true,
};

}  // namespace stapkill
