#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stapkill {

/// One option of one command: the row makes the parser, the help and the completions.
struct Option {
  std::string_view name;      ///< without "--"
  char letter;                ///< 0 for none
  std::string_view argument;  ///< "N"; empty for a switch
  bool repeatable;
  std::string_view help;  ///< a message, for tr_from(); one line
  /// How to complete the value: a kind of cli/completion_values.h ("pid"), or words ("auto|always|never"); "" when that
  /// follows from `argument`.
  std::string_view values = {};
};

/// The options that every command takes.
std::span<const Option> global_options();

/// The words of the command line.
class Arguments {
 public:
  bool has(std::string_view name) const { return values_.count(std::string(name)) > 0; }
  /// All values of an option, in order.
  std::vector<std::string> all(std::string_view name) const;
  std::optional<std::string> one(std::string_view name) const;
  /// A whole number of at least `least`; a usage error names the option and the word.
  Result<std::optional<std::int64_t>> number(std::string_view name, std::int64_t least) const;

  std::vector<std::string> positional;
  std::vector<std::string> command;  ///< the words after "--"
  bool has_command = false;

 private:
  friend Result<Arguments> parse_arguments(std::span<const Option>, const std::vector<std::string>&);
  std::map<std::string, std::vector<std::string>> values_;
};

/// Reads words by the global options and those of a command. A usage error names the word that is wrong.
Result<Arguments> parse_arguments(std::span<const Option> options, const std::vector<std::string>& words);

/// A whole number, or a usage error that begins with `what`: "--pid".
Result<std::int64_t> parse_whole(std::string_view what, const std::string& word, std::int64_t least);

/// A number of bytes, optionally followed by K, M or G, or a usage error that names the word and the limits.
Result<std::uint64_t> parse_size(std::string_view what, const std::string& word, std::uint64_t least,
                                 std::uint64_t most);

/// The options as the help prints them.
std::string describe_options(std::span<const Option> options);

}  // namespace stapkill
