#include "made_host.h"

using namespace stapkill;

namespace {

constexpr std::uint64_t kAll = (1ULL << 41) - 1, kSysAdmin = 1ULL << 21, kPerfmon = 1ULL << 38, kBpfOnly = 1ULL << 39;

MadeHost host(const std::string& lockdown = "[none] integrity confidentiality\n") {
  MadeHost made;
  made.file("/sys/kernel/security/lockdown", lockdown);
  return made;
}

std::string evidence_of(const CheckOutcome& finding, std::string_view source) {
  for (const auto& one : finding.evidence) {
    if (has(one.source, source)) return one.value;
  }
  return {};
}

}  // namespace

TEST_CASE("bpf.syscall", "[checks]") {
  MadeHost old;
  old.release = "5.7.19-amd64";
  CHECK(word(old.check(check_bpf_syscall)) == "fail");
  CHECK(word(host("none [integrity] confidentiality\n").say("bpf_syscall", "", "").check(check_bpf_syscall)) == "pass");
  CHECK(word(host("none integrity [confidentiality]\n").say("bpf_syscall", "", "").check(check_bpf_syscall)) == "fail");
  CHECK(word(host().deny("file", "/sys/kernel/security/lockdown", "permission denied").check(check_bpf_syscall)) ==
        "warn");
  CHECK(word(host().check(check_bpf_syscall)) == "warn");
  CHECK(word(host().file("/boot/config-6.1.0-56-amd64", "CONFIG_BPF_SYSCALL=y\n").check(check_bpf_syscall)) == "pass");
  CHECK(word(host().file("/boot/config-6.1.0-56-amd64", "CONFIG_BPF=y\n").check(check_bpf_syscall)) == "fail");
}

TEST_CASE("bpf.syscall: capabilities", "[checks]") {
  struct Row {
    int uid;
    std::uint64_t capabilities;
    const char *status, *message;
  };
  // A user who may make a map may not always trace: without the restriction everybody may make one.
  const Row rows[] = {
      {0, kAll, "pass", "bpf(2) works"},
      {1000, kAll, "pass", "bpf(2) works"},
      {1000, kSysAdmin, "pass", "bpf(2) works"},
      {1000, kBpfOnly | kPerfmon, "pass", "bpf(2) works"},
      {1000, kBpfOnly, "fail", "need CAP_PERFMON (or CAP_SYS_ADMIN)"},
      {1000, kPerfmon, "fail", "need CAP_BPF (or CAP_SYS_ADMIN)"},
      {1000, 0, "fail", "need CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN)"},
      {0, 0xa80425fb, "fail", "need CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN)"},
  };
  for (const auto& row : rows) {
    INFO(row.uid << ' ' << row.capabilities);
    auto made = host().identity(row.uid, row.capabilities).say("bpf_syscall", "", "");
    made.file("/proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
    auto finding = made.check(check_bpf_syscall);
    CHECK(word(finding) == row.status);
    CHECK(has(finding.message, row.message));
    CHECK(has(evidence_of(finding, "CapEff"), "0x"));
    if (word(finding) != "fail") continue;
    CHECK(has(evidence_of(finding, "unprivileged_bpf_disabled"), "2: "));
    REQUIRE(finding.remedy);
    CHECK(has(finding.remedy->text, "sudo"));
    // In a container sudo gives nothing.
    finding = made.say("container", "", "docker").check(check_bpf_syscall);
    REQUIRE(finding.remedy);
    CHECK(has(finding.remedy->text, "securityContext"));
    REQUIRE(finding.remedy->commands.size() == 1);
    CHECK(has(finding.remedy->commands[0], "--cap-add BPF --cap-add PERFMON"));
  }
}

TEST_CASE("bpf.syscall: capabilities of a user namespace", "[checks]") {
  auto made = host().identity(0, kAll).say("bpf_syscall", "", "");
  CHECK(word(made.file("/proc/self/uid_map", "         0          0 4294967295\n").check(check_bpf_syscall)) == "pass");
  auto finding = made.file("/proc/self/uid_map", "         0       1000          1\n").check(check_bpf_syscall);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "user namespace"));
  REQUIRE(finding.remedy);
  CHECK(has(finding.remedy->text, "rootless"));
  CHECK(has(evidence_of(finding, "uid_map"), "1000"));
}

