#include <fmt/format.h>

#include "cli/completion_scripts.h"
#include "cli/completion_values.h"

namespace stapkill {
namespace {

// Values are not given to compgen -W, which would run what stands in $(…) in a unit's name. "=" is a word of its own
// for bash (COMP_WORDBREAKS).
constexpr std::string_view kBody = R"bash(
_stapkill_words() {
  local word
  for word in $1; do
    [[ $word == "$2"* ]] && COMPREPLY+=("$word")
  done
}

_stapkill_values() {
  local value description
  case $1 in
    '') ;;
    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    directory) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
    *'|'*) _stapkill_words "${1//|/ }" "$2" ;;
    *)
      while IFS=$'\t' read -r value description; do
        [[ $value == "$2"* ]] || continue
        printf -v value %q "$value"
        COMPREPLY+=("${value//\\,/,}")
      done < <("${COMP_WORDS[0]}" completion values "$1" "$2" 2>/dev/null)
      ;;
  esac
}

_stapkill() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= options= words= kind= commands= at word
  COMPREPLY=()
  if [[ $current == '=' ]]; then
    current=
  elif [[ $previous == '=' ]]; then
    previous=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=${COMP_WORDS[at]}
    if [[ $word == '--' ]]; then
      # What is behind it is another command.
      [[ $command == watch ]] && compopt -o default -o bashdefault 2>/dev/null
      return 0
    elif [[ $word == '--color' ]]; then
      [[ ${COMP_WORDS[at+1]} == '=' ]] && ((at++))
      ((at++))
    elif [[ $word != -* && -z $command ]]; then
      command=$word
    fi
  done
  _stapkill_options
  if [[ -n $kind ]]; then
    [[ $kind == none ]] || _stapkill_values "$kind" "$current"
  elif [[ $current == -* ]]; then
    _stapkill_words "$options" "$current"
  elif [[ -z $command ]]; then
    _stapkill_words "$commands" "$current"
  else
    _stapkill_values "$words" "$current"
  fi
  return 0
}

complete -F _stapkill stapkill
)bash";

/// A line of "case" for each option that takes a value: `--pid|-p) kind=pid ;;`.
std::string kinds(const std::vector<const Option*>& options) {
  std::string text;
  for (const auto* option : options) {
    if (option->argument.empty()) continue;
    auto kind = kind_of_values(*option);
    std::string names = fmt::format("--{}", option->name);
    if (option->letter) names += fmt::format("|-{}", option->letter);
    text += fmt::format("        {}) kind={} ;;\n", names, kind.empty() ? "none" : single_quoted(kind));
  }
  return text;
}

std::string names(const std::vector<const Option*>& options) {
  std::string text;
  for (const auto* option : options) {
    text += fmt::format("{}--{}", text.empty() ? "" : " ", option->name);
    if (option->letter) text += fmt::format(" -{}", option->letter);
  }
  return text;
}

std::vector<const Option*> of_every_command() {
  std::vector<const Option*> all;
  for (const auto& option : global_options()) all.push_back(&option);
  return all;
}

std::string arm(std::string_view label, const std::vector<const Option*>& options, std::string_view words) {
  std::string text = fmt::format("    {})\n      options='{}'\n", label, names(options));
  if (!words.empty()) text += fmt::format("      words={}\n", single_quoted(words));
  return text + fmt::format("      case $previous in\n{}      esac\n      ;;\n", kinds(options));
}

}  // namespace

std::string bash_completion(std::span<const Command* const> commands) {
  std::string all, arms = arm("''", of_every_command(), "");
  for (const auto* command : commands) {
    all += (all.empty() ? "" : " ") + std::string(command->name);
    arms += arm(command->name, options_of(*command), command->values);
  }
  return fmt::format(
             "# bash completion for stapkill, made by `stapkill completion bash`.\n\n"
             "# Sets options, words and kind by command and previous.\n"
             "_stapkill_options() {{\n  commands='{}'\n  case $command in\n{}  esac\n}}\n",
             all, arms) +
         std::string(kBody);
}

}  // namespace stapkill
