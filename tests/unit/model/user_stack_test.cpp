#include "model/user_stack.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("user stack: a function without its arguments and its result", "[user_stack]") {
  const std::pair<std::string, std::string> rows[] = {
      {"main", "main"},
      {"", ""},
      {"Config::load(std::string const&)", "Config::load"},
      {"(anonymous namespace)::give_up(int)", "give_up"},
      {"app::(anonymous namespace)::Part::run()", "app::Part::run"},
      {"void std::sort<int*>(int*, int*)", "std::sort<int*>"},
      {"std::function<void (int)>::call(int) const", "std::function<void (int)>::call"},
      {"operator new(unsigned long)", "operator new(unsigned long)"},
      {"core::panicking::panic", "core::panicking::panic"},
      {"runtime.main", "runtime.main"},
      {"(", "("},
      {"<", "<"},
      {">>>>(", ">>>>"},
  };
  for (const auto& [function, name] : rows) CHECK(short_function(function) == name);
}
