#include "verdict/story.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace stapkill {
namespace {

struct Interpreter {
  std::string_view name;            ///< of the program; "python" also stands for python3.11
  std::string_view inline_options;  ///< letters after which comes a program, not a file
  std::string_view valued_options;  ///< letters whose value is the next word
};
constexpr Interpreter kInterpreters[] = {
    {"sh", "c", "oO"},     {"bash", "c", "oO"}, {"dash", "c", "o"},    {"ash", "c", "o"},       {"ksh", "c", "oO"},
    {"zsh", "c", "o"},     {"mksh", "c", "o"},  {"fish", "c", "CDdf"}, {"python", "cm", "WXQ"}, {"perl", "eE", "I"},
    {"ruby", "e", "ICEr"}, {"php", "r", "cdf"}, {"node", "ep", "rC"},  {"lua", "e", "l"}};

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

/// A shell that only passes on what somebody typed or another program asked for: it does not explain by itself.
bool plain_shell(const Process& process) {
  return interpreter_of(process) && script_of(process).empty();
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
  const auto& argv = *process.argv;
  for (std::size_t i = 1; i < argv.size(); ++i) {
    const std::string& word = argv[i];
    if (word == "--") continue;
    if (word.size() > 1 && (word[0] == '-' || word[0] == '+')) {
      bool is_short = word[1] != '-';
      if (is_short && word.find_first_of(interpreter->inline_options, 1) != std::string::npos) return {};
      if (is_short && interpreter->valued_options.find(word.back()) != std::string_view::npos) ++i;
      continue;
    }
    if (word.empty() || word == "-") return {};
    if (word[0] == '/' || !process.cwd) return word;
    return *process.cwd + (process.cwd->ends_with('/') ? "" : "/") + word.substr(word.rfind("./", 0) == 0 ? 2 : 0);
  }
  return {};
}

std::string story_behind(const Process& killer, const std::vector<ProcessPtr>& ancestry, const Process& victim,
                         const Lookups& lookups) {
  std::string story = own_text(killer, victim);
  std::string told = script_of(killer);
  if (!told.empty()) story += ", running " + told;
  const Process* below = &killer;
  for (const auto& ancestor : ancestry) {
    const Process& child = *std::exchange(below, ancestor.get());
    auto script = script_of(*ancestor);
    if (!script.empty() && script == told) continue;  // a subshell of the same script
    if (!script.empty()) {
      told = script;
      story += ", run by " + script + " (" + (ancestor->comm.empty() ? "pid" : ancestor->comm) + ' ' +
               std::to_string(ancestor->pid) + ')';
      continue;
    }
    if (plain_shell(*ancestor) || passes_on(*ancestor)) continue;
    auto origin = origin_text({*ancestor, child, victim}, lookups);
    if (origin.empty() && ancestor->pid == 1 && !story.empty()) break;
    story += origin.empty() ? ", started by " + name_and_pid(*ancestor) : origin;
    break;
  }
  return story;
}

}  // namespace stapkill