TEST_CASE("bpf.syscall: refused despite the capabilities", "[checks]") {
  auto refused = [](const char* answer, const char* restricted) {
    auto made = host().identity(0, kAll).say("bpf_syscall", "", answer);
    return made.file("/proc/sys/kernel/unprivileged_bpf_disabled", restricted).check(check_bpf_syscall);
  };
  auto finding = refused("operation not permitted", "1\n");
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "operation not permitted"));
  REQUIRE(finding.remedy);
  CHECK(has(finding.remedy->text, "seccomp"));
  CHECK(has(evidence_of(finding, "unprivileged_bpf_disabled"), "1: "));
  finding = refused("function not implemented", "0\n");
  CHECK(word(finding) == "fail");
  CHECK(has(finding.remedy->text, "CONFIG_DEBUG_INFO_BTF"));
  CHECK(has(evidence_of(finding, "unprivileged_bpf_disabled"), "0: "));
  CHECK(evidence_of(refused("operation not permitted", "7\n"), "unprivileged_bpf_disabled") == "7");
}

TEST_CASE("bpf.pids", "[checks]") {
  auto in = [](const char* name) { return MadeHost().say("pid_namespace", "", name).check(check_bpf_pids); };
  CHECK(word(in("pid:[4026531836]")) == "pass");
  auto finding = in("pid:[4026532201]");
  CHECK(word(finding) == "fail");
  REQUIRE(finding.remedy);
  CHECK(has(finding.remedy->text, "hostPID: true"));
  CHECK(has(finding.remedy->commands.at(0), "--pid=host"));
  CHECK(evidence_of(finding, "ns/pid") == "pid:[4026532201]");
  // Facts that were saved before this was asked, and captured trees.
  CHECK(word(MadeHost().file("/x", "").check(check_bpf_pids)) == "skip");
  CHECK(word(MadeHost().write("proc/version").check(check_bpf_pids)) == "skip");
}

TEST_CASE("bpf.btf", "[checks]") {
  MadeHost there;
  there.write("sys/kernel/btf/vmlinux", "x");
  CHECK(word(there.check(check_bpf_btf)) == "pass");
  there.running = false;  // of another kernel that file says nothing
  CHECK(word(there.check(check_bpf_btf)) == "warn");
  there.write("boot/config-" + there.release, "CONFIG_DEBUG_INFO_BTF=y\n");
  CHECK(word(there.check(check_bpf_btf)) == "pass");
  // On the host itself a missing file is missing; in a tree it may not have been captured.
  MadeHost without;
  without.say("inode", "/sys/kernel", {{"type", "d"}, {"mode", 0755}, {"uid", 0}, {"gid", 0}, {"size", 0}});
  without.deny("inode", "/sys/kernel/btf/vmlinux");
  CHECK(word(without.check(check_bpf_btf)) == "warn");
  without.identity(0, kAll);
  auto finding = without.check(check_bpf_btf);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "does not describe its types"));
  MadeHost part;
  part.write("sys/kernel/notes", "");
  CHECK(word(part.check(check_bpf_btf)) == "warn");
  part.write("boot/config-" + part.release, "CONFIG_DEBUG_INFO_BTF=y\n");
  CHECK(word(part.check(check_bpf_btf)) == "pass");
  part.write("boot/config-" + part.release, "CONFIG_DEBUG_INFO=y\n");
  finding = part.check(check_bpf_btf);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "without CONFIG_DEBUG_INFO_BTF"));
  REQUIRE(finding.remedy);
  CHECK_FALSE(has(finding.remedy->text, "they have it"));
  MadeHost unknown;
  CHECK(word(unknown.check(check_bpf_btf)) == "warn");
  unknown.write("boot/config-" + unknown.release, "CONFIG_A=y\n");
  CHECK(word(unknown.check(check_bpf_btf)) == "fail");
}
