#include "verdict/operands.h"

#include "catch.h"

using namespace stapkill;

namespace {

constexpr OptionWords kOptions = {
    .valued = "ks", .attached = "M", .ends = "c", .long_valued = "--kill-after --signal", .long_program = "--code"};
constexpr OptionWords kShell = {.valued = "o", .ends = "c", .as_a_shell = true};

}  // namespace

TEST_CASE("operands: options and their values are passed over", "[operands]") {
  const std::pair<std::vector<std::string>, std::size_t> rows[] = {
      {{"x", "5"}, 1},
      {{"x", "-v", "5"}, 2},
      {{"x", "-k", "1", "5"}, 3},
      {{"x", "-k1", "5"}, 2},
      {{"x", "-vk", "1", "5"}, 3},
      {{"x", "-sKILL", "-Mc", "5"}, 3},
      {{"x", "--signal", "KILL", "5"}, 3},
      {{"x", "--sig", "KILL", "5"}, 3},
      {{"x", "--signal=KILL", "--other", "5"}, 3},
      {{"x", "--", "-5"}, 2},
      {{"x", "-", "5"}, 1},
      {{"x", "", "5"}, 1},
  };
  for (const auto& [argv, at] : rows) CHECK(first_operand(argv, kOptions) == at);
}

TEST_CASE("operands: a program among the options", "[operands]") {
  constexpr OptionWords other = {
      .valued = "I", .attached = "M", .ends = "m", .program = "eE", .long_program = "--eval"};
  constexpr OptionWords shell = {
      .valued = "o", .ends = "s", .program = "c", .long_valued = "--rcfile", .as_a_shell = true};
  constexpr OptionWords node = {.program = "ep", .long_program = "--eval", .program_is_next_word = true};
  const std::pair<std::vector<std::string>, std::optional<std::string>> rows[] = {{{"x", "-e", "a", "b"}, "a"},
                                                                                  {{"x", "-ea"}, "a"},
                                                                                  {{"x", "-wE", "a"}, "a"},
                                                                                  {{"x", "-I", "-e", "-e", "a"}, "a"},
                                                                                  {{"x", "-Me", "a"}, {}},
                                                                                  {{"x", "-m", "-e", "a"}, {}},
                                                                                  {{"x", "--eval", "a"}, "a"},
                                                                                  {{"x", "--eval=a"}, "a"},
                                                                                  {{"x", "-e"}, {}},
                                                                                  {{"x", "--", "-e", "a"}, {}},
                                                                                  {{"x", "script", "-e", "a"}, {}}};
  for (const auto& [argv, program] : rows) CHECK(program_among_options(argv, other) == program);
  const std::pair<std::vector<std::string>, std::optional<std::string>> of_shell[] = {
      {{"sh", "-c", "a", "b"}, "a"},     {{"sh", "-xc", "a"}, "a"},
      {{"sh", "-c", "-x", "a"}, "a"},    {{"sh", "-co", "pipefail", "a"}, "a"},
      {{"sh", "-c", "--", "-a"}, "-a"},  {{"sh", "--rcfile", "-c", "script"}, {}},
      {{"sh", "script", "-c", "a"}, {}}, {{"sh", "-c"}, {}},
      {{"sh", "-sc", "a"}, {}},          {{"sh"}, {}},
      {{"sh", "-x", "script"}, {}},      {{"sh", "+c", "a"}, {}}};
  for (const auto& [argv, program] : of_shell) {
    CAPTURE(argv);
    CHECK(program_among_options(argv, shell) == program);
  }
  CHECK(program_among_options({"node", "-pe", "1"}, node) == "1");
}

TEST_CASE("operands: none", "[operands]") {
  const std::vector<std::string> rows[] = {{"x"},
                                           {"x", "-k"},
                                           {"x", "-k", "1"},
                                           {"x", "--"},
                                           {"x", "-vc", "1", "2"},
                                           {"x", "--code", "1", "2"},
                                           {"x", "--code=1", "2"}};
  for (const auto& argv : rows) CHECK(first_operand(argv, kOptions) >= argv.size());
  CHECK(first_operand({}, kOptions) == 0);
}

TEST_CASE("operands: a shell takes its options in its own way", "[operands]") {
  CHECK(first_operand({"sh", "-oe", "pipefail", "x"}, kShell) == 3);
  CHECK(first_operand({"sh", "+x", "x"}, kShell) == 2);
  CHECK(first_operand({"sh", "-", "x"}, kShell) == 2);
}
