#include "verdict/story.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "verdict/operands.h"

namespace stapkill {
namespace {

struct Interpreter {
  std::string_view name;  ///< of the program; "python" also stands for python3.11
  OptionWords options;    ///< its operand is the script, its program among them none
};
constexpr OptionWords kShell = {.valued = "o", .ends = "s", .program = "c", .as_a_shell = true};
constexpr OptionWords kBash = {
    .valued = "oO", .ends = "s", .program = "c", .long_valued = "--rcfile --init-file", .as_a_shell = true};
constexpr OptionWords kFish = {
    .valued = "CDdfop",
    .program = "c",
    .long_valued = "--init-command --features --debug --debug-output --debug-stack-frames --profile",
    .long_program = "--command"};
constexpr OptionWords kPython = {
    .valued = "WXQ", .ends = "m", .program = "c", .long_valued = "--check-hash-based-pycs"};
constexpr OptionWords kPerl = {.valued = "I", .attached = "CDFMVdimx", .program = "eE"};
constexpr OptionWords kRuby = {
    .valued = "CEIXr", .attached = "FKTWix", .program = "e", .long_valued = "--encoding --enable --disable"};
constexpr OptionWords kPhp = {.valued = "Scdtz", .program = "BERr", .long_valued = "--define --php-ini --docroot"};
constexpr OptionWords kNode = {
    .valued = "rC",
    .program = "ep",
    .long_valued = "--require --import --loader --experimental-loader --conditions --env-file --input-type --title",
    .long_program = "--eval --print",
    .program_is_next_word = true};
constexpr OptionWords kLua = {.valued = "el"};
constexpr Interpreter kInterpreters[] = {{"sh", kBash},       {"bash", kBash}, {"dash", kShell}, {"ash", kShell},
                                         {"ksh", kBash},      {"zsh", kShell}, {"mksh", kShell}, {"fish", kFish},
                                         {"python", kPython}, {"perl", kPerl}, {"ruby", kRuby},  {"php", kPhp},
                                         {"node", kNode},     {"lua", kLua}};
constexpr int kMostScripts = 3;  // told of those that ran one another

std::string_view base_name(std::string_view path) {
  auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

const Interpreter* interpreter_of(const Process& process) {
  if (!process.argv || process.argv->empty()) return nullptr;
  std::string_view program = process.exe ? base_name(*process.exe) : base_name(process.argv->front());
  if (program == "busybox") program = base_name(process.argv->front());  // it is what it was called as
  auto end = program.find_last_not_of("0123456789.");
  program = program.substr(0, end == std::string_view::npos ? 0 : end + 1);
  const auto* at = std::find_if(std::begin(kInterpreters), std::end(kInterpreters),
                                [&](const auto& row) { return row.name == program; });
  return at == std::end(kInterpreters) ? nullptr : at;
}

std::string started_by(const Process& process) {
  return ", started by " + name_and_pid(process);
}

std::string run_by(const std::string& what, const Process& interpreter) {
  return ", run by " + what + " (" + (interpreter.comm.empty() ? "pid" : interpreter.comm) + ' ' +
         std::to_string(interpreter.pid) + ')';
}

/// What the interpreter has open says nothing to anybody else: bash <(curl …) is given /dev/fd/63.
bool is_descriptor(std::string_view path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

}  // namespace

std::string name_and_pid(const Process& process) {
  return (process.comm.empty() ? "process" : process.comm) + '(' + std::to_string(process.pid) + ')';
}

bool is_interpreter(const Process& process) {
  return interpreter_of(process) != nullptr;
}

std::string script_of(const Process& process) {
  const Interpreter* interpreter = interpreter_of(process);
  if (!interpreter) return {};
  auto at = first_operand(*process.argv, interpreter->options);
  if (at >= process.argv->size()) return {};
  const std::string& word = (*process.argv)[at];
  if (word.empty() || word == "-" || is_descriptor(word)) return {};
  // Where it stands now it may have gone since.
  if (word[0] == '/' || !process.exec_cwd) return word;
  return *process.exec_cwd + (process.exec_cwd->ends_with('/') ? "" : "/") +
         word.substr(word.starts_with("./") ? 2 : 0);
}

std::string program_given_to(const Process& process) {
  const Interpreter* interpreter = interpreter_of(process);
  return interpreter ? program_among_options(*process.argv, interpreter->options).value_or("") : "";
}

namespace {

/// What an interpreter was given to run, as the sentence has it: a script's path, or `kill -9 5`; "" for another
/// process, and for the job of a scheduler, whose sentence has it already.
std::string given_to(const Process& process, const Process* parent) {
  auto script = script_of(process);
  if (!script.empty()) return script;
  auto command = parent && is_scheduler(*parent) ? std::string() : inline_command(process);
  return command.empty() ? command : '`' + command + '`';
}

/// What the killer itself runs.
std::string own_program(const Deed& deed, const std::string& given) {
  if (given.empty()) return {};
  bool itself = deed.killer.pid == deed.victim.pid && deed.killer.start == deed.victim.start;
  return (given[0] == '`' && !itself ? ", which runs " : ", running ") + given;
}

}  // namespace

std::string story_behind(const Deed& deed, const std::vector<ProcessPtr>& ancestry, const Lookups& lookups) {
  std::string told = given_to(deed.killer, ancestry.empty() ? nullptr : ancestry.front().get());
  std::string story = own_text(deed) + own_program(deed, told);
  int scripts = 0;
  bool starter_told = false;
  const Process* last_resort = nullptr;  // who is told where nobody explains
  const Process* below = &deed.killer;
  for (auto at = ancestry.begin(); at != ancestry.end(); ++at) {
    const Process& ancestor = **at;
    const Process& child = *std::exchange(below, &ancestor);
    auto origin = origin_text({ancestor, child}, lookups);
    if (!origin.empty()) return story + origin;
    auto given = given_to(ancestor, at + 1 == ancestry.end() ? nullptr : (at + 1)->get());
    if (!given.empty()) {
      bool same = given == std::exchange(told, given);  // a subshell of the same script
      if (!same && ++scripts <= kMostScripts) story += run_by(given, ancestor);
    } else if (passes_on(ancestor) || ancestor.pid == 1) {
      if (!last_resort) last_resort = &ancestor;
    } else if (!is_interpreter(ancestor) && ancestor.pid != lookups.own_pid && !std::exchange(starter_told, true)) {
      story += started_by(ancestor);
    }
  }
  story += place_text(deed.killer, lookups);
  return story.empty() && last_resort ? started_by(*last_resort) : story;
}

}  // namespace stapkill
