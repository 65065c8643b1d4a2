#include "cli/command.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/catalogue.h"
#include "base/text.h"
#include "cli/language.h"
#include "cli/version.h"
#include "sys/charset.h"

namespace stapkill {
namespace {

int first_failure = 0;  // errno of the first write to standard output that failed

constexpr const Command* kCommands[] = {&kDoctorCommand,    &kWatchCommand,  &kRunCommand,       &kEmitCommand,
                                        &kTemplatesCommand, &kProbesCommand, &kExplainCommand,   &kReplayCommand,
                                        &kRecordCommand,    &kWhyCommand,    &kCompletionCommand};

std::string common_options() {
  return tr("\noptions of every command:\n") + describe_options(global_options());
}

std::string general_help() {
  auto text =
      tr("usage: stapkill COMMAND [OPTION…]\n\n"
         "Who killed my process? Watches processes on a live Linux host and names who\n"
         "signals or kills them, with command line and parents.\n\ncommands:\n");
  for (const auto* command : kCommands) text += fmt::format("  {:<12}{}\n", command->name, tr_from(command->summary));
  return text + common_options() +
         tr("\nexit status: 0 done, 1 failed, 2 wrong usage, 3 a fault of stapkill itself.\n"
            "`stapkill COMMAND --help` describes one command.\n");
}

std::string command_help(const Command& command) {
  auto own = command.options.empty() ? "" : tr("\noptions:\n") + describe_options(command.options);
  return fmt::format("{}\n\n{}\n{}{}{}", tr("usage: stapkill {} {}", command.name, command.arguments),
                     tr_from(command.summary), tr_from(command.details), own, common_options());
}

int report(const Error& error, std::string_view command) {
  std::string where = command.empty() ? "stapkill" : fmt::format("stapkill {}", command);
  auto remedy = printable(error.remedy.local());
  bool usage = error.kind == ErrorKind::usage;
  auto more =
      usage ? remedy.empty() ? tr(" ({} --help shows more)", where) : tr(" ({}; {} --help shows more)", remedy, where)
      : remedy.empty() ? ""
                       : "\n  " + remedy;
  fmt::print(stderr, "{}: {}{}\n", where, printable(error.message.local()), more);
  return usage ? kUsage : kCouldNot;
}

const Command* find_command(std::string_view name) {
  if (name == kFramesCommand.name) return &kFramesCommand;
  auto all = commands();
  auto at = std::find_if(all.begin(), all.end(), [&](const Command* command) { return command->name == name; });
  return at == all.end() ? nullptr : *at;
}

/// The index of the command's name: the first word that is neither an option nor an option's value.
std::size_t command_position(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--color" || words[i] == "--lang") {
      ++i;
    } else if (words[i].empty() || words[i][0] != '-') {
      return i;
    }
  }
  return words.size();
}

/// Takes the words that are neither options nor their values out of a command's words: boost's program_options knows
/// positional words only by name, and its errors do not name the word.
Result<std::vector<std::string>> take_positional(const Command& command, std::vector<std::string>& words) {
  std::vector<std::string> positional, rest;
  auto takes_value = [&](const std::string& word) {
    auto matches = [&](const Option& option) {
      return !option.argument.empty() &&
             (word == "--" + std::string(option.name) || (option.letter && word == std::string("-") + option.letter));
    };
    return std::any_of(command.options.begin(), command.options.end(), matches) ||
           std::any_of(global_options().begin(), global_options().end(), matches);
  };
  std::optional<Error> surplus;  // reported when no option is wrong: it may be the value of a wrong one
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") {
      rest.insert(rest.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    // "-9" is a word: no option is a number, and the command itself can say what is wrong with it.
    bool number = words[i].size() > 1 &&
                  std::all_of(words[i].begin() + 1, words[i].end(), [](unsigned char c) { return std::isdigit(c); });
    if (!words[i].empty() && words[i][0] == '-' && words[i] != "-" && !number) {
      rest.push_back(words[i]);
      if (takes_value(words[i]) && i + 1 < words.size()) rest.push_back(words[++i]);
      continue;
    }
    if (positional.size() < command.most_positional) {
      positional.push_back(words[i]);
    } else if (!surplus) {
      surplus = Error{phrase("unexpected word '{}'", words[i]), {}, "usage", ErrorKind::usage};
    }
  }
  words = std::move(rest);
  if (surplus) return tl::unexpected(*surplus);
  return positional;
}

int run_command(const Command& command, std::vector<std::string> words) {
  auto positional = take_positional(command, words);
  auto arguments = parse_arguments(command.options, words);
  if (!arguments) return report(arguments.error(), command.name);
  if (!positional) return report(positional.error(), command.name);
  if (!command.takes_rest && !arguments->command.empty())
    return report(
        {phrase("unexpected word '{}' after '--'", arguments->command.front()), {}, "usage", ErrorKind::usage},
        command.name);
  if (arguments->has("help")) {
    print_out(command_help(command));
    return kDone;
  }
  if (arguments->has("version")) {
    print_out(version_text());
    return kDone;
  }
  arguments->positional = std::move(*positional);
  auto status = command.run(*arguments);
  return status ? *status : report(status.error(), command.name);
}

}  // namespace

void print_out(const std::string& text) {
  // Not fmt::print, which throws: main checks at the end whether everything was written.
  bool all = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!all && first_failure == 0) first_failure = errno;
}

int output_failure() {
  if (first_failure == 0 && std::fflush(stdout) != 0) first_failure = errno;
  return first_failure == 0 && std::ferror(stdout) ? EIO : first_failure;
}

std::span<const Command* const> commands() {
  return kCommands;
}

int run_command_line(std::vector<std::string> words) {
  auto asked = language_word(words);
  auto language = language_for(asked);
  if (!language) return report(language.error(), "");
  if (!asked.empty() && *language != "en") show_utf8();
  speak(*language);
  std::size_t at = command_position(words);
  if (at == words.size()) {
    auto arguments = parse_arguments({}, words);
    if (!arguments) return report(arguments.error(), "");
    if (arguments->has("version")) {
      print_out(version_text());
      return kDone;
    }
    std::fputs(general_help().c_str(), arguments->has("help") ? stdout : stderr);
    return arguments->has("help") ? kDone : kUsage;
  }
  const Command* command = find_command(words[at]);
  if (!command) {
    return report({phrase("there is no command '{}'", words[at]), {}, "usage", ErrorKind::usage}, "");
  }
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
  return run_command(*command, std::move(words));
}

Result<Appearance> appearance_of(const Arguments& arguments) {
  std::string when = arguments.one("color").value_or("auto");
  if (when != "auto" && when != "always" && when != "never") {
    return usage_error(phrase("--color expects auto, always or never, not '{}'", when));
  }
  Appearance look{};
  look.terminal = ::isatty(STDOUT_FILENO) == 1;
  const char* none = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  bool dumb = terminal && std::strcmp(terminal, "dumb") == 0;
  look.color = when == "always" || (when == "auto" && look.terminal && !dumb && !(none && *none));
  look.utf8 = takes_utf8();
  winsize size{};
  if (look.terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) look.width = size.ws_col;
  return look;
}

}  // namespace stapkill
