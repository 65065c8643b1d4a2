#include "sys/file.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;
namespace fs = std::filesystem;

namespace {

mode_t mode_of(const fs::path& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

/// Sets a variable for one test.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    value ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ~Environment() { old_ ? ::setenv(name_, old_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

}  // namespace

TEST_CASE("file: read_file", "[file]") {
  Temporary root;
  std::string bytes("a\0\xff\n", 4);
  CHECK(read_file(root.write("x", bytes)) == bytes);
  CHECK(read_file(root.write("empty", "")) == "");
  CHECK(read_file(root / "x", 2) == bytes.substr(0, 2));
  CHECK_FALSE(read_file(root / "missing").has_value());
  CHECK_FALSE(read_file(root.path()).has_value());  // a directory
  std::string large(300000, 'x');
  CHECK(read_file(root.write("large", large)) == large);
  CHECK(read_file("/proc/self/stat")->size() > 10);  // its stat size is 0
}

TEST_CASE("file: read_file takes no part of a file for the whole", "[file]") {
  // A terminal's line is there, and what comes after it is an error once the terminal's other side has gone.
  int master = -1, slave = -1;
  char name[128];
  REQUIRE(::openpty(&master, &slave, name, nullptr, nullptr) == 0);
  Fd other(master), kept(slave);
  REQUIRE(::write(master, "abc\n", 4) == 4);
  std::thread hang_up([&other] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    other.reset();
  });
  CHECK_FALSE(read_file(name).has_value());
  CHECK(errno == EIO);
  hang_up.join();
}

TEST_CASE("file: file_stamp changes with the file", "[file]") {
  Temporary root;
  CHECK(file_stamp(root / "x").empty());
  root.write("x", "a");
  auto first = file_stamp(root / "x");
  CHECK_FALSE(first.empty());
  CHECK(file_stamp(root / "x") == first);
  root.write("x", "ab");
  CHECK(file_stamp(root / "x") != first);
  fs::create_symlink(root / "x", root / "link");
  CHECK(file_stamp(root / "link") == file_stamp(root / "x"));
}

TEST_CASE("file: find_program", "[file]") {
  Temporary root;
  for (const char* name : {"a/prog", "b/prog", "b/other", "a/data"}) root.write(name, "#!/bin/sh\n");
  for (const char* name : {"b/prog", "b/other"}) REQUIRE(::chmod((root / name).c_str(), 0755) == 0);
  REQUIRE(::chmod((root / "a/prog").c_str(), 0644) == 0);
  fs::create_directory(root / "a/other");
  Environment path("PATH", ((root / "a").string() + ":" + (root / "b").string()).c_str());
  CHECK(find_program("prog") == (root / "b/prog").string());    // that of a cannot be executed
  CHECK(find_program("other") == (root / "b/other").string());  // that of a is a directory
  CHECK(find_program("data").empty());
  CHECK(find_program("nothing").empty());
}

TEST_CASE("file: find_program never takes what lies in the working directory", "[file]") {
  Temporary root;
  root.write("prog", "#!/bin/sh\n");
  REQUIRE(::chmod((root / "prog").c_str(), 0755) == 0);
  auto old = fs::current_path();
  fs::current_path(root.path());
  for (const char* value : {"", ".", ":", "::", "./", ".:", ":."}) {
    Environment path("PATH", value);
    INFO(value);
    CHECK(find_program("prog").empty());
  }
  fs::current_path(old);
}

TEST_CASE("file: a private directory is made with its parents", "[file]") {
  Temporary root;
  auto folder = root / "a/b/c";
  REQUIRE(make_private_directory(folder).has_value());
  CHECK(fs::is_directory(folder));
  CHECK(mode_of(folder) == 0700);
  CHECK(make_private_directory(folder).has_value());  // it may be there already
}

TEST_CASE("file: a private directory that is a link is refused", "[file]") {
  Temporary root;
  fs::create_directory(root / "elsewhere");
  fs::create_directory_symlink(root / "elsewhere", root / "link");
  auto made = make_private_directory(root / "link");
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().message.english().find((root / "link").string()) != std::string::npos);
  fs::create_symlink(root / "nowhere", root / "dangling");
  CHECK_FALSE(make_private_directory(root / "dangling").has_value());
  CHECK_FALSE(fs::exists(root / "nowhere"));
}

TEST_CASE("file: a private directory that others can write to is refused", "[file]") {
  Temporary root;
  for (mode_t mode : {0777, 0770, 0702, 01777, 0720}) {
    auto folder = root / std::to_string(mode);
    fs::create_directory(folder);
    REQUIRE(::chmod(folder.c_str(), mode) == 0);
    CHECK_FALSE(make_private_directory(folder).has_value());
    CHECK(mode_of(folder) == mode);
  }
  auto readable = root / "readable";
  fs::create_directory(readable);
  REQUIRE(::chmod(readable.c_str(), 0755) == 0);
  CHECK(make_private_directory(readable).has_value());
}

