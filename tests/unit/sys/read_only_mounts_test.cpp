#include "sys/read_only_mounts.h"

#include <unistd.h>

#include "catch.h"
#include "sys/child.h"
#include "temporary.h"

using namespace stapkill;

namespace {

/// What a shell says that may write below `writable` alone.
Finished confined(const std::filesystem::path& writable, std::string script) {
  ChildOptions options;
  options.argv = {"sh", "-c", std::move(script)};
  options.directory = writable.string();
  options.only_writable = writable.string();
  auto finished = run_child(options, 60);
  REQUIRE(finished.has_value());
  return *finished;
}

}  // namespace

TEST_CASE("read-only mounts: the directory can be written, nothing else", "[read_only_mounts]") {
  if (::geteuid() != 0) return;  // a mount namespace needs root; the suite runs as root
  Temporary place;
  auto outside = place.write("outside/file", "as it was");
  auto inside = place.path() / "in side";
  std::filesystem::create_directories(inside);
  auto ran = confined(inside, "echo new > file; echo x > '" + outside.string() + "' || echo refused; cat file");
  CHECK(ran.out == "refused\nnew\n");
  CHECK(ran.err.find("Read-only file system") != std::string::npos);
  CHECK(read_file(outside) == "as it was");
  CHECK(read_file(inside / "file") == "new\n");
}

TEST_CASE("read-only mounts: a link out of the directory does not help", "[read_only_mounts]") {
  if (::geteuid() != 0) return;
  Temporary place;
  auto outside = place.write("outside", "as it was");
  std::filesystem::create_directory(place / "inside");
  std::filesystem::create_symlink(outside, place / "inside/link");
  auto ran = confined(place / "inside", "echo x > link || echo refused");
  CHECK(ran.out == "refused\n");
  CHECK(read_file(outside) == "as it was");
}

TEST_CASE("read-only mounts: another directory can stand at a place", "[read_only_mounts]") {
  if (::geteuid() != 0) return;
  Temporary place;
  place.write("inside/own/file", "covers\n");
  auto covered = place.write("outside/file", "covered\n");
  ChildOptions options;
  options.argv = {"cat", covered.string()};
  options.only_writable = (place / "inside").string();
  options.covered = {{(place / "outside").string(), (place / "inside/own").string()},
                     {(place / "missing").string(), (place / "inside/own").string()}};
  auto ran = run_child(options, 60);
  REQUIRE(ran.has_value());
  CHECK(ran->out == "covers\n");
  CHECK(read_file(covered) == "covered\n");
}

TEST_CASE("read-only mounts: devices can still be written", "[read_only_mounts]") {
  Temporary place;
  auto ran = confined(place.path(), "echo x > /dev/null && echo done");
  CHECK(ran.out == "done\n");
}

TEST_CASE("read-only mounts: the machine's own mounts stay as they are", "[read_only_mounts]") {
  Temporary place;
  auto mounts = read_file("/proc/self/mountinfo");
  confined(place.path(), "true");
  CHECK(read_file("/proc/self/mountinfo") == mounts);
}

TEST_CASE("read-only mounts: a directory that is not there confines nothing", "[read_only_mounts]") {
  CHECK_FALSE(ReadOnlyMounts("/nonexistent/directory").enter());
}
