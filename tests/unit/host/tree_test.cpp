#include "host/tree.h"

#include <sys/stat.h>

#include <cerrno>

#include "catch.h"
#include "host/ask.h"
#include "temporary.h"

using namespace stapkill;
namespace fs = std::filesystem;

namespace {

/// A captured tree, and beside it what must never be read.
struct Captured {
  Temporary all;
  fs::path root = all / "tree";
  Captured() {
    all.write("secret", "outside\n");
    all.write("tree/etc/name", "inside\n");
  }
  Tree tree() const { return Tree(fs::canonical(root).string()); }
  void link(std::string_view target, std::string_view name) const { fs::create_symlink(target, root / name); }
  std::string resolved(std::string_view path) const {
    std::string real;
    int error = tree().resolve(path, real);
    return error ? "error " + std::to_string(error) : real;
  }
};

std::string failure(int error) {
  return "error " + std::to_string(error);
}

}  // namespace

TEST_CASE("tree: plain paths", "[tree]") {
  Captured captured;
  CHECK(captured.resolved("/etc/name") == "/etc/name");
  CHECK(captured.resolved("//etc/./name") == "/etc/name");
  CHECK(captured.resolved("/etc/../etc/name") == "/etc/name");
  CHECK(captured.resolved("/") == "/");
  CHECK(captured.resolved("") == "/");
  CHECK(captured.resolved("/etc/nothing") == failure(ENOENT));
  CHECK(captured.resolved("/etc/name/below") == failure(ENOTDIR));
  CHECK(captured.resolved("/etc/name/..") == failure(ENOTDIR));
}

TEST_CASE("tree: nothing leads out", "[tree]") {
  Captured captured;
  CHECK(captured.resolved("/../secret") == failure(ENOENT));
  CHECK(captured.resolved("/etc/../../../secret") == failure(ENOENT));
  captured.link((captured.all / "secret").string(), "absolute");
  captured.link("../secret", "relative");
  captured.link("../../../../../../../etc/name", "up");
  captured.link("..", "etc/parent");
  captured.link("/", "etc/top");
  CHECK(captured.resolved("/absolute") == failure(ENOENT));
  CHECK(captured.resolved("/relative") == failure(ENOENT));
  CHECK(captured.resolved("/up") == "/etc/name");
  CHECK(captured.resolved("/etc/parent/../secret") == failure(ENOENT));
  CHECK(captured.resolved("/etc/top/etc/name") == "/etc/name");
  for (const char* path : {"/absolute", "/relative", "/../secret"}) {
    INFO(path);
    CHECK_FALSE(ask_file(captured.tree(), path));
    CHECK_FALSE(ask_inode(captured.tree(), path));
  }
}

TEST_CASE("tree: absolute links stay inside", "[tree]") {
  Captured captured;
  captured.link("/etc/name", "link");
  captured.link("/etc", "folder");
  captured.link("/link", "second");
  for (const char* path : {"/link", "/folder/name", "/second"}) {
    INFO(path);
    CHECK(captured.resolved(path) == "/etc/name");
    CHECK(ask_file(captured.tree(), path).value == "inside\n");
  }
}

TEST_CASE("tree: loops end", "[tree]") {
  Captured captured;
  captured.link("loop", "loop");
  captured.link("b", "a");
  captured.link("/a", "b");
  captured.link("deeper/x", "deeper");
  for (const char* path : {"/loop", "/a", "/b/c", "/deeper"}) {
    INFO(path);
    CHECK(captured.resolved(path) == failure(ELOOP));
  }
  std::string name = "etc/name";
  for (int i = 0; i < 40; ++i) {
    auto next = "link" + std::to_string(i);
    captured.link(i == 0 ? name : "/" + name, next);
    name = next;
  }
  CHECK(captured.resolved(name) == "/etc/name");
  captured.link("/" + name, "onemore");
  CHECK(captured.resolved("onemore") == failure(ELOOP));
}

TEST_CASE("tree: what is no regular file is not opened", "[tree]") {
  Captured captured;
  REQUIRE(::mkfifo((captured.root / "fifo").c_str(), 0600) == 0);
  captured.link("fifo", "link");
  for (const char* path : {"/fifo", "/link"}) {
    INFO(path);
    auto file = ask_file(captured.tree(), path);  // and this comes back
    CHECK(file.why == "not a regular file");
    CHECK_FALSE(file.absent());
    CHECK(ask_inode(captured.tree(), path)->type == 'p');
  }
  CHECK(ask_file(captured.tree(), "/etc").why == "is a directory");
  CHECK(ask_inode(captured.tree(), "/etc")->type == 'd');
  CHECK_FALSE(ask_list(captured.tree(), "/etc/name"));
  CHECK_FALSE(ask_list(captured.tree(), "/fifo"));
}

