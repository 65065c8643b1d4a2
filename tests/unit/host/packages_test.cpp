#include "host/packages.h"

#include "catch.h"
#include "host/facts.h"
#include "temporary.h"

using namespace stapkill;

namespace {

constexpr std::string_view kStatus =
    "Package: linux-image-6.1.0-56-amd64\nStatus: install ok installed\nArchitecture: amd64\nVersion: 6.1.192-2\n"
    "Description: a kernel\n Package: linux-headers-of-a-description\n .\n\n"
    "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2\n\n"
    "Package: linux-headers-6.1.0-52-amd64\nStatus: deinstall ok config-files\nVersion: 6.1.150-1\n\n"
    "Package: linux-headers-6.1.0-53-amd64\nStatus: deinstall ok not-installed\nVersion: 6.1.150-1\n\n"
    "Package: linux-headers-6.1.0-54-amd64\nStatus: install ok half-installed\nVersion: 6.1.150-1\n\n\n\n"
    "Status: hold ok installed\nVersion: 4.8-2\nPackage: systemtap\nArchitecture: amd64";

std::string text_of(const std::vector<Package>& packages) {
  std::string text;
  for (const auto& one : packages) text += one.name + ' ' + one.version + ' ' + one.architecture + '\n';
  return text;
}

std::string names_of(const Fact<Packages>& packages) {
  REQUIRE(packages);
  return packages->manager + '\n' + text_of(packages->all);
}

std::string below(const Temporary& root) {
  return names_of((*Facts::below(root.path().string()))->packages());
}

}  // namespace

TEST_CASE("packages: dpkg's status in pieces of any size", "[packages]") {
  for (std::size_t size = 1; size < kStatus.size() + 1; size = size < 70 ? size + 1 : size * 2) {
    INFO(size);
    DpkgStatus status;
    for (std::size_t at = 0; at < kStatus.size(); at += size) status.take(kStatus.substr(at, size));
    CHECK(text_of(status.finish()) == "linux-image-6.1.0-56-amd64 6.1.192-2 amd64\nsystemtap 4.8-2 amd64\n");
  }
}

TEST_CASE("packages: a line that never ends does not fill the memory", "[packages]") {
  std::string long_name = "Package: linux-image-" + std::string(100000, 'x') + "\nStatus: install ok installed\n\n";
  std::string before;
  for (std::size_t size : {std::size_t{1}, std::size_t{4095}, std::size_t{4096}, std::size_t{4097}, long_name.size()}) {
    DpkgStatus status;
    for (std::size_t at = 0; at < long_name.size(); at += size)
      status.take(std::string_view(long_name).substr(at, size));
    auto found = text_of(status.finish());
    CHECK(found.size() < 5000);
    CHECK((before.empty() || found == before));  // however it came
    before = found;
  }
}

TEST_CASE("packages: of dpkg, pacman and directories", "[packages]") {
  Temporary debian;
  debian.write("var/lib/dpkg/status", kStatus);
  CHECK(below(debian) == "dpkg\nlinux-image-6.1.0-56-amd64 6.1.192-2 amd64\nsystemtap 4.8-2 amd64\n");

  Temporary arch;
  for (const char* name : {"linux-6.12.1.arch1-1", "linux-headers-6.12.1.arch1-1", "bash-5.2-1", "systemtap-5.2-1", "x",
                           "-", "linux", "ALPM_DB_VERSION"})
    arch.write("var/lib/pacman/local/" + std::string(name) + "/desc", "");
  CHECK(below(arch) == "pacman\nlinux 6.12.1.arch1-1 \nlinux-headers 6.12.1.arch1-1 \nsystemtap 5.2-1 \n");

  Temporary files;
  files.write("usr/src/kernels/3.10.0-327.el7.x86_64/Makefile", "");
  files.write("usr/src/linux-headers-6.1.0-1-amd64/Makefile", "");
  files.write("usr/src/other/Makefile", "");
  files.write("usr/share/doc/systemtap-client-4.0/x", "");
  files.write("usr/share/doc/systemtap-runtime/x", "");
  CHECK(below(files) ==
        "files\nkernel-devel 3.10.0-327.el7.x86_64 \nlinux-headers-6.1.0-1-amd64 6.1.0-1-amd64 \nsystemtap 4.0 \n");

  Temporary nothing;
  CHECK(below(nothing) == "files\n");
}

TEST_CASE("packages: an empty status of dpkg is not the last word", "[packages]") {
  Temporary root;
  root.write("var/lib/dpkg/status", "");
  CHECK(below(root) == "dpkg\n");
  root.write("var/lib/pacman/local/linux-6.12.1.arch1-1/desc", "");
  CHECK(below(root) == "pacman\nlinux 6.12.1.arch1-1 \n");
}

TEST_CASE("packages: rpm's database of a captured tree is not opened by rpm", "[packages]") {
  Temporary root;
  root.write("var/lib/rpm/rpmdb.sqlite", "not a database");
  CHECK_FALSE((*Facts::below(root.path().string()))->packages());
  CHECK(std::distance(std::filesystem::directory_iterator(root / "var/lib/rpm"), {}) == 1);
  root.write("usr/src/kernels/5.14.0-1.el9.x86_64/Makefile", "");
  CHECK(below(root) == "files\nkernel-devel 5.14.0-1.el9.x86_64 \n");
}

TEST_CASE("packages: versions", "[packages]") {
  Packages packages{"dpkg", {{"a", "1", ""}, {"b", "2", ""}, {"a", "3", ""}}};
  CHECK(version_of(packages, "a") == "1");
  CHECK(version_of(packages, "c").empty());
  CHECK(upstream_version("4.8-2") == "4.8");
  CHECK(upstream_version("1:4.0-11.el7") == "4.0");
  CHECK(upstream_version("5.1") == "5.1");
  CHECK(upstream_version("").empty());
}
