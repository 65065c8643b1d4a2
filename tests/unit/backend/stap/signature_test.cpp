#include "backend/stap/signature.h"

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

TEST_CASE("signature: a module that was signed keeps its name", "[stap]") {
  Temporary root;
  const std::string mark = "~Module signature appended~\n", body(4096, 'x');
  auto arguments = [&](const std::string& text) {
    return staprun_arguments("/usr/bin/staprun", root.write("m.ko", text));
  };
  const std::vector<std::string> named = {"/usr/bin/staprun", "-R", "-T", "20"},
                                 as_it_is = {"/usr/bin/staprun", "-T", "20"};
  CHECK(arguments(body + "signature" + mark) == as_it_is);
  CHECK(arguments(mark) == as_it_is);
  CHECK(arguments(body) == named);
  CHECK(arguments(body + mark + "x") == named);
  CHECK(arguments(body + mark.substr(0, mark.size() - 1)) == named);
  CHECK(arguments(mark.substr(1)) == named);
  CHECK(arguments("") == named);
  CHECK(staprun_arguments("/usr/bin/staprun", root / "missing") == named);
}
