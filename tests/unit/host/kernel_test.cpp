#include "host/kernel.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

TEST_CASE("kernel: lines of a config", "[kernel]") {
  auto options = parse_kernel_config(
      "#\n# Automatically generated\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=n\nCONFIG_E=\"gcc (x) "
      "12\"\n"
      "CONFIG_F=\nCONFIG_G=\"\nCONFIG_H\n CONFIG_I=y\nOTHER=y\nCONFIG_J=0x10=5");
  KernelConfig config{"x", options, ""};
  CHECK(config.on("CONFIG_A"));
  CHECK(config.on("CONFIG_B"));
  for (const char* off : {"CONFIG_C", "CONFIG_D", "CONFIG_F", "CONFIG_H", "CONFIG_I", "OTHER", ""}) {
    INFO(off);
    CHECK_FALSE(config.on(off));
  }
  CHECK(config.value("CONFIG_E") == "gcc (x) 12");
  CHECK(config.value("CONFIG_G") == "\"");
  CHECK(config.value("CONFIG_J") == "0x10=5");
  CHECK(config.value("CONFIG_C").empty());
  CHECK(parse_kernel_config("").empty());
  CHECK(parse_kernel_config(std::string_view("\0\xff\n=\n", 5)).empty());
}

TEST_CASE("kernel: which config is read", "[kernel]") {
  Temporary root;
  auto source = [&](bool running) {
    auto found = kernel_config(**Facts::below(root.path().string()), "6.1", running);
    return found ? found->source : found.error().message.english();
  };
  CHECK(source(true) == "there is no config of kernel 6.1");
  root.write("lib/modules/6.1/build/.config", "CONFIG_A=y\n");
  CHECK(source(true) == "/lib/modules/6.1/build/.config");
  root.write("lib/modules/6.1/config", "CONFIG_A=y\n");
  CHECK(source(true) == "/lib/modules/6.1/config");
  root.write("boot/config-6.1", "CONFIG_A=y\n");
  CHECK(source(true) == "/boot/config-6.1");
  root.write("proc/config.gz", "no gzip");
  auto found = kernel_config(**Facts::below(root.path().string()), "6.1", true);
  REQUIRE(found.has_value());
  CHECK(found->source == "/boot/config-6.1");
  CHECK(found->note.english().find("/proc/config.gz: damaged") != std::string::npos);
  CHECK(kernel_config(**Facts::below(root.path().string()), "6.1", false)->note.empty());
  root.write("boot/config-6.1", "nothing");
  CHECK(kernel_config(**Facts::below(root.path().string()), "6.1", false)->note == "/boot/config-6.1: has no options");
}

TEST_CASE("kernel: installed ones", "[kernel]") {
  Temporary root;
  root.write("lib/modules/6.1.0-9-amd64/modules.dep", "");
  root.write("lib/modules/6.1.0-56-amd64/vmlinuz", "");
  root.write("lib/modules/6.1.0-100-amd64/build/x", "");  // headers alone
  root.write("lib/modules/5.10.0-1-amd64/x", "");
  root.write("boot/vmlinuz-5.10.0-1-amd64", "");
  auto found = installed_kernels(**Facts::below(root.path().string()));
  std::sort(found.begin(), found.end());
  CHECK(found == std::vector<std::string>{"5.10.0-1-amd64", "6.1.0-56-amd64", "6.1.0-9-amd64"});
  Temporary none;
  CHECK(installed_kernels(**Facts::below(none.path().string())).empty());
}

TEST_CASE("kernel: where debuginfo would be", "[kernel]") {
  auto paths = debuginfo_paths("6.1");
  CHECK(paths.front() == "/boot/vmlinux-6.1");
  CHECK(std::find(paths.begin(), paths.end(), "/usr/lib/debug/lib/modules/6.1/vmlinux") != paths.end());
  for (const auto& path : debuginfo_paths("{}{0}%s")) CHECK(path.find("{}{0}%s") != std::string::npos);
}

TEST_CASE("kernel: the build that its own version names", "[kernel]") {
  CHECK(build_version({"", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-10-01)", ""}) == "6.1.192-2");
  CHECK(build_version({"", "#1 SMP Debian 6.12.9-1~bpo12+1 (2025-01-19)", ""}) == "6.12.9-1~bpo12+1");
  CHECK(build_version({"", "#101~22.04.1-Ubuntu SMP", ""}).empty());
  CHECK(build_version({"", "Debian ; rm -rf", ""}).empty());
  CHECK(build_version({"", "", ""}).empty());
}

TEST_CASE("kernel: the machine of a release", "[kernel]") {
  for (auto [release, machine] :
       {std::pair{"6.1.0-56-amd64", "x86_64"}, std::pair{"5.14.0-503.14.1.el9_5.x86_64+rt", "x86_64"},
        std::pair{"4.19.90-52.39.v2207.ky10.aarch64", "aarch64"}, std::pair{"5.14.0-503.el9.aarch64+64k", "aarch64"},
        std::pair{"6.12.12-arm64-16k", "aarch64"}, std::pair{"6.1.21-v8+", "aarch64"},
        std::pair{"6.6.51+rpt-rpi-v8", "aarch64"}, std::pair{"6.12.34+rpt-rpi-2712", "aarch64"},
        std::pair{"6.12.9", ""}, std::pair{"6.8.0-49-generic", ""}, std::pair{"", ""}}) {
    INFO(release);
    CHECK(machine_of_release(release) == machine);
  }
}
