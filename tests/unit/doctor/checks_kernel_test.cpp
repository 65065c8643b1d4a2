#include "made_host.h"

using namespace stapkill;

namespace {

constexpr const char* kRelease = "6.1.0-56-amd64";
const std::string kConfig =
    "CONFIG_MODULES=y\nCONFIG_MODULE_UNLOAD=y\nCONFIG_KPROBES=y\nCONFIG_KALLSYMS=y\nCONFIG_TRACEPOINTS=y\n"
    "CONFIG_RELAY=y\nCONFIG_DEBUG_FS=y\nCONFIG_UPROBES=y\nCONFIG_DEBUG_INFO=y\n";

std::string without(const std::string& option) {
  auto text = kConfig;
  text.erase(text.find(option + "=y\n"), option.size() + 3);
  return text;
}

/// Complete headers, as Debian has them.
MadeHost& headers(MadeHost& host, const std::string& release, const std::string& header_release = "") {
  auto build = "usr/src/linux-headers-" + release;
  for (const char* part : {"/Makefile", "/Module.symvers", "/.config"}) host.write(build + part);
  host.write(build + "/include/generated/utsrelease.h",
             "#define UTS_RELEASE \"" + (header_release.empty() ? release : header_release) + "\"\n");
  return host.link("/" + build, "lib/modules/" + release + "/build");
}

std::string status_of(std::initializer_list<std::pair<std::string, std::string>> packages) {
  std::string text;
  for (const auto& [name, version] : packages)
    text += "Package: " + name + "\nStatus: install ok installed\nVersion: " + version + "\n\n";
  return text;
}

}  // namespace

TEST_CASE("kernel.config", "[checks]") {
  auto config = [](const std::string& text) {
    MadeHost host;
    return host.write("boot/config-" + host.release, text).check(check_kernel_config);
  };
  CHECK(word(config(kConfig)) == "pass");
  for (const char* option : {"CONFIG_MODULES", "CONFIG_MODULE_UNLOAD", "CONFIG_KPROBES", "CONFIG_KALLSYMS",
                             "CONFIG_TRACEPOINTS", "CONFIG_RELAY", "CONFIG_DEBUG_FS"}) {
    auto finding = config(without(option));
    CHECK(word(finding) == "fail");
    CHECK(has(finding.message, option));
    CHECK(finding.remedy);
  }
  for (const char* option : {"CONFIG_UPROBES", "CONFIG_DEBUG_INFO"}) {
    auto finding = config(without(option));
    CHECK(word(finding) == "warn");
    CHECK(has(finding.message, option));
  }
  CHECK(word(MadeHost().check(check_kernel_config)) == "warn");
  CHECK(word(config("no options")) == "warn");
}

TEST_CASE("kernel.modules", "[checks]") {
  MadeHost fine;
  fine.write("proc/modules", "").write("lib/modules/" + fine.release + "/modules.dep");
  CHECK(word(fine.check(check_kernel_modules)) == "pass");
  fine.write("proc/sys/kernel/modules_disabled", "1\n");
  CHECK(word(fine.check(check_kernel_modules)) == "fail");
  fine.running = false;
  CHECK(word(fine.check(check_kernel_modules)) == "pass");
  fine.release = "6.99";
  CHECK(word(fine.check(check_kernel_modules)) == "fail");
  MadeHost built_in;
  built_in.write("proc/version", "Linux version 6.1\n").write("boot/config-" + built_in.release, "CONFIG_A=y\n");
  CHECK(word(built_in.check(check_kernel_modules)) == "fail");
  MadeHost not_captured;
  CHECK(word(not_captured.check(check_kernel_modules)) != "fail");
  MadeHost gone;
  gone.write("proc/modules", "").write("lib/modules/6.1.0-9-amd64/modules.dep");
  gone.write("lib/modules/6.1.0-57-amd64/modules.dep");
  auto finding = gone.check(check_kernel_modules);
  CHECK(word(finding) == "warn");
  REQUIRE(finding.remedy);
  CHECK(has(finding.remedy->text, "6.1.0-57-amd64"));
  CHECK(finding.remedy->reboot);
}

