#include "script/build_tree.h"

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

TEST_CASE("build tree: everything of the kernel's is linked", "[build_tree]") {
  Kernel kernel;
  auto tree = kernel.make();
  REQUIRE(tree.has_value());
  CHECK(tree->path == kernel.root / "tree");
  for (const char* name : {"Makefile", ".config", "Module.symvers", "arch"}) {
    INFO(name);
    CHECK(fs::is_symlink(tree->path / name));
    CHECK(fs::read_symlink(tree->path / name) == fs::path(kernel.build.build) / name);
  }
  CHECK(read_file(tree->path / "arch/x86/Makefile") == "a");
  CHECK(read_file(tree->path / "include/generated/utsrelease.h") == "u");
}

TEST_CASE("build tree: only the trace headers that were asked for", "[build_tree]") {
  Kernel kernel;
  auto tree = kernel.make({"signal", "sched"});
  REQUIRE(tree.has_value());
  CHECK(names_in(tree->path / "include/trace/events") == std::vector<std::string>{"sched.h", "signal.h"});
  CHECK(names_in(tree->path / "include/trace") == std::vector<std::string>{"events"});
  CHECK(read_file(tree->path / "include/trace/events/signal.h") == "signal");
}

TEST_CASE("build tree: a System.map in both places where stap looks", "[build_tree]") {
  Kernel kernel;
  auto tree = kernel.make();
  REQUIRE(tree.has_value());
  // By the release that the tree tells, not by uname's (FACTS 1).
  for (const char* place : {"System.map", "boot/System.map-6.1.192"}) {
    INFO(place);
    auto map = read_file(tree->path / place);
    REQUIRE(map.has_value());
    CHECK(map->find(" T __x64_sys_kill\n") != std::string::npos);
    CHECK(map->find(" T __x64_sys_tkill\n") != std::string::npos);
  }
}

TEST_CASE("build tree: without a told release it is uname's", "[build_tree]") {
  Kernel kernel;
  fs::remove(kernel.root / "build/include/config/kernel.release");
  auto tree = kernel.make();
  REQUIRE(tree.has_value());
  CHECK(fs::exists(tree->path / "boot/System.map-6.1.0-56-amd64"));
}

TEST_CASE("build tree: a told release cannot lead out of the tree", "[build_tree]") {
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
  CHECK(tree.error().message.find("nothing.h") != std::string::npos);
  CHECK(tree.error().message.find("6.1.0-56-amd64") != std::string::npos);
}

TEST_CASE("build tree: a kernel without a tree is an error, not a throw", "[build_tree]") {
  Kernel kernel;
  kernel.build.build = kernel.root / "missing";
  CHECK_FALSE(kernel.make().has_value());
}

TEST_CASE("build tree: stap's arguments", "[build_tree]") {
  BuildTree tree{"/x/y"};
  CHECK(tree.arguments() == std::vector<std::string>{"-r", "/x/y", "--sysroot=/x/y"});
}
