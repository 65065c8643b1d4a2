#include <fmt/format.h>

#include "cli/completion_scripts.h"
#include "cli/completion_values.h"

namespace stapkill {
namespace {

constexpr std::string_view kBody = R"zsh(
_stapkill_values() {
  local -a values
  local value description plain=$PREFIX
  # In open quotes all is as it stands.
  [[ -n $compstate[quote] ]] || plain=${(Q)PREFIX}
  while IFS=$'\t' read -r value description; do
    # In _describe's words a colon ends the value, and a backslash escapes the next character.
    value=${value//\\/\\\\}
    values+=("${value//:/\\:}:${description//\\/\\\\}")
  done < <(stapkill completion values "$1" -- "$plain" 2>/dev/null)
  _describe -t "$1" "$1" values
}
)zsh";

/// A text for the brackets of a spec of _arguments, with brackets, colons and backslashes escaped.
std::string spec_text(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string action(std::string_view kind) {
  if (kind.empty()) return " ";
  if (kind == "file") return "_files";
  if (kind == "directory") return "_files -/";
  auto words = words_of(kind);
  // Without the blank _arguments adds words of its own after the function's name.
  if (words.empty()) return fmt::format(" _stapkill_values {}", kind);
  return fmt::format("({})", fmt::join(words, " "));
}

/// The specs of one option for _arguments(zshcompsys(1)), each a word.
std::string specs(const Option& option) {
  std::string text;
  std::string help = fmt::format("[{}]", spec_text(short_help(option)));
  std::string value = option.argument.empty()
                          ? std::string()
                          : fmt::format(":{}:{}", spec_text(option.argument), action(kind_of_values(option)));
  bool again = option.repeatable || option.argument.empty();
  std::string exclude = again ? "*" : option.letter ? fmt::format("(-{} --{})", option.letter, option.name) : "";
  if (option.letter)
    text += "      " + single_quoted(fmt::format("{}-{}{}{}", exclude, option.letter, help, value)) + " \\\n";
  auto equals = option.argument.empty() ? "" : "=";
  text += "      " + single_quoted(fmt::format("{}--{}{}{}{}", exclude, option.name, equals, help, value)) + " \\\n";
  return text;
}

std::string arm(const Command& command) {
  std::string text = fmt::format("    {})\n      _arguments -s -S \\\n", command.name);
  for (const auto* option : options_of(command)) text += specs(*option);
  if (command.name == "watch") text += "      '*:::command:_normal' \\\n";
  std::string_view spec = command.most_positional > 1 ? "*:word:" : ":word:";
  std::string words = command.most_positional ? single_quoted(std::string(spec) + action(command.values)) : "";
  return text + (words.empty() ? "" : "      " + words + " \\\n") + "      && return\n      ;;\n";
}

}  // namespace

std::string zsh_completion(std::span<const Command* const> commands) {
  std::string text = "#compdef stapkill\n# zsh completion for stapkill, made by `stapkill completion zsh`.\n" +
                     std::string(kBody) + "\n_stapkill() {\n  local state curcontext=\"$curcontext\"\n" +
                     "  local -a commands line\n  commands=(\n";
  for (const auto* command : commands) {
    text += "    " + single_quoted(fmt::format("{}:{}", command->name, command->summary)) + '\n';
  }
  text += "  )\n  _arguments -C -S \\\n";
  for (const auto& option : global_options()) text += specs(option);
  text +=
      "      '1:command:->command' '*::word:->word' && return\n"
      "  case $state in\n    command)\n      _describe -t commands command commands && return\n      return 1\n      "
      ";;\n"
      "  esac\n  case $words[1] in\n";
  for (const auto* command : commands) text += arm(*command);
  return text +
         "  esac\n  return 1\n}\n\n"
         "# Read by compinit the file is the function's body; sourced it only defines it.\n"
         "if [[ $funcstack[1] == _stapkill ]]; then\n  _stapkill \"$@\"\nelse\n  compdef _stapkill stapkill\nfi\n";
}

}  // namespace stapkill
