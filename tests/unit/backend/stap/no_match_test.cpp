#include "backend/stap/no_match.h"

#include <algorithm>
#include <filesystem>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

constexpr std::string_view kNoDebuginfo =
    "semantic error: while resolving probe point: identifier 'kernel' at <input>:1:7\n"
    "semantic error: missing x86_64 kernel/module debuginfo [man warning::debuginfo] under '/lib/modules/6.1.0/build'\n"
    "Pass 2: analysis failed.  [man error::pass2]\n";

constexpr std::string_view kSymbols =
    "0000000000000000 T __pfx___x64_sys_kill\n0000000000000000 T __x64_sys_kill\n0000000000000000 T __ia32_sys_kill\n"
    "0000000000000000 T __ia32_compat_sys_kill\n0000000000000000 T do_exit\n0000000000000000 t do_exit.cold\n"
    "0000000000000000 D do_exit_data\n0000000000000000 t ext4_sync_file\t[ext4]\n";

struct Machine {
  explicit Machine(std::string_view symbols = kSymbols) { folder.write("kallsyms", symbols); }
  NoMatch why(const std::string& point, std::string_view complaint = kNoDebuginfo) const {
    return explain_no_match(*parse_probe_point(point), complaint, folder.path().string());
  }
  Temporary folder;
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a system call's old name leads to the new one") {
  for (const char* name : {"sys_kill", "SyS_kill", "SYSC_kill"}) {
    auto why = Machine().why("kernel.function(\"" + std::string(name) + "\")");
    CHECK(why.id == "renamed-system-call");
    CHECK(why.instead == Words{"nd_syscall.kill", "kernel.function(\"__x64_sys_kill\")"});
  }
}

TEST_CASE("a function that exists lacks its debuginfo") {
  auto why = Machine().why("kernel.function(\"do_exit\")");
  CHECK(why.id == "no-debuginfo");
  CHECK(why.need == "debuginfo");
  CHECK(why.instead == Words{"kprobe.function(\"do_exit\")"});
  CHECK(Machine().why("module(\"ext4\").function(\"ext4_*\")").id == "no-debuginfo");
  // Without symbols it is still known that the debuginfo is missing.
  CHECK(Machine("").why("kernel.function(\"do_nothing\")").id == "no-debuginfo");
}

TEST_CASE("a function that does not exist has near names") {
  auto why = Machine().why("kernel.function(\"do_exti\")");
  CHECK(why.id == "no-such-name");
  CHECK(why.near == Words{"do_exit"});
  CHECK(Machine().why("kprobe.function(\"do_exti\")", "semantic error: no match\n").near == Words{"do_exit"});
  // A module's names are its own.
  CHECK(Machine().why("module(\"ext4\").function(\"ext4_sync_fil\")").near == Words{"ext4_sync_file"});
  CHECK(Machine().why("kernel.function(\"ext4_sync_fil\")").near.empty());
}

TEST_CASE("a program is judged by its symbols") {
  std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  auto why = Machine().why("process(\"" + self + "\").function(\"mian\")", "semantic error: no match\n");
  CHECK((why.id == "no-such-name" || why.id == "no-debuginfo"));
  CHECK(std::find(why.near.begin(), why.near.end(), "main") != why.near.end());
  CHECK(Machine().why(R"(process("/no/such").function("x"))").id == "no-program");
  CHECK(Machine().why(R"(process("/proc/self/cmdline").function("x"))").cause == "/proc/self/cmdline: not an ELF file");
}

TEST_CASE("for another kernel a system call's new name follows from the release") {
  auto why = [](const std::string& name, const KernelName& kernel) {
    return explain_no_match(*parse_probe_point("kernel.function(\"" + name + "\")"), kNoDebuginfo, "", kernel);
  };
  for (const char* name : {"sys_kill", "SyS_kill"}) {
    auto reason = why(name, {"6.1.0-56-amd64", "x86_64"});
    CHECK(reason.id == "renamed-system-call");
    CHECK(reason.instead == Words{"nd_syscall.kill", "kernel.function(\"__x64_sys_kill\")"});
  }
  CHECK(why("compat_sys_ioctl", {"4.17.0", "x86_64"}).instead[1] == "kernel.function(\"__ia32_compat_sys_ioctl\")");
  CHECK(why("sys_kill", {"6.1.0", "aarch64"}).instead[1] == "kernel.function(\"__arm64_sys_kill\")");
  for (const auto& kernel : std::vector<KernelName>{
           {"4.16.18", "x86_64"}, {"4.18.0", "aarch64"}, {"6.1.0", "ppc64le"}, {"next", "x86_64"}, {}}) {
    INFO(kernel.release);
    CHECK(why("sys_kill", kernel).id == "no-debuginfo");
  }
  CHECK(why("do_exit", {"6.1.0", "x86_64"}).id == "no-debuginfo");
  CHECK(why("__x64_sys_kill", {"6.1.0", "x86_64"}).id == "no-debuginfo");
}

TEST_CASE("for a function that exists stap's own words are shown") {
  std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  auto why = Machine().why("process(\"" + self + "\").function(\"main\").return",
                           "WARNING: Kernel function symbol table missing [man warning::symbols]\n"
                           "semantic error: process return probes not available [man error::inode-uprobes]\n");
  CHECK(why.id == "stap.return-probes");
  CHECK(why.remedy.english().find("System.map") != std::string::npos);
  CHECK(Machine().why("process(\"" + self + "\").function(\"main\")", "").id == "unknown");
}

TEST_CASE("a program is found from the working directory") {
  std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  auto from_here = std::filesystem::relative(self).string();
  if (from_here.find('/') == std::string::npos) from_here = "./" + from_here;
  auto why = Machine().why("process(\"" + from_here + "\").function(\"mian\")", "semantic error: no match\n");
  INFO(why.cause.english());
  CHECK(std::find(why.near.begin(), why.near.end(), "main") != why.near.end());
}

TEST_CASE("names of C++ functions are compared as they are written") {
  std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  auto near = [&](const std::string& name) {
    return Machine().why("process(\"" + self + "\").function(\"" + name + "\")", "semantic error: no match\n").near;
  };
  CHECK(near("explain_no_macth") == Words{"explain_no_match"});
  CHECK(near("stapkill::explain_no_macth") == Words{"stapkill::explain_no_match"});
}

TEST_CASE("stap's own words count when nothing else is known") {
  auto why =
      Machine().why("syscall.oopen",
                    "semantic error: probe point mismatch (similar: open, mq_open, openat): identifier 'oopen' at "
                    ":1:15\n");
  CHECK(why.id == "stap.probe-point");
  CHECK(why.near == Words{"open", "mq_open", "openat"});
  CHECK(Machine().why("syscall.x", "").id == "unknown");
  CHECK(Machine().why("syscall.x", "semantic error: something new\n").cause.english().find("something new") !=
        std::string::npos);
}
