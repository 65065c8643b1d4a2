#include "host/kernel_symbols.h"

#include "catch.h"
#include "temporary.h"

using namespace stapkill;
using Names = std::vector<std::string>;

TEST_CASE("kernel symbols: functions of a System.map", "[kernel_symbols]") {
  CHECK(functions_of_system_map("ffffffff81000000 T _stext\nffffffff81000010 t do_one\n0000000000000000 D data\n"
                                "ffffffff81000020 W weak\nshort\n ffffffff81000030\tw\tother \n") ==
        Names{"_stext", "do_one", "weak", "other"});
  // Debian's stub (linux-image's System.map since 2022).
  CHECK(functions_of_system_map("ffffffffffffffff B The real System.map is in the debug package\n").empty());
  CHECK(functions_of_system_map("").empty());
}

TEST_CASE("kernel symbols: system calls and exports", "[kernel_symbols]") {
  CHECK(system_calls_of_header(
            "#ifndef X\n#define __NR_read 0\n#define __NR_kill 62\n#define OTHER 1\n#define __NR_none\n") ==
        Names{"read", "kill"});
  CHECK(exports_of_kernel("0x1\tprintk\tvmlinux\tEXPORT_SYMBOL\n0x2\tsnd\tsound/core\tEXPORT_SYMBOL\t\n") ==
        Names{"printk"});
}

TEST_CASE("kernel symbols: of a kernel that does not run", "[kernel_symbols]") {
  Temporary root;
  KernelBuild kernel;
  kernel.release = "9.9.9-made";
  kernel.build = root / "build";
  kernel.source = root / "source";
  root.write("build/Module.symvers", "0x1\tprintk\tvmlinux\tEXPORT_SYMBOL\n0x1\tprintk\tvmlinux\tEXPORT_SYMBOL\n");
  root.write("source/include/uapi/asm-generic/unistd.h", "#define __NR_kill 129\n");
  CHECK(kernel_function_names(kernel) == Names{"printk", "sys_kill"});
  root.write("build/.config", "\nCONFIG_ARCH_HAS_SYSCALL_WRAPPER=y\n");
  CHECK(kernel_function_names(kernel) == Names{syscall_prefix(*Facts::live(), kernel) + "kill", "printk"});

  std::string map;
  for (int i = 1000; i < 3000; ++i) map += "0 T f" + std::to_string(i) + "\n";
  root.write("build/System.map", map);
  auto names = kernel_function_names(kernel);
  REQUIRE(names.size() == 2000);
  CHECK(names.front() == "f1000");
}