TEST_CASE("kernel.build", "[checks]") {
  MadeHost none;
  auto finding = none.check(check_kernel_build);
  CHECK(word(finding) == "fail");
  REQUIRE(finding.remedy);
  CHECK(finding.remedy->commands == std::vector<std::string>{"apt-get install linux-headers-6.1.0-56-amd64"});
  MadeHost fine;
  CHECK(word(headers(fine, kRelease).check(check_kernel_build)) == "pass");
  for (const char* part : {"Makefile", "Module.symvers", ".config"}) {
    MadeHost torn;
    headers(torn, kRelease);
    std::filesystem::remove(torn.root / ("tree/usr/src/linux-headers-" + torn.release) / part);
    finding = torn.check(check_kernel_build);
    CHECK(word(finding) == "fail");
    CHECK(has(finding.message, part));
  }
  MadeHost other;
  finding = headers(other, kRelease, "6.1.0-55-amd64").check(check_kernel_build);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "6.1.0-55-amd64, not of 6.1.0-56-amd64"));
  MadeHost silent;
  headers(silent, kRelease).write("usr/src/linux-headers-" + silent.release + "/include/generated/utsrelease.h", "x");
  CHECK(word(silent.check(check_kernel_build)) == "warn");
  MadeHost dangling;
  dangling.link("/usr/src/gone", "lib/modules/" + dangling.release + "/build");
  CHECK(word(dangling.check(check_kernel_build)) == "fail");
}

TEST_CASE("kernel.build: a newer kernel has its headers", "[checks]") {
  MadeHost host;
  headers(host, "6.1.0-57-amd64").write("lib/modules/6.1.0-57-amd64/modules.dep");
  headers(host, "6.1.0-9-amd64").write("lib/modules/6.1.0-9-amd64/modules.dep");
  auto finding = host.check(check_kernel_build);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "those of 6.1.0-57-amd64 are"));
  REQUIRE(finding.remedy);
  CHECK(finding.remedy->reboot);
}

TEST_CASE("kernel.build: headers of another build of the same release", "[checks]") {
  MadeHost host;
  headers(host, kRelease).write("var/lib/dpkg/status", status_of({{"linux-headers-6.1.0-56-amd64", "6.1.192-1"}}));
  CHECK(word(host.check(check_kernel_build)) == "warn");
  host.write("var/lib/dpkg/status", status_of({{"linux-headers-6.1.0-56-amd64", "6.1.192-2"}}));
  CHECK(word(host.check(check_kernel_build)) == "pass");
}

TEST_CASE("kernel.build.others", "[checks]") {
  auto others = [](std::initializer_list<std::pair<std::string, std::string>> packages,
                   const std::string& release = kRelease) {
    MadeHost host;
    host.release = release;
    host.name.release = release;
    return host.write("var/lib/dpkg/status", status_of(packages)).check(check_kernel_build_others);
  };
  CHECK(word(others({{"linux-headers-6.1.0-56-amd64", "1"},
                     {"linux-headers-6.1.0-56-common", "1"},
                     {"linux-headers-amd64", "1"},
                     {"linux-image-6.1.0-55-amd64", "1"}})) == "pass");
  CHECK(word(others({{"linux-headers-4.4.0-104", "1"}, {"linux-headers-4.4.0-104-generic", "1"}},
                    "4.4.0-104-generic")) == "pass");
  auto finding = others({{"linux-headers-6.1.0-52-amd64", "1"}, {"linux-headers-6.1.0-52-common", "1"}});
  CHECK(word(finding) == "warn");
  REQUIRE(finding.remedy);
  CHECK(finding.remedy->commands ==
        std::vector<std::string>{"apt-get remove linux-headers-6.1.0-52-amd64 linux-headers-6.1.0-52-common"});
}

TEST_CASE("kernel.build.others: a name that is none gets into no command", "[checks]") {
  MadeHost host;
  host.write("var/lib/dpkg/status", status_of({{"linux-headers-6.0;touch x", "1"},
                                               {"linux-headers-6.0\x1b[31m", "1"},
                                               {"linux-headers-6.0'", "1"},
                                               {"linux-headers-6.0$(x)", "1"},
                                               {"linux-headers-6.0-1-amd64", "1"}}));
  auto finding = host.check(check_kernel_build_others);
  REQUIRE(finding.remedy);
  for (const auto& command : finding.remedy->commands) {
    CHECK(command.find('\x1b') == std::string::npos);
    CHECK(command.find("touch") == std::string::npos);
    CHECK(has(command, "linux-headers-6.0-1-amd64"));
    CHECK((!has(command, "$(x)") || has(command, "'linux-headers-6.0$(x)'")));
  }
}

