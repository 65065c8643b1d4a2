#include "host/kallsyms.h"

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

TEST_CASE("functions of the kernel and of modules are read, whatever else stands there") {
  Temporary folder;
  std::string text = "0000000000000000 T a\n0000000000000000 D data\n\n \nx\n0000000000000000 t b\t[mod]\n" +
                     std::string(100000, 'x') + "\n0000000000000000 W c\nffff t cut";
  folder.write("kallsyms", text);
  std::string seen;
  CHECK(for_each_kernel_function(
      [&](const KernelFunction& function) {
        seen += std::string(function.name) + '/' + std::string(function.module) + ' ';
      },
      folder.path().string()));
  CHECK(seen == "a/ b/mod c/ ");
  CHECK_FALSE(for_each_kernel_function([](const KernelFunction&) {}, "/no/such"));
}
