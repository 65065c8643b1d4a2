#include "made_host.h"

using namespace stapkill;

namespace {

constexpr std::uint64_t kAll = 0x1ffffffffff, kNoModules = kAll & ~(1ULL << 16);

MadeHost& with_compiler(MadeHost& host, const std::string& kernels, const std::string& link) {
  host.write("boot/config-" + host.release, "CONFIG_CC_VERSION_TEXT=\"" + kernels + "\"\n");
  return host.program("usr/bin/make").program("usr/bin/" + link).link(link, "usr/bin/gcc");
}

}  // namespace

TEST_CASE("user.privilege", "[checks]") {
  CHECK(word(MadeHost().check(check_user_privilege)) == "skip");
  auto who = [](int uid, std::uint64_t capabilities, const std::vector<std::string>& groups = {}) {
    return MadeHost().identity(uid, capabilities, groups).check(check_user_privilege);
  };
  CHECK(word(who(0, kAll)) == "pass");
  CHECK(word(who(0, kNoModules)) == "fail");
  CHECK(has(who(1000, 0).message, "neither stapdev nor stapusr"));
  CHECK(has(who(1000, 0, {"stapdev", "stapusr"}).message, "any script"));
  CHECK(has(who(1000, 0, {"stapusr"}).message, "as stapusr you may only"));
  CHECK(has(who(1000, 0, {"stapusr", "stapsys"}).message, "as stapusr and stapsys you may only"));
  CHECK(word(who(1000, kAll, {"stapdev", "stapusr"})) == "fail");
}

TEST_CASE("user.privilege: root of a user namespace is not enough", "[checks]") {
  auto mapped = [](const std::string& map) {
    return word(MadeHost().identity(0, kAll).file("/proc/self/uid_map", map).check(check_user_privilege));
  };
  CHECK(mapped("         0          0 4294967295\n") == "pass");
  CHECK(mapped("         0       1000          1\n") == "fail");
  CHECK(mapped("         0     100000      65536\n         65536          0    1\n") == "fail");
}

TEST_CASE("toolchain.compiler", "[checks]") {
  MadeHost same;
  CHECK(word(with_compiler(same, "gcc-12 (Debian 12.2.0-14) 12.2.0", "gcc-12").check(check_toolchain_compiler)) ==
        "pass");
  MadeHost other;
  auto finding = with_compiler(other, "gcc-12 (Debian 12.2.0-14) 12.2.0", "gcc-14").check(check_toolchain_compiler);
  CHECK(word(finding) == "warn");
  REQUIRE(finding.remedy);
  CHECK(finding.remedy->commands == std::vector<std::string>{"apt-get install gcc-12 make"});
  CHECK(word(MadeHost().check(check_toolchain_compiler)) == "fail");
  MadeHost no_make;
  no_make.program("usr/bin/gcc");
  CHECK(no_make.check(check_toolchain_compiler).message == "there is no make");
  MadeHost no_config;
  no_config.program("usr/bin/gcc").program("usr/bin/make");
  CHECK(word(no_config.check(check_toolchain_compiler)) == "warn");
  MadeHost rhel;
  rhel.write("boot/config-" + rhel.release,
             "CONFIG_CC_VERSION_TEXT=\"gcc (GCC) 11.4.1 20230605 (Red Hat 11.4.1-2)\"\n");
  rhel.program("usr/bin/make").program("usr/bin/gcc").write("usr/lib/gcc/x86_64-redhat-linux/11/crtbegin.o");
  CHECK(word(rhel.check(check_toolchain_compiler)) == "pass");
}

TEST_CASE("toolchain.compiler: the kernel's words cannot be an option of apt-get", "[checks]") {
  for (const char* words : {"--allow-unauthenticated 1.2", "$(touch x) 1.2", "-oA=b 1.2", "a;b 1.2.3"}) {
    MadeHost host;
    host.write("boot/config-" + host.release, "CONFIG_CC_VERSION_TEXT=\"" + std::string(words) + "\"\n");
    auto finding = host.check(check_toolchain_compiler);
    REQUIRE(finding.remedy);
    for (const auto& command : finding.remedy->commands) CHECK(command == "apt-get install gcc make");
  }
}

