#include "made_host.h"

using namespace stapkill;

TEST_CASE("bpf.syscall", "[checks]") {
  MadeHost old;
  old.release = "5.7.19-amd64";
  CHECK(word(old.check(check_bpf_syscall)) == "fail");
  auto host = [](const std::string& lockdown) {
    MadeHost made;
    made.file("/sys/kernel/security/lockdown", lockdown);
    return made;
  };
  CHECK(word(host("none [integrity] confidentiality\n").say("bpf_syscall", "", "").check(check_bpf_syscall)) == "pass");
  CHECK(word(host("none integrity [confidentiality]\n").say("bpf_syscall", "", "").check(check_bpf_syscall)) == "fail");
  auto finding = host("[none]").say("bpf_syscall", "", "operation not permitted").check(check_bpf_syscall);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "operation not permitted"));
  CHECK(word(host("[none]").check(check_bpf_syscall)) == "warn");
  CHECK(word(host("[none]").file("/boot/config-6.1.0-56-amd64", "CONFIG_BPF_SYSCALL=y\n").check(check_bpf_syscall)) ==
        "pass");
  CHECK(word(host("[none]").file("/boot/config-6.1.0-56-amd64", "CONFIG_BPF=y\n").check(check_bpf_syscall)) == "fail");
}

TEST_CASE("bpf.btf", "[checks]") {
  MadeHost there;
  there.write("sys/kernel/btf/vmlinux", "x");
  CHECK(word(there.check(check_bpf_btf)) == "pass");
  there.running = false;  // of another kernel that file says nothing
  CHECK(word(there.check(check_bpf_btf)) == "warn");
  there.write("boot/config-" + there.release, "CONFIG_DEBUG_INFO_BTF=y\n");
  CHECK(word(there.check(check_bpf_btf)) == "pass");
  MadeHost without;
  without.write("sys/kernel/notes", "");
  CHECK(word(without.check(check_bpf_btf)) == "fail");
  MadeHost unknown;
  CHECK(word(unknown.check(check_bpf_btf)) == "warn");
  unknown.write("boot/config-" + unknown.release, "CONFIG_A=y\n");
  CHECK(word(unknown.check(check_bpf_btf)) == "fail");
}
