#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/completion_scripts.h"
#include "cli/completion_values.h"

namespace stapkill {
namespace {

struct Shell {
  std::string_view name;
  std::string (*script)(std::span<const Command* const> commands);
};

constexpr Shell kShells[] = {{"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};

/// `completion values KIND [PREFIX]`, which the scripts call: one value a line, with its description after a tab.
Result<int> print_values(const std::vector<std::string>& words) {
  auto kinds = kinds_of_values();
  std::string known = fmt::format("{}", fmt::join(kinds, ", "));
  if (words.size() < 2) return usage_error(phrase("completion values expects a kind: {}", known));
  if (std::find(kinds.begin(), kinds.end(), words[1]) == kinds.end())
    return usage_error(phrase("there is no kind of values '{}'", words[1]), phrase("the kinds are {}", known));
  for (const auto& candidate : candidates_for(words[1], words.size() > 2 ? words[2] : "")) {
    print_out(candidate.value + (candidate.description.empty() ? "" : '\t' + candidate.description) + '\n');
  }
  return kDone;
}

Result<int> run(const Arguments& arguments) {
  // The prefix may come after "--": it may begin with a dash.
  auto words = arguments.positional;
  words.insert(words.end(), arguments.command.begin(), arguments.command.end());
  if (words.empty()) return usage_error(phrase("completion expects a shell: bash, zsh or fish"));
  bool values = words[0] == "values";
  if (words.size() > (values ? 3U : 1U)) return usage_error(phrase("unexpected word '{}'", words[values ? 3 : 1]));
  if (values) return print_values(words);
  const auto* shell =
      std::find_if(std::begin(kShells), std::end(kShells), [&](const Shell& one) { return one.name == words[0]; });
  if (shell == std::end(kShells)) return usage_error(phrase("completion knows bash, zsh and fish, not '{}'", words[0]));
  print_out(shell->script(commands()));
  return kDone;
}

}  // namespace

std::vector<const Option*> options_of(const Command& command) {
  std::vector<const Option*> all;
  for (const auto& option : command.options) all.push_back(&option);
  for (const auto& option : global_options()) all.push_back(&option);
  return all;
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string_view short_help(const Option& option) {
  return option.help.substr(0, option.help.find(';'));
}

constexpr Command kCompletionCommand = {
    "completion",
    "bash|zsh|fish",
    msgid("print the completions of a shell"),
    msgid("\nCompletes commands, options and their values: processes, signals, units, containers, templates and the "
          "like.\n"
          "They are installed with stapkill. Without an installation, for the running shell:\n"
          "  bash  source <(stapkill completion bash)\n"
          "  zsh   source <(stapkill completion zsh)      after compinit in ~/.zshrc\n"
          "  fish  stapkill completion fish | source\n"),
    {},
    3,
    run,
    "bash|zsh|fish",
    true,
};

}  // namespace stapkill