TEST_CASE("tree: what is not there is absent, other failures are not", "[tree]") {
  Captured captured;
  CHECK(ask_file(captured.tree(), "/nothing").absent());
  CHECK(ask_file(captured.tree(), "/etc/name/below").absent());
  captured.link("loop", "loop");
  CHECK_FALSE(ask_file(captured.tree(), "/loop").absent());
  CHECK_FALSE(ask_file(captured.tree(), "/etc").absent());
}

TEST_CASE("tree: names of a directory", "[tree]") {
  Captured captured;
  captured.all.write("tree/d/b", "");
  captured.all.write("tree/d/.a", "");
  captured.all.write("tree/d/\xff", "");
  CHECK(ask_list(captured.tree(), "/d").value == std::vector<std::string>{".a", "b", "\xff"});
  fs::create_directory(captured.root / "empty");
  CHECK(ask_list(captured.tree(), "/empty")->empty());
  captured.link("/../..", "d/out");
  CHECK(ask_list(captured.tree(), "/d/out").value == ask_list(captured.tree(), "/").value);
}

TEST_CASE("tree: text is read up to a limit", "[tree]") {
  Captured captured;
  captured.all.write("tree/most", std::string(1 << 20, 'x'));
  captured.all.write("tree/more", std::string((1 << 20) + 1, 'x'));
  CHECK(ask_file(captured.tree(), "/most")->size() == 1 << 20);
  CHECK(ask_file(captured.tree(), "/more").why == "larger than 1 MiB");
}

TEST_CASE("tree: bytes are found wherever pieces are cut", "[tree]") {
  Captured captured;
  constexpr std::size_t kPiece = 1 << 18;
  for (std::size_t at : {std::size_t{0}, kPiece - 3, kPiece, 2 * kPiece - 1}) {
    std::string text(2 * kPiece + 20, '.');
    text.replace(at, 6, "needle");
    captured.all.write("tree/large", text);
    INFO(at);
    CHECK(ask_holds(captured.tree(), "/large", "needle").value == true);
    CHECK(ask_holds(captured.tree(), "/large", "needles").value == false);
  }
  CHECK(ask_holds(captured.tree(), "/nothing", "x").absent());
}

TEST_CASE("tree: programs, by the usual directories and only where they can be run", "[tree]") {
  Captured captured;
  auto program = captured.all.write("tree/usr/bin/tool", "");
  CHECK(ask_program(captured.tree(), "tool").absent());
  fs::permissions(program, fs::perms::owner_all);
  CHECK(ask_program(captured.tree(), "tool").value == "/usr/bin/tool");
  fs::permissions(captured.all.write("tree/usr/local/bin/tool", ""), fs::perms::owner_all);
  CHECK(ask_program(captured.tree(), "tool").value == "/usr/local/bin/tool");
  fs::create_directories(captured.root / "usr/sbin/folder");
  CHECK(ask_program(captured.tree(), "folder").absent());
}

TEST_CASE("tree: mounts, the last one counts", "[tree]") {
  Captured captured;
  CHECK_FALSE(ask_mounted(captured.tree(), "/sys/kernel/debug"));
  CHECK_FALSE(ask_mounted(captured.tree(), "/sys/kernel/debug").absent());  // no table: nobody knows
  captured.all.write("tree/proc/mounts",
                     "systemd-1 /sys/kernel/debug autofs rw 0 0\n/a /x ext4 rw 0 0\n"
                     "debugfs /sys/kernel/debug debugfs rw 0 0\n/sys/kernel/debug /y none rw 0 0\ncut /short");
  CHECK(ask_mounted(captured.tree(), "/sys/kernel/debug").value == "debugfs");
  CHECK(ask_mounted(captured.tree(), "/x").value == "ext4");
  CHECK(ask_mounted(captured.tree(), "/sys/kernel").absent());
  CHECK(ask_mounted(captured.tree(), "/short").absent());
}

TEST_CASE("tree: space of a path that does not exist is that of its parent", "[tree]") {
  Captured captured;
  auto there = ask_free_space(captured.root.string());
  REQUIRE(there);
  CHECK(*there > 0);
  CHECK(ask_free_space((captured.root / "a/b/c").string()));
  CHECK(ask_free_space("/no-such-directory/below"));
  CHECK(ask_free_space("no-such-directory"));
  CHECK(ask_free_space("no-such-directory/below"));
}

TEST_CASE("tree: who built the kernel is not kept", "[tree]") {
  Captured captured;
  captured.all.write("tree/proc/version", "Linux version 6.1 (me@my-host) (gcc 12) #1 SMP\n");
  CHECK(ask_file(captured.tree(), "/proc/version").value == "Linux version 6.1 (builder) (gcc 12) #1 SMP\n");
  captured.all.write("tree/proc/version", "Linux version 6.1 (gcc 12) #1 SMP\n");
  CHECK(ask_file(captured.tree(), "/proc/version").value == "Linux version 6.1 (gcc 12) #1 SMP\n");
  captured.all.write("tree/proc/version", "Linux version 6.1 (me@my-host");
  CHECK(ask_file(captured.tree(), "/proc/version"));
}
