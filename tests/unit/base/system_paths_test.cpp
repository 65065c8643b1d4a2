#include "base/system_paths.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("system paths: those below which packages replace their files", "[suspicion]") {
  for (const char* path : {"/usr/local/bin/x", "/bin/x", "/sbin/x", "/lib64/x"}) CHECK(in_local_system(path));
  for (const char* path : {"/opt/x", "/home/a/usr/bin/x", "", "usr/bin/x"}) CHECK_FALSE(in_local_system(path));
}

TEST_CASE("system paths: those into which only packages are put", "[suspicion]") {
  for (const char* path : {"/usr/bin/env", "/usr/libexec/x", "/bin/x", "/opt/x/bin/x", "/nix/store/x"}) {
    CHECK(in_system_directory(path));
  }
  for (const char* path : {"/usr/local/bin/x", "/home/a/usr/bin/x", "/tmp/x", "", "usr/bin/x"}) {
    CHECK_FALSE(in_system_directory(path));
  }
}
