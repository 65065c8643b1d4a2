#include "sys/local_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

TEST_CASE("local files: which file systems have no server", "[local_files]") {
  CHECK(is_local_file_system("ext4"));
  CHECK(is_local_file_system("overlay"));
  CHECK_FALSE(is_local_file_system("nfs4"));
  CHECK_FALSE(is_local_file_system("fuse.sshfs"));
  CHECK_FALSE(is_local_file_system(""));
}

TEST_CASE("local files: the lines of mountinfo", "[local_files]") {
  auto mounts = mounts_in(
      "36 35 98:0 /mnt1 /mnt2\\040x rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue\n"
      "37 35 0:5 / / rw - tmpfs tmpfs rw\n"
      "half a line\n");
  REQUIRE(mounts.size() == 3);
  CHECK(mounts[0].id == "36");
  CHECK(mounts[0].device == "98:0");
  CHECK(mounts[0].place == "/mnt2\\040x");
  CHECK(mounts[0].options == "rw,noatime");
  CHECK(mounts[0].type == "ext3");
  CHECK(mounts[1].type == "tmpfs");
  CHECK(mounts[2].type.empty());
}

TEST_CASE("local files: a descriptor of a process, if it is a regular file", "[local_files]") {
  Temporary folder;
  auto path = folder.write("file", "text").string();
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), device(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  auto opened = open_descriptor("/proc/self", file.get());
  REQUIRE(opened);
  char bytes[5] = {};
  CHECK(::read(opened.get(), bytes, 4) == 4);
  CHECK(std::string(bytes) == "text");
  CHECK_FALSE(open_descriptor("/proc/self", device.get()));
  CHECK_FALSE(open_descriptor("/proc/self", 9999));
  CHECK_FALSE(open_descriptor("/proc/0", 0));
}

TEST_CASE("local files: the program of a process", "[local_files]") {
  auto program = open_program("/proc/self");
  REQUIRE(program);
  char bytes[4] = {};
  CHECK(::read(program.get(), bytes, 4) == 4);
  CHECK(std::string(bytes, 4) ==
        "\x7f"
        "ELF");
  CHECK_FALSE(open_program("/proc/0"));
}

TEST_CASE("local files: a path without links", "[local_files]") {
  Temporary folder;
  auto path = folder.write("a/file", "text").string();
  CHECK(open_path(path));
  CHECK_FALSE(open_path((folder / "a").string()));
  CHECK_FALSE(open_path((folder / "none").string()));
  CHECK_FALSE(open_path("relative"));
  REQUIRE(::symlink("a", (folder / "link").c_str()) == 0);
  CHECK_FALSE(open_path((folder / "link/file").string()));
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_FALSE(open_path((folder / "pipe").string()));
  CHECK_FALSE(open_path("/proc/self/status"));  // no local file system
}
