#include "script/tapset_repairs.h"

#include "catch.h"
#include "temporary.h"

using namespace stapkill;
namespace fs = std::filesystem;

TEST_CASE("tapset repairs: the file with a fault is a repaired copy, all else links", "[tapset_repairs]") {
  Temporary root;
  root.write("tapset/context.stp", "c");
  root.write("tapset/linux/task.stp", "t");
  root.write("tapset/linux/x86_64/registers.stp", "r");
  root.write("tapset/linux/task_time.stp", "a\n  return task->real_start_time\nb\n");
  auto mended = mend_tapset(root / "tapset", root / "own");
  REQUIRE(mended);
  CHECK(*mended);
  CHECK(fs::read_symlink(root / "own/context.stp") == root / "tapset/context.stp");
  CHECK(fs::read_symlink(root / "own/linux/task.stp") == root / "tapset/linux/task.stp");
  CHECK(fs::read_symlink(root / "own/linux/x86_64") == root / "tapset/linux/x86_64");
  CHECK_FALSE(fs::is_symlink(root / "own/linux/task_time.stp"));
  auto text = *read_file(root / "own/linux/task_time.stp");
  CHECK(text.starts_with("a\n  return @defined("));
  CHECK(text.find("task->start_boottime") != std::string::npos);
  CHECK(text.ends_with("\nb\n"));
}

TEST_CASE("tapset repairs: none where none is needed", "[tapset_repairs]") {
  Temporary root;
  root.write("tapset/linux/task_time.stp", "start_boottime\n  return task->real_start_time\n");
  auto mended = mend_tapset(root / "tapset", root / "own");
  REQUIRE(mended);
  CHECK_FALSE(*mended);
  CHECK_FALSE(fs::exists(root / "own"));
  CHECK_FALSE(*mend_tapset(root / "nowhere", root / "own"));
}