TEST_CASE("env.container", "[checks]") {
  CHECK(word(MadeHost().check(check_env_container)) == "pass");
  MadeHost docker;
  docker.write(".dockerenv");
  auto finding = docker.check(check_env_container);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "docker"));
  docker.write("lib/modules/" + docker.release + "/modules.dep").write("sys/kernel/debug/x");
  CHECK(word(docker.check(check_env_container)) == "warn");
  MadeHost saved;
  saved.say("container", "", "podman").identity(0, kNoModules);
  CHECK(has(saved.check(check_env_container).message, "CAP_SYS_MODULE"));
  MadeHost unknown;
  unknown.say("place", "modules", "/lib/modules");
  CHECK(word(unknown.check(check_env_container)) == "skip");
}

TEST_CASE("fs.tracefs", "[checks]") {
  auto mounted = [](const std::string& table, const std::string& release = "6.1") {
    MadeHost host;
    host.release = release;
    host.write("proc/mounts", table);
    return host.check(check_fs_tracefs);
  };
  const std::string debugfs = "d /sys/kernel/debug debugfs rw 0 0\n",
                    tracefs = "t /sys/kernel/tracing tracefs rw 0 0\n";
  CHECK(word(mounted(debugfs + tracefs)) == "pass");
  CHECK(word(mounted(debugfs)) == "pass");
  CHECK(word(mounted("s /sys/kernel/debug autofs rw 0 0\n" + tracefs)) == "pass");
  CHECK(has(mounted(tracefs).message, "debugfs"));
  CHECK(word(mounted("")) == "warn");
  CHECK(has(mounted("").message, "tracefs"));
  CHECK(has(mounted("x /sys/kernel/debug tmpfs rw 0 0\n" + tracefs).message, "tmpfs instead"));
  CHECK_FALSE(has(mounted("", "3.10.0-1160.el7.x86_64").message, "tracefs"));  // comes with Linux 4.1
  CHECK(word(MadeHost().check(check_fs_tracefs)) == "skip");
}

TEST_CASE("fs.space", "[checks]") {
  constexpr std::int64_t kMiB = 1 << 20, kGiB = 1 << 30;
  auto space = [](std::int64_t cache, std::int64_t scratch, std::int64_t debuginfo) {
    MadeHost host;
    host.say("place", "cache", "/c").say("free_space", "/c", cache).say("free_space", "/tmp", scratch);
    return host.say("free_space", "/usr/lib/debug", debuginfo).check(check_fs_space);
  };
  CHECK(word(space(kGiB, kGiB, 100 * kGiB)) == "pass");
  CHECK(word(space(32 * kMiB, 64 * kMiB, 6 * kGiB)) == "pass");
  CHECK(word(space(32 * kMiB - 1, kGiB, 7 * kGiB)) == "fail");
  CHECK(word(space(kGiB, 0, 7 * kGiB)) == "warn");
  CHECK(word(space(0, 0, 0)) == "fail");
  CHECK(word(space(INT64_MAX, INT64_MAX, INT64_MAX)) == "pass");
  CHECK(word(MadeHost().check(check_fs_space)) == "skip");
  MadeHost saved;  // what was saved from a captured tree is judged like it
  saved.say("place", "cache", "/c");
  for (const char* path : {"/c", "/tmp", "/usr/lib/debug"}) saved.deny("free_space", path, "not known");
  CHECK(word(saved.check(check_fs_space)) == "skip");
  CHECK(word(saved.deny("free_space", "/c", "a damaged fact: x").check(check_fs_space)) == "warn");
  CHECK(word(saved.say("free_space", "/tmp", 100 * kGiB).check(check_fs_space)) == "warn");
}
