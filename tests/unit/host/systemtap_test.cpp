#include "host/systemtap.h"

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

TEST_CASE("systemtap: what stap -V says", "[systemtap]") {
  auto found = parse_systemtap_version(
      "Systemtap translator/driver (version 4.8/0.188, Debian version 4.8-2)\nCopyright\n"
      "tested kernel versions: 2.6.32 ... 6.1.0-rc3\nenabled features: BPF\n");
  CHECK(found.version == "4.8");
  CHECK(found.newest_kernel == "6.1.0-rc3");
  found = parse_systemtap_version("Systemtap module loader/runner (version 5.1, rpm 5.1-4.el9)");
  CHECK(found.version == "5.1");
  CHECK(found.newest_kernel.empty());
  CHECK(parse_systemtap_version("").version.empty());
  CHECK(parse_systemtap_version("version x").version.empty());
  CHECK(parse_systemtap_version(std::string(100000, '\xff')).version.empty());
}

TEST_CASE("systemtap: the kernels that releases were tested with", "[systemtap]") {
  CHECK(newest_kernel_of("4.8") == "6.1-rc3");
  CHECK(newest_kernel_of("4.8.1") == "6.1-rc3");
  CHECK(newest_kernel_of("4.80").empty());
  CHECK(newest_kernel_of("").empty());
  CHECK(newest_kernel_of("nonsense").empty());
  CHECK(systemtap_for_kernel("6.1.0-56-amd64") == "4.8");
  CHECK(systemtap_for_kernel("3.10.0-1160.el7.x86_64") == "3.1");
  CHECK(systemtap_for_kernel("6.12.107+deb13-amd64") == "5.2");
  CHECK(systemtap_for_kernel("99.1").empty());
}

TEST_CASE("systemtap: an installation in a captured tree", "[systemtap]") {
  Temporary root;
  auto found = [&] { return find_systemtap(**Facts::below(root.path().string())); };
  REQUIRE_FALSE(found().has_value());
  CHECK(found().error().id == "stap.present");
  std::filesystem::permissions(root.write("usr/bin/stap", ""), std::filesystem::perms::owner_all);
  REQUIRE(found().has_value());
  CHECK(found()->stap == "/usr/bin/stap");
  CHECK(found()->staprun.empty());
  CHECK(found()->runtime == "/usr/share/systemtap/runtime");
  CHECK(found()->stamp.empty());
}

TEST_CASE("systemtap: one that was built from source has its own runtime", "[systemtap]") {
  Temporary root;
  auto runtime = [&] { return find_systemtap(**Facts::below(root.path().string()))->runtime; };
  root.write("usr/share/systemtap/runtime/runtime.h", "");
  std::filesystem::permissions(root.write("opt/stap/bin/stap", ""), std::filesystem::perms::owner_all);
  std::filesystem::create_directories(root / "usr/local/bin");
  std::filesystem::create_symlink("/opt/stap/bin/stap", root / "usr/local/bin/stap");
  CHECK(runtime() == "/usr/share/systemtap/runtime");
  root.write("opt/stap/share/systemtap/runtime/runtime.h", "");
  CHECK(runtime() == "/opt/stap/share/systemtap/runtime");
}

TEST_CASE("systemtap: a kernel's build tree in a captured tree", "[systemtap]") {
  Temporary root;
  auto found = [&] { return find_kernel_build(**Facts::below(root.path().string()), "6.1"); };
  root.write("etc/os-release", "ID=debian\n");
  REQUIRE_FALSE(found().has_value());
  CHECK(found().error().id == "kernel.build");
  CHECK(found().error().remedy == "apt-get install linux-headers-6.1");
  std::filesystem::create_directories(root / "lib/modules/6.1");
  std::filesystem::create_symlink("/usr/src/linux-headers-6.1", root / "lib/modules/6.1/build");
  REQUIRE_FALSE(found().has_value());
  root.write("usr/src/linux-headers-6.1/Module.symvers", "");
  REQUIRE(found().has_value());
  CHECK(found()->build == "/usr/src/linux-headers-6.1");
  CHECK(found()->source == found()->build);
  root.write("usr/src/common/include/linux/sched.h", "");
  std::filesystem::create_symlink("/usr/src/common", root / "lib/modules/6.1/source");
  CHECK(found()->source == "/usr/src/common");
}