TEST_CASE("kernel.symbols", "[checks]") {
  MadeHost host;
  CHECK(has(host.check(check_kernel_symbols).message, "there is no System.map"));
  host.write("boot/System.map-" + host.release, "ffffffffffffffff B The real System.map is in the -dbg package\n");
  CHECK(has(host.check(check_kernel_symbols).message, "stub"));
  host.write("boot/System.map-" + host.release, std::string(65536, 'x'));
  CHECK(word(host.check(check_kernel_symbols)) == "pass");
}

TEST_CASE("kernel.lockdown", "[checks]") {
  auto lockdown = [](const std::string& text) {
    MadeHost host;
    return host.write("sys/kernel/security/lockdown", text).check(check_kernel_lockdown);
  };
  CHECK(word(lockdown("[none] integrity confidentiality\n")) == "pass");
  for (const char* mode : {"integrity", "confidentiality"}) {
    auto finding = lockdown("none [" + std::string(mode) + "]\n");
    CHECK(word(finding) == "fail");
    CHECK(has(finding.message, mode));
    CHECK(finding.remedy->reboot);
  }
  for (const char* text : {"", "x", "]none[", "[none", "none]"}) CHECK(word(lockdown(text)) == "warn");
  MadeHost host;
  CHECK(word(host.check(check_kernel_lockdown)) == "skip");
  host.write("boot/config-" + host.release, "CONFIG_A=y\n");
  CHECK(word(host.check(check_kernel_lockdown)) == "pass");
  host.running = false;
  CHECK(word(host.check(check_kernel_lockdown)) == "skip");
}

TEST_CASE("kernel.lockdown: built in but not switched on", "[checks]") {
  MadeHost host;
  host.file("/boot/config-" + host.release, "CONFIG_SECURITY_LOCKDOWN_LSM=y\n");
  host.deny("file", "/sys/kernel/security/lockdown").say("list", "/sys/kernel/security", {"lsm", "apparmor"});
  CHECK(word(host.check(check_kernel_lockdown)) == "pass");
}

TEST_CASE("kernel.signing", "[checks]") {
  constexpr char kBoot[] = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  auto signing = [&](const std::string& enforced, const std::string& boot, const std::string& config) {
    MadeHost host;
    host.write("sys/module/module/parameters/sig_enforce", enforced);
    if (!boot.empty()) host.write(kBoot, boot);
    return host.write("boot/config-" + host.release, config).check(check_kernel_signing);
  };
  const std::string on("\x06\0\0\0\x01", 5), off("\x06\0\0\0\0", 5), torn("\x06\0\0\0", 4);
  CHECK(word(signing("N\n", "", "CONFIG_A=y\n")) == "pass");
  CHECK(word(signing("N\n", on, "CONFIG_A=y\n")) == "pass");
  CHECK(word(signing("N\n", torn, "CONFIG_A=y\n")) == "pass");
  CHECK(word(signing("Y\n", off, "CONFIG_A=y\n")) == "fail");
  CHECK(word(signing("N\n", "", "CONFIG_MODULE_SIG_FORCE=y\n")) == "fail");
  auto finding = signing("Y\n", on, "CONFIG_A=y\n");
  CHECK(has(finding.message, "Secure Boot is on"));
  CHECK(finding.remedy->by_hand);
}

TEST_CASE("kernel.signing: how to sign", "[checks]") {
  auto signing = [](std::optional<std::string> systemtap) {
    MadeHost host;
    host.systemtap = std::move(systemtap);
    host.write("sys/module/module/parameters/sig_enforce", "Y\n");
    host.write("sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
               std::string("\6\0\0\0\1", 5));
    return host.check(check_kernel_signing);
  };
  auto finding = signing("4.8");
  REQUIRE(finding.remedy);
  CHECK(has(finding.remedy->text, "machine owner key"));
  CHECK(has(finding.remedy->text, "--sign-module"));
  CHECK_FALSE(has(finding.remedy->text, "has no --sign-module"));
  CHECK(finding.remedy->by_hand);
  CHECK(finding.remedy->reboot);
  REQUIRE(finding.remedy->commands.size() == 5);
  CHECK(has(finding.remedy->commands[0], "openssl req"));
  CHECK(finding.remedy->commands[1] == "mokutil --import /root/stapkill.der");
  CHECK(has(finding.remedy->commands[4], "/lib/modules/6.1.0-56-amd64/build/scripts/sign-file sha256"));
  CHECK(has(finding.remedy->commands[4], "/var/cache/stapkill/modules/"));
  CHECK(has(signing("4.6").remedy->text, "SystemTap 4.6 has no --sign-module"));
  CHECK_FALSE(has(signing(std::nullopt).remedy->text, "has no --sign-module"));
}
