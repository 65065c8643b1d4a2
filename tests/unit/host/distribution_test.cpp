#include "host/distribution.h"

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

TEST_CASE("distribution: os-release", "[distribution]") {
  auto found = parse_os_release(
      "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nID=debian\n");
  CHECK(found.id == "debian");
  CHECK(found.version == "12");
  CHECK(found.codename == "bookworm");
  CHECK(found.name == "Debian GNU/Linux 12 (bookworm)");
  CHECK(found.id_like.empty());
  found = parse_os_release("ID=\"almalinux\"\nID_LIKE=\"rhel centos  fedora\"\nVERSION_ID=9.4");
  CHECK(found.id_like == std::vector<std::string>{"rhel", "centos", "fedora"});
  CHECK(found.name == "almalinux 9.4");
}

TEST_CASE("distribution: quoted as a shell would", "[distribution]") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"a", "a"},
      {"\"a b\"", "a b"},
      {"'a b'", "a b"},
      {"'a\\b'", "a\\b"},
      {"\"a\\\"b\"", "a\"b"},
      {"\"a\\$b\"", "a$b"},
      {"a\\ b", "a b"},
      {"\"a\"'b'c", "abc"},
      {"a b", "a"},
      {"a # comment", "a"},
      {"a\r", "a"},
      {"\"open", "open"},
      {"'", ""},
      {"\\", "\\"},
      {"", ""},
  };
  for (const auto& [text, expected] : rows) {
    INFO(text);
    CHECK(parse_os_release("VERSION_ID=" + std::string(text)).version == expected);
  }
}

TEST_CASE("distribution: lines that are none", "[distribution]") {
  auto found = parse_os_release("# ID=no\n  ID=yes\n\nno equals\n=x\nID =no\nVERSION_ID");
  CHECK(found.id == "yes");
  CHECK(found.version.empty());
  CHECK(parse_os_release("").id == "linux");
  CHECK(parse_os_release("ID=\n").id == "linux");
  CHECK(parse_os_release("").name == "linux");
}

TEST_CASE("distribution: which file is read", "[distribution]") {
  Temporary root;
  auto found = [&] { return distribution(**Facts::below(root.path().string())); };
  CHECK(found().id == "linux");
  root.write("etc/redhat-release", "CentOS release 6.10 (Final)\n");
  CHECK(found().id == "centos");
  CHECK(found().version == "6.10");
  CHECK(found().name == "CentOS release 6.10 (Final)");
  root.write("etc/redhat-release", "Red Hat Enterprise Linux Server release 6\n");
  CHECK(found().id == "rhel");
  CHECK(found().version == "6");
  root.write("etc/redhat-release", "nothing to see");
  CHECK(found().version.empty());
  root.write("usr/lib/os-release", "ID=fedora\n");
  CHECK(found().id == "fedora");
  std::filesystem::create_symlink("/usr/lib/os-release", root / "etc/os-release");
  CHECK(found().id == "fedora");
  std::filesystem::remove(root / "etc/os-release");
  root.write("etc/os-release", "ID=arch\n");
  CHECK(found().id == "arch");
}

TEST_CASE("distribution: its package manager", "[distribution]") {
  Temporary root;
  auto program = [&](const std::string& path) {
    std::filesystem::permissions(root.write(path, ""), std::filesystem::perms::owner_all);
  };
  auto manager = [&] { return distribution(**Facts::below(root.path().string())).manager; };
  CHECK(manager().empty());
  for (const auto& [text, usual] :
       {std::pair{"ID=debian\n", "apt-get"}, std::pair{"ID=amzn\nVERSION_ID=2\n", "yum"},
        std::pair{"ID=amzn\nVERSION_ID=2023\n", "dnf"}, std::pair{"ID=ol\nVERSION_ID=7.9\n", "yum"},
        std::pair{"ID=ol\nVERSION_ID=8.9\n", "dnf"}, std::pair{"ID=tencentos\nVERSION_ID=2.4\n", "yum"},
        std::pair{"ID=\"openEuler\"\n", "dnf"}, std::pair{"ID=x\nID_LIKE=\"y suse\"\n", "zypper"},
        std::pair{"ID=x\nID_LIKE=debian\n", "apt-get"}, std::pair{"ID=flatcar\nID_LIKE=coreos\n", ""}}) {
    INFO(text);
    root.write("etc/os-release", text);
    CHECK(manager() == usual);
  }
  // What is there counts, the usual one first.
  root.write("etc/os-release", "ID=rhel\nVERSION_ID=9\n");
  program("usr/bin/yum");
  CHECK(manager() == "yum");
  program("usr/bin/dnf");
  CHECK(manager() == "dnf");
  program("usr/bin/apt-get");
  CHECK(manager() == "dnf");
  root.write("etc/os-release", "ID=kylin\n");
  CHECK(manager() == "apt-get");
  program("usr/bin/rpm-ostree");
  root.write("etc/os-release", "ID=fedora\n");
  CHECK(manager() == "dnf");
  root.write("run/ostree-booted", "");
  CHECK(manager() == "rpm-ostree");
}

TEST_CASE("distribution: versions", "[distribution]") {
  const char* ascending[] = {"",
                             "1.a",
                             "1.0",
                             "1.0.1",
                             "4.9",
                             "4.10",
                             "4.10.1",
                             "5.1~",
                             "5.1~rc1",
                             "5.1~rc2",
                             "5.1",
                             "5.1-1",
                             "5.1-2",
                             "5.1-10",
                             "6.1.0-9-amd64",
                             "6.1.0-56-amd64",
                             "6.12.107+deb13-amd64",
                             "10"};
  for (const auto* left : ascending) {
    for (const auto* right : ascending) {
      INFO(left << " and " << right);
      auto sign = [](int order) { return order < 0 ? -1 : order > 0; };
      CHECK(sign(compare_versions(left, right)) == -sign(compare_versions(right, left)));
    }
  }
  for (std::size_t i = 1; i < std::size(ascending); ++i) {
    INFO(ascending[i - 1] << " and " << ascending[i]);
    CHECK(compare_versions(ascending[i - 1], ascending[i]) < 0);
  }
  for (const auto& [left, right] : {std::pair{"4.9", "4.09"},
                                    {"5.1", "5.1."},
                                    {"5.1", "5-1"},
                                    {"", "."},
                                    {"1..2", "1.2"},
                                    {"~", "~"},
                                    {"99999999999999999999", "099999999999999999999"}}) {
    INFO(left << " and " << right);
    CHECK(compare_versions(left, right) == 0);
  }
  CHECK(compare_versions("99999999999999999998", "99999999999999999999") < 0);
  CHECK(compare_versions("6.~a", "6.b") < 0);
  CHECK(compare_versions("6.~~", "6.~") < 0);
}
