// Makes a manual page from its source. The options come from the tables of the command line, so that they cannot differ.
//
// stapkill_man SOURCE: prints the page on standard output. The source may have these, each alone on its line:
//   .\" @options NAME    the options of the command NAME; without NAME those of every command
//   .\" @commands        all commands, each with its page
//   .\" @causes          the names of all causes
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "cli/command.h"
#include "verdict/causes.h"

using namespace stapkill;

namespace {

/// A text as roff prints it: letter for letter.
std::string roff(std::string_view text) {
  std::string out;
  if (!text.empty() && (text[0] == '.' || text[0] == '\'')) out += "\\&";
  for (char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string list_of_options(std::span<const Option> options) {
  std::string text = ".Bl -tag -width Ds\n";
  for (const auto& option : options) {
    auto argument = option.argument.empty() ? "" : " Ar " + roff(option.argument);
    auto letter = option.letter ? fmt::format("Fl {}{} , ", option.letter, argument) : "";
    text += fmt::format(".It {}Fl \\-{}{}\n{}.\n", letter, roff(option.name), argument, roff(option.help));
  }
  return text + ".El\n";
}

std::string list_of_commands() {
  std::string text = ".Bl -tag -width Ds\n";
  for (const auto* command : commands()) {
    text += fmt::format(".It Cm {}\n{}; see\n.Xr stapkill\\-{} 1 .\n", command->name, roff(command->summary),
                        command->name);
  }
  return text + ".El\n";
}

std::string list_of_causes() {
  std::string text;
  for (Cause cause : all_causes()) {
    auto name = roff(name_of(cause));
    text += fmt::format(".Li {} {}\n", name, cause == all_causes().back() ? "." : ",");
  }
  return text;
}

/// The text that takes a line's place; the line itself where it asks for nothing.
std::string expanded(const std::string& line) {
  constexpr std::string_view mark = ".\\\" @options", all = ".\\\" @commands", causes = ".\\\" @causes";
  if (line == all) return list_of_commands();
  if (line == causes) return list_of_causes();
  if (line == mark) return list_of_options(global_options());
  if (!line.starts_with(mark)) return line + '\n';
  auto name = std::string_view(line).substr(mark.size() + 1);
  for (const auto* command : commands()) {
    if (command->name == name) return list_of_options(command->options);
  }
  fmt::print(stderr, "there is no command '{}'\n", name);
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  std::ifstream source(argc == 2 ? argv[1] : "");
  std::string line;
  while (std::getline(source, line)) std::fputs(expanded(line).c_str(), stdout);
  return source.eof() && std::fflush(stdout) == 0 ? 0 : 1;
}
