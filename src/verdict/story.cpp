#include "verdict/story.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace stapkill {
namespace {

struct Interpreter {
  std::string_view name;           ///< of the program; "python" also stands for python3.11
  std::string_view inline_option;  ///< after which comes a program, not a file
};
constexpr std::array<Interpreter, 14> kInterpreters = {{{"sh", "c"},
                                                        {"bash", "c"},
                                                        {"dash", "c"},
                                                        {"ash", "c"},
                                                        {"ksh", "c"},
                                                        {"zsh", "c"},
                                                        {"mksh", "c"},
                                                        {"fish", "c"},
                                                        {"python", "cm"},
                                                        {"perl", "eE"},
                                                        {"ruby", "e"},
                                                        {"php", "r"},
                                                        {"node", "ep"},
                                                        {"lua", "e"}}};

std::string_view base_name(std::string_view path) {
  auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

const Interpreter* interpreter_of(const Process& process) {
  if (!process.argv || process.argv->empty()) return nullptr;
  std::string_view program = process.exe ? base_name(*process.exe) : base_name(process.argv->front());
  auto end = program.find_last_not_of("0123456789.");
  program = program.substr(0, end == std::string_view::npos ? 0 : end + 1);
  auto at =
      std::find_if(kInterpreters.begin(), kInterpreters.end(), [&](const auto& row) { return row.name == program; });
  return at == kInterpreters.end() ? nullptr : &*at;
}

/// A shell that only passes on what somebody typed or another program asked for: it does not explain by itself.
bool plain_shell(const Process& process) {
  return interpreter_of(process) && script_of(process).empty();
}

}  // namespace

std::string name_and_pid(const Process& process) {
  return (process.comm.empty() ? "process" : process.comm) + '(' + std::to_string(process.pid) + ')';
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
      if (is_short && word.find_first_of(interpreter->inline_option, 1) != std::string::npos) return {};
      continue;
    }
    if (word.empty() || word == "-") return {};
    if (word[0] == '/' || !process.cwd) return word;
    return *process.cwd + (process.cwd->ends_with('/') ? "" : "/") + word.substr(word.rfind("./", 0) == 0 ? 2 : 0);
  }
  return {};
}

std::string story_behind(const Process& killer, const std::vector<ProcessPtr>& ancestry) {
  std::string story;
  std::string told = script_of(killer);
  if (!told.empty()) story += ", running " + told;
  for (const auto& ancestor : ancestry) {
    if (ancestor->pid == 1 && !story.empty()) break;
    auto script = script_of(*ancestor);
    if (!script.empty() && script == told) continue;  // a subshell of the same script
    if (!script.empty()) {
      told = script;
      story += ", run by " + script + " (" + (ancestor->comm.empty() ? "pid" : ancestor->comm) + ' ' +
               std::to_string(ancestor->pid) + ')';
      continue;
    }
    if (plain_shell(*ancestor)) continue;
    story += ", started by " + name_and_pid(*ancestor);
    break;
  }
  return story;
}

}  // namespace stapkill
