#include "script/emit.h"

#include "catch.h"
#include "script/library.h"

using namespace stapkill;

TEST_CASE("a kernel's own names of its system calls are a template's defaults", "[emit]") {
  auto source = find_template({}, "watch");
  REQUIRE(source);
  auto values = with_function_names(*source, {{"sys_tkill", "mine"}}, "sys_");
  CHECK(values.at("sys_kill") == "sys_kill");
  CHECK(values.at("sys_pidfd_send_signal") == "sys_pidfd_send_signal");
  CHECK(values.at("sys_tkill") == "mine");
  CHECK_FALSE(values.contains("version"));
}
