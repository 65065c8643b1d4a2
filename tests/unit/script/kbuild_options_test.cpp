#include "script/kbuild_options.h"

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

using Words = std::vector<std::string>;

using Options = Words (*)(Facts&, const KernelBuild&);

Words options_of(const Temporary& root, Options options) {
  KernelBuild kernel;
  kernel.build = "/build";
  kernel.source = "/source";
  auto facts = Facts::below(root.path().string());
  REQUIRE(facts.has_value());
  return options(**facts, kernel);
}

}  // namespace

TEST_CASE("kbuild options: symbols' versions where the kernel has them", "[script]") {
  Temporary root;
  root.write("build/.config", "CONFIG_X=y\n# CONFIG_MODVERSIONS is not set\n");
  CHECK(options_of(root, kbuild_options).empty());
  root.write("build/.config", "CONFIG_X=y\nCONFIG_MODVERSIONS=y\nCONFIG_Y=y\n");
  CHECK(options_of(root, kbuild_options) == Words{"-B", "CONFIG_MODVERSIONS=y"});
}

TEST_CASE("kbuild options: ORC data where the kernel unwinds by them and objtool is there", "[script]") {
  Words wanted = {"-B", "CONFIG_STACK_VALIDATION=y", "-B", "has_libelf=1"};
  Temporary root;
  root.write("build/.config", "\nCONFIG_STACK_VALIDATION=y\nCONFIG_UNWINDER_ORC=y\n");
  CHECK(options_of(root, unwinder_options).empty());
  root.write("build/tools/objtool/objtool", "ELF");
  CHECK(options_of(root, unwinder_options) == wanted);
  // Linux 4.14.
  root.write("build/.config", "\nCONFIG_STACK_VALIDATION=y\nCONFIG_ORC_UNWINDER=y\n");
  CHECK(options_of(root, unwinder_options) == wanted);
  // Frame pointers, and Linux since 5.19.
  root.write("build/.config", "\nCONFIG_STACK_VALIDATION=y\n# CONFIG_UNWINDER_ORC is not set\n");
  CHECK(options_of(root, unwinder_options).empty());
  root.write("build/.config", "\nCONFIG_OBJTOOL=y\nCONFIG_UNWINDER_ORC=y\n");
  CHECK(options_of(root, unwinder_options).empty());
}
