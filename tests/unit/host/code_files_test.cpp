#include "host/code_files.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>

#include "catch.h"
#include "host/procfs.h"
#include "temporary.h"

using namespace stapkill;

namespace {

CodeMapping mapping_of(const std::filesystem::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CodeMapping made;
  made.inode = info.st_ino;
  made.device = major(info.st_dev) << 20 | minor(info.st_dev);
  made.path = path;
  return made;
}

std::size_t opened(const UserStack& stack, std::span<const ProcessKey> relatives = {}) {
  std::size_t count = 0;
  auto files = open_code_files(stack, relatives);
  REQUIRE(files.size() == stack.code.size());
  for (const auto& file : files) count += file ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("code files: only the very file that was mapped", "[code_files]") {
  Temporary folder;
  auto right = folder.write("right", "text"), other = folder.write("other", "text");
  UserStack stack;
  stack.code = {mapping_of(right)};
  CHECK(opened(stack) == 1);
  stack.code[0].path = other;
  CHECK(opened(stack) == 0);
  stack.code[0].path = folder / "absent";
  CHECK(opened(stack) == 0);
  stack.code[0].path = "";
  CHECK(opened(stack) == 0);
  stack.code[0] = {};
  CHECK(opened(stack) == 0);
}

TEST_CASE("code files: a pipe is not opened", "[code_files]") {
  Temporary folder;
  auto path = folder / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  UserStack stack;
  stack.code = {mapping_of(path)};
  CHECK(opened(stack) == 0);
}

TEST_CASE("code files: as the process sees them, or a relative that lives", "[code_files]") {
  Temporary folder;
  UserStack stack;
  stack.code = {mapping_of(folder.write("right", "text"))};
  auto own = read_process(::getpid());
  REQUIRE(own);
  stack.pid = own->process.pid;
  stack.process_start = own->process.start;
  CHECK(opened(stack) == 1);
  stack.process_start += 1;  // another process has that pid
  std::vector<ProcessKey> relatives = {{1, 1}, key_of(own->process)};
  CHECK(opened(stack, relatives) == 1);
}
