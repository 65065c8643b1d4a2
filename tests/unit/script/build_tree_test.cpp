#include "script/build_tree.h"

#include <fstream>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;
namespace fs = std::filesystem;

namespace {

/// A kernel's build and source trees, as Debian splits them: -amd64 and -common.
struct Kernel {
  Temporary root;
  KernelBuild build;

  Kernel() {
    build.release = "6.1.0-56-amd64";
    build.build = root / "build";
    build.source = root / "source";
    root.write("build/Makefile", "m");
    root.write("build/.config", "c");
    root.write("build/Module.symvers", "s");
    root.write("build/arch/x86/Makefile", "a");
    root.write("build/include/generated/utsrelease.h", "u");
    root.write("build/include/config/kernel.release", "6.1.192\n");
    root.write("build/include/trace/define_trace.h", "");
    root.write("build/include/trace/events/left_out.h", "");
    for (const char* name : {"signal", "sched", "task", "oom"}) {
      root.write("source/include/trace/events/" + std::string(name) + ".h", name);
    }
  }
  Result<BuildTree> make(const std::vector<std::string>& headers = {"signal", "sched"},
                         const std::vector<std::string>& symbols = {"__x64_sys_kill", "__x64_sys_tkill"}) const {
    return make_build_tree(root / "tree", build, headers, symbols);
  }
};

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("build tree: directories are links, files that a build may write are copies", "[build_tree]") {
  Kernel kernel;
  auto tree = kernel.make();
  REQUIRE(tree.has_value());
  CHECK(tree->path == kernel.root / "tree");
  CHECK(fs::read_symlink(tree->path / "arch") == fs::path(kernel.build.build) / "arch");
  CHECK(read_file(tree->path / "arch/x86/Makefile") == "a");
  CHECK(read_file(tree->path / "include/generated/utsrelease.h") == "u");
  for (const char* name : {"Makefile", ".config", "Module.symvers"}) {
    INFO(name);
    CHECK_FALSE(fs::is_symlink(tree->path / name));
    CHECK(read_file(tree->path / name) == read_file(fs::path(kernel.build.build) / name));
    std::ofstream(tree->path / name) << "written by a build";
    CHECK(read_file(fs::path(kernel.build.build) / name)->size() == 1);
  }
}

TEST_CASE("build tree: a file reached by a link of the kernel's tree is copied too", "[build_tree]") {
  // Ubuntu's tree is a directory of links into another.
  Kernel kernel;
  fs::rename(kernel.root / "build/Makefile", kernel.root / "source/Makefile");
  fs::create_symlink("../source/Makefile", kernel.root / "build/Makefile");
  auto tree = kernel.make();
  REQUIRE(tree.has_value());
  CHECK_FALSE(fs::is_symlink(tree->path / "Makefile"));
  CHECK(read_file(tree->path / "Makefile") == "m");
}

TEST_CASE("build tree: an image of the kernel is a link", "[build_tree]") {
  Kernel kernel;
  kernel.root.write("build/vmlinux", "");
  fs::resize_file(kernel.root / "build/vmlinux", (32 << 20) + 1);
  auto tree = kernel.make();
  REQUIRE(tree.has_value());
  CHECK(fs::is_symlink(tree->path / "vmlinux"));
}

TEST_CASE("build tree: where kbuild would write into the package, the tree is its own object tree", "[build_tree]") {
  Kernel kernel;
  kernel.root.write("build/Makefile", "KBUILD_OUTPUT=" + kernel.build.build + "\ninclude x\n");
  SECTION("since Linux 6.13, a split package") {
    kernel.root.write("source/Makefile", "ifeq ($(origin MO), command line)\n  KBUILD_EXTMOD_OUTPUT := $(MO)\nendif\n");
    auto tree = kernel.make();
    REQUIRE(tree.has_value());
    CHECK(read_file(tree->path / "Makefile") ==
          "KBUILD_OUTPUT := " + tree->path.string() + "\ninclude " + kernel.build.source + "/Makefile\n");
    CHECK(read_file(kernel.root / "build/Makefile")->starts_with("KBUILD_OUTPUT=" + kernel.build.build));
  }
  SECTION("before") {
    kernel.root.write("source/Makefile", "KBUILD_OUTPUT := $(O)\n");
    auto tree = kernel.make();
    REQUIRE(tree.has_value());
    CHECK(read_file(tree->path / "Makefile")->starts_with("KBUILD_OUTPUT=" + kernel.build.build));
  }
}

TEST_CASE("build tree: only the trace headers that were asked for, as one", "[build_tree]") {
  Kernel kernel;
  auto tree = kernel.make({"signal", "sched"});
  REQUIRE(tree.has_value());
  CHECK(names_in(tree->path / "include/trace/events") == std::vector<std::string>{"stapkill.h"});
  CHECK(names_in(tree->path / "include/trace") == std::vector<std::string>{"define_trace.h", "events"});
  CHECK(tree->compiler_flags.empty());
  CHECK(read_file(tree->path / "include/trace/events/stapkill.h") == "signal\nsched\n");
}

TEST_CASE("build tree: in a tree that is not split trace headers find those that they include", "[build_tree]") {
  Kernel kernel;
  kernel.build.source = kernel.build.build;
  kernel.root.write("build/include/trace/events/signal.h", "#include <trace/events/mmflags.h>");
  kernel.root.write("build/include/trace/events/mmflags.h", "");
  auto tree = kernel.make({"signal"});
  REQUIRE(tree.has_value());
  CHECK(names_in(tree->path / "include/trace/events") == std::vector<std::string>{"stapkill.h"});
  CHECK(tree->compiler_flags == std::vector<std::string>{"-idirafter", kernel.build.build + "/include"});
}

TEST_CASE("build tree: a System.map in both places where stap looks", "[build_tree]") {
  Kernel kernel;
  auto tree = kernel.make();
  REQUIRE(tree.has_value());
  // By the tree's own release, not by uname's (docs/design/stap.md).
  for (const char* place : {"System.map", "boot/System.map-6.1.192"}) {
    INFO(place);
    auto map = read_file(tree->path / place);
    REQUIRE(map.has_value());
    CHECK(map->find(" T __x64_sys_kill\n") != std::string::npos);
    CHECK(map->find(" T __x64_sys_tkill\n") != std::string::npos);
  }
}

TEST_CASE("build tree: without a release in the tree it is uname's", "[build_tree]") {
  Kernel kernel;
  fs::remove(kernel.root / "build/include/config/kernel.release");
  auto tree = kernel.make();
  REQUIRE(tree.has_value());
  CHECK(fs::exists(tree->path / "boot/System.map-6.1.0-56-amd64"));
}

TEST_CASE("build tree: a release cannot lead out of the tree", "[build_tree]") {
  Kernel kernel;
  kernel.root.write("build/include/config/kernel.release", "x/../../../escaped\n");
  auto tree = kernel.make();
  REQUIRE(tree.has_value());
  CHECK(names_in(tree->path / "boot") == std::vector<std::string>{"System.map-x"});
  CHECK_FALSE(fs::exists(kernel.root / "escaped"));
}

TEST_CASE("build tree: the kernel's own System.map is not written to", "[build_tree]") {
  Kernel kernel;
  kernel.root.write("build/System.map", "the kernel's own");
  auto tree = kernel.make();
  REQUIRE(tree.has_value());
  CHECK(read_file(kernel.root / "build/System.map") == "the kernel's own");
  CHECK_FALSE(fs::is_symlink(tree->path / "System.map"));
  CHECK(read_file(tree->path / "System.map")->find("__x64_sys_kill") != std::string::npos);
}

TEST_CASE("build tree: a trace header that the kernel does not have", "[build_tree]") {
  Kernel kernel;
  auto tree = kernel.make({"signal", "nothing"});
  REQUIRE_FALSE(tree.has_value());
  CHECK(tree.error().id == "kernel.build");
  CHECK(tree.error().message.english().find("nothing.h") != std::string::npos);
  CHECK(tree.error().message.english().find("6.1.0-56-amd64") != std::string::npos);
}

TEST_CASE("build tree: a kernel without a tree is an error, not a throw", "[build_tree]") {
  Kernel kernel;
  kernel.build.build = kernel.root / "missing";
  CHECK_FALSE(kernel.make().has_value());
}

TEST_CASE("build tree: stap's arguments", "[build_tree]") {
  BuildTree tree{"/x/y", {}};
  CHECK(tree.arguments() == std::vector<std::string>{"-r", "/x/y", "--sysroot=/x/y"});
}
