#include "script/kbuild_options.h"

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

using Words = std::vector<std::string>;

Words options_of(const Temporary& root) {
  KernelBuild kernel;
  kernel.build = "/build";
  kernel.source = "/source";
  auto facts = Facts::below(root.path().string());
  REQUIRE(facts.has_value());
  return kbuild_options(**facts, kernel);
}

}  // namespace

TEST_CASE("kbuild options: symbols' versions where the kernel has them", "[script]") {
  Temporary root;
  root.write("build/.config", "CONFIG_X=y\n# CONFIG_MODVERSIONS is not set\n");
  CHECK(options_of(root).empty());
  root.write("build/.config", "CONFIG_X=y\nCONFIG_MODVERSIONS=y\nCONFIG_Y=y\n");
  CHECK(options_of(root) == Words{"-B", "CONFIG_MODVERSIONS=y"});
}

TEST_CASE("kbuild options: objtool runs where the headers have it, also without libelf's development files",
          "[script]") {
  Temporary root;
  root.write("source/Makefile", "ifdef CONFIG_STACK_VALIDATION\n  SKIP_STACK_VALIDATION := 1\nendif\n");
  CHECK(options_of(root).empty());
  root.write("build/tools/objtool/objtool",
             "\x7f"
             "ELF");
  CHECK(options_of(root) == Words{"-B", "has_libelf=1"});
  // Linux 6.0 asks for nothing.
  root.write("source/Makefile", "ifdef CONFIG_OBJTOOL\nprepare: tools/objtool\nendif\n");
  CHECK(options_of(root).empty());
}
