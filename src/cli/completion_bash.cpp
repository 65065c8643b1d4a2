#include <fmt/format.h>

#include "cli/completion_scripts.h"
#include "cli/completion_values.h"

namespace stapkill {
namespace {

// Values are not given to compgen -W, which would run a $(…) in a unit's name. "=", ":" and "@" are words of their own
// for bash (COMP_WORDBREAKS), and an inserted value replaces only the text after the last of them.
constexpr std::string_view kBody = R"bash(
# "typed": the words up to the cursor's as they were typed.
_stapkill_typed() {
  local line=$COMP_LINE at word joins=
  typed=()
  for ((at = 0; at <= COMP_CWORD; at++)); do
    word=${COMP_WORDS[at]}
    if [[ at -gt 0 && $line != [[:blank:]]* && ( $word == [=:@]* || -n $joins ) ]]; then
      typed[${#typed[@]}-1]+=$word
    else
      typed+=("$word")
    fi
    line=${line#"${line%%[![:blank:]]*}"}
    line=${line#"$word"}
    joins=
    [[ $word != *[=:@] ]] || joins=yes
  done
}

# "plain": a word without quotes and backslashes; "done": what of it stays as it is; "open": the quote that is open.
_stapkill_unquote() {
  local rest=$1 char
  plain= done= open=
  while [[ -n $rest ]]; do
    char=${rest:0:1} rest=${rest:1}
    if [[ -n $open && $char == "$open" ]]; then
      open=
    elif [[ -z $open && ( $char == \' || $char == \" ) ]]; then
      open=$char done=$plain lead=
    elif [[ $char == \\ && $open != \' && -n $rest ]]; then
      plain+=${rest:0:1} rest=${rest:1}
    else
      plain+=$char
      # An at sign is put in again: it is one of readline's rl_special_prefixes.
      [[ -n $open || $char != [=:@] || $COMP_WORDBREAKS != *"$char"* ]] || done=${plain%@} lead=
    fi
  done
}

_stapkill_add() {
  local word=$1
  [[ $word == "$plain"* ]] || return 0
  word=${word#"$done"}
  case $open in
    \') ;;
    \") word=$(sed 's/[\\"$`]/\\&/g' <<< "$word") ;;
    *)
      [[ -z $word ]] || printf -v word %q "$word"
      word=${word//\\,/,}
      ;;
  esac
  COMPREPLY+=("$lead$word")
}

_stapkill_words() {
  local word
  for word in $1; do
    _stapkill_add "$word"
  done
}

_stapkill_values() {
  local value description kind=f
  case $1 in
    '') ;;
    file | directory)
      compopt -o filenames 2>/dev/null
      [[ $1 == file ]] || kind=d
      while IFS= read -r value; do
        COMPREPLY+=("$lead${value#"$done"}")
      done < <(compgen -$kind -- "$plain")
      ;;
    *'|'*) _stapkill_words "${1//|/ }" ;;
    *)
      while IFS=$'\t' read -r value description; do
        _stapkill_add "$value"
      done < <("${COMP_WORDS[0]}" completion values "$1" -- "$plain" 2>/dev/null)
      ;;
  esac
}

_stapkill() {
  local -a typed
  local current previous command= options= words= kind= commands= at word plain done open lead=
  COMPREPLY=()
  _stapkill_typed
  current=${typed[${#typed[@]}-1]} previous=${typed[${#typed[@]}-2]}
  if [[ $current == --*=* ]]; then
    previous=${current%%=*} current=${current#*=}
    [[ $COMP_WORDBREAKS == *=* ]] || lead=$previous=
  fi
  for ((at = 1; at < ${#typed[@]} - 1; at++)); do
    word=${typed[at]}
    if [[ $word == '--' ]]; then
      # The words after it are another command.
      [[ $command == watch ]] && compopt -o default -o bashdefault 2>/dev/null
      return 0
    elif [[ $word == '--color' ]]; then
      ((at++))
    elif [[ $word != -* && -z $command ]]; then
      command=$word
    fi
  done
  _stapkill_options
  _stapkill_unquote "$current"
  if [[ -n $kind ]]; then
    [[ $kind == none ]] || _stapkill_values "$kind"
  elif [[ $current == -* ]]; then
    _stapkill_words "$options"
  elif [[ -z $command ]]; then
    _stapkill_words "$commands"
  else
    _stapkill_values "$words"
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
