#include <fmt/format.h>

#include "cli/completion_scripts.h"
#include "cli/completion_values.h"

namespace stapkill {
namespace {

constexpr std::string_view kBody = R"fish(
# The first word that is no option and no option's value.
function __stapkill_command
    set -l words (commandline -opc)
    set -l skip 0
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
        else if test "$word" = --color
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
end

function __stapkill_is
    test "$(__stapkill_command)" = "$argv[1]"
end

function __stapkill_values
    # Of --pid=12 the token is all of it.
    set -l token (string replace -r -- '^--?[a-z-]+=' '' (commandline -ct))
    stapkill completion values $argv[1] -- "$token" 2>/dev/null
end

complete -c stapkill -f
)fish";

/// In single quotes, where a backslash and a quote have one before them.
std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string values(std::string_view kind) {
  if (kind.empty()) return " -x";
  if (kind == "file") return " -r -F";
  if (kind == "directory") return " -x -a '(__fish_complete_directories (commandline -ct))'";
  auto words = words_of(kind);
  if (!words.empty()) return fmt::format(" -x -a {}", fish_quoted(fmt::format("{}", fmt::join(words, " "))));
  return fmt::format(" -x -a '(__stapkill_values {})'", kind);
}

std::string line(const Option& option, std::string_view condition) {
  std::string text = "complete -c stapkill";
  if (!condition.empty()) text += " -n " + fish_quoted(condition);
  if (option.letter) text += fmt::format(" -s {}", option.letter);
  text += fmt::format(" -l {}", option.name);
  if (!option.argument.empty()) text += values(kind_of_values(option));
  return text + " -d " + fish_quoted(short_help(option)) + '\n';
}

}  // namespace

std::string fish_completion(std::span<const Command* const> commands) {
  std::string text = "# fish completion for stapkill, made by `stapkill completion fish`.\n" + std::string(kBody);
  for (const auto& option : global_options()) text += line(option, "");
  for (const auto* command : commands) {
    auto condition = fmt::format("__stapkill_is {}", command->name);
    text += fmt::format("\ncomplete -c stapkill -n '__stapkill_is \"\"' -a {} -d {}\n", command->name,
                        fish_quoted(command->summary));
    for (const auto& option : command->options) text += line(option, condition);
    if (command->values == "file") {
      text += fmt::format("complete -c stapkill -n {} -F\n", fish_quoted(condition));
    } else if (!command->values.empty()) {
      auto words = words_of(command->values);
      auto list = words.empty() ? fmt::format("(__stapkill_values {})", command->values)
                                : fmt::format("{}", fmt::join(words, " "));
      text += fmt::format("complete -c stapkill -n {} -a {}\n", fish_quoted(condition), fish_quoted(list));
    }
  }
  return text;
}

}  // namespace stapkill
