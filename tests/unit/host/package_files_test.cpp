#include "host/package_files.h"

#include "temporary.h"

using namespace stapkill;

TEST_CASE("package files: what dpkg's lists name", "[suspicion]") {
  Temporary root;
  root.write("var/lib/dpkg/info/one.list", "/.\n/usr\n/usr/bin\n/usr/bin/one\n/bin/old\n/sbin/low\n");
  root.write("var/lib/dpkg/info/two:amd64.list", "/usr/lib/two/helper\n/opt/two/a b\n/etc/last-without-newline");
  root.write("var/lib/dpkg/info/two:amd64.md5sums", "/usr/bin/no\n");
  PackageFiles files(root.path());
  CHECK(files.owns("/usr/bin/one"));
  CHECK(files.owns("/opt/two/a b"));
  CHECK(files.owns("/etc/last-without-newline"));
  CHECK_FALSE(files.owns("/usr/bin/no"));
  CHECK_FALSE(files.owns("/usr/bin/one "));
  CHECK_FALSE(files.owns("/usr/bin/vGhyM0"));
  CHECK_FALSE(files.owns("/opt/vGhyM0"));
  CHECK_FALSE(files.owns(""));
  CHECK_FALSE(files.owns("\xff\n/usr/bin/one"));
  CHECK(files.lists_read() == 2);
}

TEST_CASE("package files: /bin is /usr/bin", "[suspicion]") {
  Temporary root;
  root.write("var/lib/dpkg/info/one.list", "/usr/bin/one\n/bin/old\n/sbin/low\n/usr/lib/x/y\n/usr/share/s\n");
  PackageFiles files(root.path());
  for (const char* path : {"/bin/one", "/usr/bin/old", "/usr/sbin/low", "/lib/x/y"}) CHECK(files.owns(path));
  CHECK_FALSE(files.owns("/share/s"));
}

TEST_CASE("package files: without lists the directory decides", "[suspicion]") {
  Temporary root;
  for (bool empty : {false, true}) {
    // rpm's systems can have dpkg as a tool, with a database that is empty.
    if (empty) root.write("var/lib/dpkg/info/format", "1\n");
    PackageFiles files(root.path());
    for (const char* path : {"/usr/bin/vGhyM0", "/usr/lib64/x/vGhyM0", "/usr/libexec/x", "/opt/x", "/snap/x/1/y",
                             "/nix/store/x", "/sbin/x", "/lib/x"}) {
      CHECK(files.owns(path));
    }
    for (const char* path : {"/tmp/vGhyM0", "/home/a/vGhyM0", "/usr/local/bin/vGhyM0", "/vGhyM0", "", "usr/bin/x"}) {
      CHECK_FALSE(files.owns(path));
    }
    CHECK(files.lists_read() == 0);
  }
}

TEST_CASE("package files: this machine's", "[suspicion]") {
  PackageFiles files;
  CHECK(files.owns("/usr/bin/env"));
  CHECK_FALSE(files.owns("/usr/local/bin/vGhyM0"));
}

TEST_CASE("package files: only the system's own are looked for again", "[suspicion]") {
  CHECK(is_file_replaced("/usr/bin/env"));
  CHECK_FALSE(is_file_replaced("/usr/bin/vGhyM0"));
  Temporary root;
  CHECK_FALSE(is_file_replaced(root.write("tool", "")));
}
