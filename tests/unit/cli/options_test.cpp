#include "cli/options.h"

#include <sstream>

#include "catch.h"
#include "cli/command.h"

using namespace stapkill;

namespace {

constexpr Option kOptions[] = {
    {"pid", 'p', "N", true, "watch this process"},
    {"count", 'c', "N", false, "end after N"},
    {"duration", 0, "SECONDS", false, "end after this time, an explanation that is long"},
    {"children", 0, "", false, "a switch"},
    {"a-name-that-is-rather-long", 0, "VALUE", false, "help"},
};

using Words = std::vector<std::string>;

Arguments must_parse(const Words& words) {
  auto arguments = parse_arguments(kOptions, words);
  INFO((arguments ? std::string() : arguments.error().message.english()));
  REQUIRE(arguments.has_value());
  return *arguments;
}

/// The one line of a usage error.
std::string message_of(const Words& words) {
  auto arguments = parse_arguments(kOptions, words);
  REQUIRE_FALSE(arguments.has_value());
  CHECK(arguments.error().kind == ErrorKind::usage);
  CHECK(arguments.error().message.english().find('\n') == std::string::npos);
  CHECK(arguments.error().message.has_message());  // also of boost's parser
  return arguments.error().message;
}

bool names(const std::string& message, std::string_view word) {
  return message.find(word) != std::string::npos;
}

}  // namespace

TEST_CASE("options: nothing", "[options]") {
  auto arguments = must_parse({});
  CHECK_FALSE(arguments.has("pid"));
  CHECK_FALSE(arguments.has_command);
  CHECK(arguments.all("pid").empty());
  CHECK_FALSE(arguments.one("pid").has_value());
  auto number = arguments.number("count", 1);
  REQUIRE(number.has_value());
  CHECK_FALSE(number->has_value());
}

TEST_CASE("options: every way to give a value", "[options]") {
  for (const Words& words : {Words{"--count", "5"}, Words{"--count=5"}, Words{"-c", "5"}, Words{"-c5"}}) {
    auto arguments = must_parse(words);
    CHECK(arguments.one("count") == "5");
    CHECK(**arguments.number("count", 1) == 5);
  }
}

TEST_CASE("options: repeatable ones keep their order", "[options]") {
  CHECK(must_parse({"-p", "3", "--pid=1", "--pid", "2"}).all("pid") == Words{"3", "1", "2"});
}

TEST_CASE("options: switches, also twice", "[options]") {
  auto arguments = must_parse({"--children", "-v", "-v", "--children", "-q"});
  CHECK(arguments.has("children"));
  CHECK(arguments.has("verbose"));
  CHECK(arguments.has("quiet"));
  CHECK_FALSE(arguments.has("help"));
}

TEST_CASE("options: a value that begins with a dash can be given", "[options]") {
  CHECK(must_parse({"--duration=-5"}).one("duration") == "-5");
}

TEST_CASE("options: the words after -- are the command", "[options]") {
  auto arguments = must_parse({"-c", "1", "--", "sh", "-c", "x", "--", "--help"});
  CHECK(arguments.has_command);
  CHECK(arguments.command == Words{"sh", "-c", "x", "--", "--help"});
  CHECK_FALSE(arguments.has("help"));
  auto empty = must_parse({"--"});
  CHECK(empty.has_command);
  CHECK(empty.command.empty());
}

TEST_CASE("options: an unknown option is named", "[options]") {
  CHECK(names(message_of({"--nonsense"}), "--nonsense"));
  CHECK(names(message_of({"--nonsense=5"}), "--nonsense"));
  CHECK(names(message_of({"-x"}), "-x"));
  CHECK(names(message_of({"--count", "1", "--chlidren"}), "--chlidren"));
}

TEST_CASE("options: a beginning is not the option", "[options]") {
  // A script that says --dur today must not break when --durable comes.
  CHECK(names(message_of({"--dur", "5"}), "--dur"));
  CHECK(names(message_of({"--child"}), "--child"));
}

TEST_CASE("options: a missing value names its option", "[options]") {
  CHECK(names(message_of({"--count"}), "--count"));
  CHECK(names(message_of({"--count="}), "--count"));
  CHECK(names(message_of({"-p"}), "-p"));
}

TEST_CASE("options: a switch takes no value", "[options]") {
  CHECK(names(message_of({"--children=yes"}), "--children"));
}

