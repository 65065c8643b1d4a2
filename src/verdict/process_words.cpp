#include "verdict/process_words.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "verdict/operands.h"

namespace stapkill {
namespace {

struct Interpreter {
  std::string_view name;  ///< of the program; "python" also matches python3.11
  OptionWords options;    ///< the operand is the script, unless an option gives the program
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

std::string_view base_name(std::string_view path) {
  auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

const Interpreter* interpreter_of(const Process& process) {
  if (!process.argv || process.argv->empty()) return nullptr;
  std::string_view program = process.exe ? base_name(*process.exe) : base_name(process.argv->front());
  if (program == "busybox") program = base_name(process.argv->front());  // busybox is the program that it was called as
  auto end = program.find_last_not_of("0123456789.");
  program = program.substr(0, end == std::string_view::npos ? 0 : end + 1);
  const auto* at = std::find_if(std::begin(kInterpreters), std::end(kInterpreters),
                                [&](const auto& row) { return row.name == program; });
  return at == std::end(kInterpreters) ? nullptr : at;
}

/// A path of an open descriptor means nothing outside the process: bash <(curl …) gets /dev/fd/63.
bool is_descriptor(std::string_view path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

}  // namespace

bool same_process(const Process& one, const Process& other) {
  return one.pid == other.pid && one.start == other.start && one.host == other.host;
}

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
  // Not its current directory: it may have moved since.
  if (word[0] == '/' || !process.exec_cwd) return word;
  return *process.exec_cwd + (process.exec_cwd->ends_with('/') ? "" : "/") +
         word.substr(word.starts_with("./") ? 2 : 0);
}

std::string program_given_to(const Process& process) {
  const Interpreter* interpreter = interpreter_of(process);
  return interpreter ? program_among_options(*process.argv, interpreter->options).value_or("") : "";
}

}  // namespace stapkill