TEST_CASE("file: a private directory of another user is refused", "[file]") {
  if (::geteuid() != 0) return;  // only root can make one
  Temporary root;
  auto folder = root / "x";
  fs::create_directory(folder);
  REQUIRE(::chown(folder.c_str(), 12345, 12345) == 0);
  CHECK_FALSE(make_private_directory(folder).has_value());
}

TEST_CASE("file: a private directory that is a file is refused", "[file]") {
  Temporary root;
  CHECK_FALSE(make_private_directory(root.write("x", "")).has_value());
  CHECK_FALSE(make_private_directory(root / "x/below").has_value());
}

TEST_CASE("file: a file is written whole or not at all", "[file]") {
  Temporary root;
  auto file = root / "x";
  REQUIRE(write_file_atomically(file, "first").has_value());
  CHECK(read_file(file) == "first");
  int held = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(held >= 0);
  std::string large(3 << 20, 'y');
  REQUIRE(write_file_atomically(file, large).has_value());
  CHECK(read_file(file) == large);
  // Who had the old one open still has it: it was replaced, not written over.
  char buffer[16];
  CHECK(std::string(buffer, static_cast<std::size_t>(::read(held, buffer, sizeof buffer))) == "first");
  ::close(held);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(root.path())) ++files;
  CHECK(files == 1);
}

TEST_CASE("file: a write that fails leaves nothing", "[file]") {
  Temporary root;
  CHECK_FALSE(write_file_atomically(root / "missing/x", "a").has_value());
  fs::create_directory(root / "folder");
  auto wrote = write_file_atomically(root / "folder", "a");  // cannot be renamed over
  REQUIRE_FALSE(wrote.has_value());
  CHECK(wrote.error().message.english().find((root / "folder").string()) != std::string::npos);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(root.path())) ++files;
  CHECK(files == 1);
}

TEST_CASE("file: an atomic write replaces a link, not what it points to", "[file]") {
  Temporary root;
  root.write("victim", "untouched");
  fs::create_symlink(root / "victim", root / "x");
  REQUIRE(write_file_atomically(root / "x", "new").has_value());
  CHECK(read_file(root / "victim") == "untouched");
  CHECK_FALSE(fs::is_symlink(root / "x"));
}

TEST_CASE("file: where the cache is", "[file]") {
  Environment given("STAPKILL_CACHE", "/given/cache");
  CHECK(cache_directory() == "/given/cache");
  Environment none("STAPKILL_CACHE", "");
  Environment xdg("XDG_CACHE_HOME", "/xdg");
  Environment home("HOME", "/home/x");
  CHECK(cache_directory() == (::geteuid() == 0 ? "/var/cache/stapkill" : "/xdg/stapkill"));
}

TEST_CASE("file: a temporary directory goes with everything in it", "[file]") {
  Temporary root;
  fs::path path;
  {
    auto made = TemporaryDirectory::make(root.path(), "work");
    REQUIRE(made.has_value());
    TemporaryDirectory moved = std::move(*made);
    path = moved.path();
    CHECK(mode_of(path) == 0700);
    CHECK(path.parent_path() == root.path());
    CHECK(path.filename().string().rfind("work", 0) == 0);
    fs::create_directories(path / "a/b");
    fs::create_directory(root / "outside");
    root.write("outside/file", "x");
    fs::create_directory_symlink(root / "outside", path / "link");
  }
  CHECK_FALSE(fs::exists(path));
  CHECK(fs::exists(root / "outside/file"));  // a link is removed, not followed
}

TEST_CASE("file: a temporary directory that is kept stays", "[file]") {
  Temporary root;
  fs::path path;
  {
    auto made = TemporaryDirectory::make(root.path(), "work");
    REQUIRE(made.has_value());
    made->keep();
    path = made->path();
  }
  CHECK(fs::exists(path));
  CHECK_FALSE(TemporaryDirectory::make(root / "missing", "work").has_value());
}

TEST_CASE("file: a lock keeps others out until it goes", "[file]") {
  Temporary root;
  auto file = root / "lock";
  int other = -1;
  {
    auto lock = FileLock::take(file);
    REQUIRE(lock.has_value());
    other = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(other >= 0);
    CHECK(::flock(other, LOCK_EX | LOCK_NB) != 0);
  }
  CHECK(::flock(other, LOCK_EX | LOCK_NB) == 0);
  ::close(other);
}

TEST_CASE("file: a lock that cannot be taken is an error", "[file]") {
  Temporary root;
  fs::create_symlink(root / "elsewhere", root / "lock");
  auto lock = FileLock::take(root / "lock");
  REQUIRE_FALSE(lock.has_value());
  CHECK_THAT(lock.error().message, Catch::Matchers::StartsWith("cannot lock " + (root / "lock").string() + ": "));
  CHECK_FALSE(FileLock::take(root / "no" / "lock").has_value());
  CHECK_FALSE(fs::exists(root / "elsewhere"));
}