TEST_CASE("options: an option that counts once is refused twice", "[options]") {
  CHECK(names(message_of({"--count", "1", "--count", "2"}), "--count"));
  CHECK(names(message_of({"--color", "auto", "--color=never"}), "--color"));
}

TEST_CASE("options: a stray word is named", "[options]") {
  CHECK(names(message_of({"stray"}), "stray"));
  CHECK(names(message_of({"--count", "1", "stray"}), "stray"));
}

TEST_CASE("options: numbers", "[options]") {
  CHECK(*parse_whole("--pid", "1", 1) == 1);
  CHECK(*parse_whole("--pid", "9223372036854775807", 1) == INT64_MAX);
  CHECK(*parse_whole("--n", "-5", -10) == -5);
  for (const char* word :
       {"", "x", "0", "-1", "1x", " 1", "1 ", "+1", "1.0", "1e3", "0x10", "9223372036854775808", "1\n"}) {
    INFO(word);
    auto number = parse_whole("--pid", word, 1);
    REQUIRE_FALSE(number.has_value());
    CHECK(number.error().kind == ErrorKind::usage);
    CHECK(names(number.error().message, "--pid"));
    CHECK(names(number.error().message, "'" + std::string(word) + "'"));
  }
}

TEST_CASE("options: a number that is wrong names option and word", "[options]") {
  auto number = must_parse({"--count", "many"}).number("count", 1);
  REQUIRE_FALSE(number.has_value());
  CHECK(number.error().kind == ErrorKind::usage);
  CHECK(names(number.error().message, "--count"));
  CHECK(names(number.error().message, "'many'"));
}

TEST_CASE("options: help has every option with its text", "[options]") {
  auto text = describe_options(kOptions);
  for (const auto& option : kOptions) {
    CHECK(names(text, "--" + std::string(option.name)));
    CHECK(names(text, option.help));
  }
  CHECK(names(text, "-p, --pid N"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.back() != ' ');
  auto global = describe_options(global_options());
  for (const char* name : {"--help", "--version", "--color", "--verbose", "--quiet"}) CHECK(names(global, name));
}

TEST_CASE("options: no command has an option twice, nor one of the global ones", "[options]") {
  for (const auto* command : commands()) {
    std::vector<std::string> seen;
    auto take = [&](std::string name) {
      INFO(command->name << ' ' << name);
      CHECK(std::find(seen.begin(), seen.end(), name) == seen.end());
      seen.push_back(std::move(name));
    };
    for (auto options : {global_options(), command->options}) {
      for (const auto& option : options) {
        take(std::string(option.name));
        if (option.letter) take(std::string(1, option.letter));
        CHECK_FALSE(option.help.empty());
      }
    }
    CHECK_FALSE(command->summary.empty());
  }
}

TEST_CASE("options: sizes", "[options]") {
  constexpr std::uint64_t kLeast = 4 << 10, kMost = 1 << 30;
  const std::pair<const char*, std::uint64_t> right[] = {{"4096", 4096},         {"4K", 4096},          {"5000", 5000},
                                                         {"8M", 8 << 20},        {"1048576K", 1 << 30}, {"1G", 1 << 30},
                                                         {"1073741824", 1 << 30}};
  for (const auto& [word, bytes] : right) {
    INFO(word);
    auto size = parse_size("--buffer-size", word, kLeast, kMost);
    REQUIRE(size.has_value());
    CHECK(*size == bytes);
  }
  for (const char* word : {"",
                           "K",
                           "0",
                           "4095",
                           "3K",
                           "1025M",
                           "2G",
                           "1073741825",
                           "8m",
                           "8MB",
                           "8MiB",
                           "8 M",
                           "8M ",
                           "+8M",
                           "-8M",
                           "0x8M",
                           "1.5M",
                           "8T",
                           "M8",
                           "18014398509481985K",
                           "17179869185G",
                           "99999999999999999999",
                           "8M\n"}) {
    INFO(word);
    auto size = parse_size("--buffer-size", word, kLeast, kMost);
    REQUIRE_FALSE(size.has_value());
    CHECK(size.error().kind == ErrorKind::usage);
    CHECK(names(size.error().message, "--buffer-size expects bytes from 4K to 1G"));
    CHECK(names(size.error().message, "'" + std::string(word) + "'"));
  }
}
