#include "model/kernel_event.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("bash line: packed into one number and back", "[kernel_event]") {
  kernel::BashLine line;
  CHECK(line.packed() == 0);
  line.number = 12;
  line.in_function = true;
  CHECK(line.packed() == 12 * 8 + 2);
  line.in_text = line.in_source = true;
  CHECK(line.packed() == 12 * 8 + 7);
  CHECK(kernel::BashLine::of(line.packed()) == line);
}
