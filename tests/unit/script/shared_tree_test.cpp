#include "script/shared_tree.h"

#include "catch.h"
#include "temporary.h"

using namespace stapkill;
namespace fs = std::filesystem;

namespace {

struct Host {
  Temporary root;
  SystemTap systemtap;
  KernelBuild kernel;
  Host() {
    kernel = {"9.9.9-made", root / "build", root / "source", "1"};
    systemtap.stap = root / "stap";
    systemtap.runtime = root / "systemtap/runtime";
    root.write("build/Makefile", "m");
    root.write("build/include/config/kernel.release", "9.9.42\n");
    root.write("build/include/config/auto.conf", "CONFIG_X=y\n");
    root.write("build/include/config/X", "");
    root.write("build/Module.symvers", "0x1\tprintk\tvmlinux\tEXPORT_SYMBOL\n");
    for (const char* name : {"signal", "sched", "oom"})
      root.write("source/include/trace/events/" + std::string(name) + ".h", name);
    fs::create_directory(root / "cache");
    fs::permissions(root / "cache", fs::perms::owner_all);
  }
  Result<SharedTree> tree(std::optional<std::vector<std::string>> headers,
                          const std::vector<std::string>& symbols = {}) const {
    return shared_tree(root / "cache", systemtap, kernel, headers, symbols);
  }
};

std::vector<std::string> headers_in(const SharedTree& tree) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(tree.build / "include/trace/events"))
    names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("shared tree: stays where it is, and as old as it is, when headers and symbols come", "[shared_tree]") {
  Host host;
  auto first = host.tree(std::vector<std::string>{"signal"}, {"do_exit"});
  REQUIRE(first);
  CHECK(headers_in(*first) == std::vector<std::string>{"signal"});
  auto time = fs::last_write_time(first->build);
  auto second = host.tree(std::vector<std::string>{"sched"}, {"do_fork"});
  REQUIRE(second);
  CHECK(second->build == first->build);
  CHECK(headers_in(*second) == std::vector<std::string>{"sched", "signal"});
  CHECK(fs::last_write_time(second->build) == time);
  auto map = *read_file(second->build / "System.map");
  for (const char* name : {" T do_exit\n", " T do_fork\n", " T printk\n"}) CHECK(map.find(name) != std::string::npos);
}

TEST_CASE("shared tree: another one has all headers", "[shared_tree]") {
  Host host;
  auto some = host.tree(std::vector<std::string>{}), all = host.tree(std::nullopt);
  REQUIRE(some);
  REQUIRE(all);
  CHECK(some->build != all->build);
  CHECK(headers_in(*some).empty());
  CHECK(headers_in(*all) == std::vector<std::string>{"oom", "sched", "signal"});
}

TEST_CASE("shared tree: the release is the one that uname has", "[shared_tree]") {
  Host host;
  auto tree = host.tree(std::vector<std::string>{});
  REQUIRE(tree);
  CHECK(read_file(tree->build / "include/config/kernel.release") == "9.9.9-made\n");
  CHECK(read_file(tree->build / "include/config/auto.conf") == "CONFIG_X=y\n");
  CHECK_FALSE(fs::exists(tree->build / "include/config/X"));
  CHECK(read_file(fs::path(host.kernel.build) / "include/config/kernel.release") == "9.9.42\n");
}

TEST_CASE("shared tree: another kernel or SystemTap has another", "[shared_tree]") {
  Host host;
  auto one = host.tree(std::vector<std::string>{});
  host.kernel.stamp = "2";
  auto other = host.tree(std::vector<std::string>{});
  host.systemtap.stamp = "2";
  auto third = host.tree(std::vector<std::string>{});
  REQUIRE(one);
  REQUIRE(other);
  REQUIRE(third);
  CHECK(one->build != other->build);
  CHECK(other->build != third->build);
}

TEST_CASE("shared tree: an unfinished one is made again", "[shared_tree]") {
  Host host;
  auto tree = host.tree(std::vector<std::string>{"signal"});
  REQUIRE(tree);
  fs::remove(tree->build.parent_path() / "some.done");
  fs::remove_all(tree->build / "include");
  auto again = host.tree(std::vector<std::string>{"oom"});
  REQUIRE(again);
  CHECK(read_file(again->build / "include/config/auto.conf") == "CONFIG_X=y\n");
  CHECK(headers_in(*again) == std::vector<std::string>{"oom"});
}

TEST_CASE("shared tree: a header that the kernel lacks is an error", "[shared_tree]") {
  Host host;
  auto tree = host.tree(std::vector<std::string>{"missing"});
  REQUIRE_FALSE(tree);
  CHECK(tree.error().message.english().find("missing.h") != std::string::npos);
}
