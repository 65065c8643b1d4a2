#include "cli/options.h"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <charconv>

namespace stapkill {
namespace po = boost::program_options;
namespace {

constexpr std::array<Option, 6> kGlobal = {{
    {"help", 'h', "", false, msgid("show this and end")},
    {"version", 0, "", false, msgid("show the version and what this build can do, and end")},
    {"color", 0, "WHEN", false, msgid("auto (on a terminal, and when NO_COLOR is unset), always, never"),
     "auto|always|never"},
    {"lang", 0, "LANGUAGE", false, msgid("the language of texts for people, not by the locale: en, zh_CN"), "en|zh_CN"},
    {"verbose", 'v', "", false, msgid("print more: the tools' output, ignored signals, the evidence of each verdict")},
    {"quiet", 'q', "", false, msgid("no progress on standard error")},
}};

void add_options(po::options_description& description, std::span<const Option> options) {
  for (const auto& option : options) {
    std::string name(option.name);
    if (option.letter) name += std::string(",") + option.letter;
    if (option.argument.empty()) {
      description.add_options()(name.c_str(), po::value<bool>()->zero_tokens()->implicit_value(true), "");
    } else {
      description.add_options()(name.c_str(), po::value<std::string>(), "");
    }
  }
}

bool is_repeatable(std::span<const Option> options, std::string_view name) {
  for (const auto& option : options) {
    if (option.name == name) return option.repeatable || option.argument.empty();
  }
  return std::any_of(kGlobal.begin(), kGlobal.end(),
                     [&](const Option& option) { return option.name == name && option.argument.empty(); });
}

/// The messages of boost's parser, %canonical_option% as a hole.
Phrase known_words(const po::error_with_option_name& error, const std::string& name) {
  using Kind = po::invalid_syntax::kind_t;
  if (dynamic_cast<const po::unknown_option*>(&error)) return phrase("unrecognised option '{}'", name);
  const auto* syntax = dynamic_cast<const po::invalid_syntax*>(&error);
  if (!syntax) return {};
  switch (syntax->kind()) {
    case Kind::missing_parameter:
      return phrase("the required argument for option '{}' is missing", name);
    case Kind::extra_parameter:
      return phrase("option '{}' does not take any arguments", name);
    case Kind::empty_adjacent_parameter:
      return phrase("the argument for option '{}' should follow immediately after the equal sign", name);
    default:
      return {};
  }
}

/// What boost's parser says of a command line; its own words where they are others than we know.
Phrase syntax_words(const po::error& error) {
  std::string said = error.what();
  std::replace(said.begin(), said.end(), '\n', ' ');
  const auto* named = dynamic_cast<const po::error_with_option_name*>(&error);
  auto from = said.find('\''), to = said.rfind('\'');
  if (!named || from == to) return said;
  auto known = known_words(*named, said.substr(from + 1, to - from - 1));
  return known == said ? known : Phrase(said);
}

constexpr std::string_view kUnits = "KMG";  // of 1024 each

/// "4K", "1G": as people write it.
std::string size_text(std::uint64_t bytes) {
  std::size_t unit = 0;
  for (; unit < kUnits.size() && bytes != 0 && bytes % 1024 == 0; ++unit) bytes /= 1024;
  return std::to_string(bytes) + (unit == 0 ? "" : std::string(1, kUnits[unit - 1]));
}

}  // namespace

std::span<const Option> global_options() {
  return kGlobal;
}

std::vector<std::string> Arguments::all(std::string_view name) const {
  auto at = values_.find(std::string(name));
  return at == values_.end() ? std::vector<std::string>() : at->second;
}

std::optional<std::string> Arguments::one(std::string_view name) const {
  auto values = all(name);
  return values.empty() ? std::nullopt : std::optional(values.back());
}

Result<std::int64_t> parse_whole(std::string_view what, const std::string& word, std::int64_t least) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || number < least) {
    return usage_error(phrase("{} expects a whole number from {}, not '{}'", what, least, word));
  }
  return number;
}

Result<std::optional<std::int64_t>> Arguments::number(std::string_view name, std::int64_t least) const {
  auto word = one(name);
  if (!word) return std::nullopt;
  return parse_whole("--" + std::string(name), *word, least).map([](std::int64_t value) {
    return std::optional(value);
  });
}

Result<Arguments> parse_arguments(std::span<const Option> options, const std::vector<std::string>& words) {
  Arguments arguments;
  auto dashes = std::find(words.begin(), words.end(), "--");
  std::vector<std::string> own(words.begin(), dashes);
  if (dashes != words.end()) {
    arguments.has_command = true;
    arguments.command.assign(dashes + 1, words.end());
  }
  po::options_description description;
  add_options(description, kGlobal);
  add_options(description, options);
  namespace style = po::command_line_style;
  try {
    auto parsed = po::basic_command_line_parser<char>(own)
                      .options(description)
                      .style(style::unix_style & ~style::allow_guessing)
                      .run();
    for (const auto& option : parsed.options) {
      if (option.position_key >= 0) return usage_error(phrase("unexpected word '{}'", option.value.front()));
      auto& values = arguments.values_[option.string_key];
      if (!values.empty() && !is_repeatable(options, option.string_key)) {
        return usage_error(phrase("--{} was given more than once", option.string_key));
      }
      values.push_back(option.value.empty() ? "" : option.value.front());
    }
  } catch (const po::error& error) {
    return usage_error(syntax_words(error));
  }
  return arguments;
}

Result<std::uint64_t> parse_size(std::string_view what, const std::string& word, std::uint64_t least,
                                 std::uint64_t most) {
  std::uint64_t number = 0;
  const char* last = word.data() + word.size();
  auto [end, error] = std::from_chars(word.data(), last, number);
  auto unit = end == last ? std::string_view::npos : kUnits.find(*end);
  int shift = unit == std::string_view::npos ? 0 : 10 * (static_cast<int>(unit) + 1);
  bool whole = error == std::errc() && end + (shift == 0 ? 0 : 1) == last;
  if (!whole || number > most >> shift || number << shift < least) {
    return usage_error(phrase("{} expects bytes from {} to {} (with K, M or G), not '{}'", what, size_text(least),
                              size_text(most), word));
  }
  return number << shift;
}

std::string describe_options(std::span<const Option> options) {
  std::string text;
  constexpr std::size_t column = 28;
  for (const auto& option : options) {
    std::string line = option.letter ? std::string("  -") + option.letter + ", --" : "      --";
    line += option.name;
    if (!option.argument.empty()) line += ' ' + std::string(option.argument);
    line += line.size() + 2 > column ? '\n' + std::string(column, ' ') : std::string(column - line.size(), ' ');
    text += line.append(tr_from(option.help)) + '\n';
  }
  return text;
}

}  // namespace stapkill
