#include "sys/memory_file.h"

#include <unistd.h>

#include <string>

#include "catch.h"

using namespace stapkill;

TEST_CASE("memory file: it is read from its beginning, and holds any bytes", "[memory_file]") {
  std::string text(100000, 'x');
  text[5] = '\0';
  auto file = file_in_memory("test", text);
  REQUIRE(file);
  std::string got(200000, '\0');
  auto count = ::read(file.get(), got.data(), got.size());
  REQUIRE(count == static_cast<ssize_t>(text.size()));
  CHECK(got.substr(0, text.size()) == text);
}
