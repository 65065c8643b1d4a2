#include "doctor/tried.h"
#include "made_host.h"

using namespace stapkill;

namespace {

CheckOutcome judged(const char* release, const char* machine = "x86_64") {
  MadeHost host;
  host.release = release;
  host.name = {release, "#1 SMP", machine};
  return host.check(check_kernel_release);
}

}  // namespace

TEST_CASE("kernel.release", "[checks]") {
  struct Row {
    const char *release, *status, *words;
  };
  const Row rows[] = {
      {"2.6.32-754.35.1.el6.x86_64", "fail", "3.10 and later"},
      {"3.9.11", "fail", "3.10 and later"},
      {"3.10.0-1160.el7.x86_64", "warn", "compiled in parts"},
      {"4.4.0-104-generic", "warn", "never loaded"},
      {"4.18.0-553.el8_10.x86_64", "warn", "never loaded"},
      {"4.19.0-27-amd64", "warn", "never loaded"},
      {"4.20.1", "warn", "no kernel this old was tried"},
      {"5.4.0-200-generic", "warn", "no kernel this old was tried"},
      {"5.9.16", "warn", "no kernel this old was tried"},
      {"5.10.0-33-amd64", "pass", "kernel 5.10: tried with both backends"},
      {"5.14.0-503.14.1.el9_5.x86_64", "pass", "this one was not tried"},
      {"6.1.0-56-amd64", "pass", "kernel 6.1: tried"},
      {"6.12.107+deb13-amd64", "pass", "kernel 6.12: tried"},
      {"6.13.0", "pass", "this one was not tried"},
      {"6.18.5", "pass", "tried with the bpf backend; the stap backend should work"},
      {"7.2.1-1-amd64", "pass", "kernel 7.2: tried"},
      {"7.3.0", "warn", "no kernel this new was tried"},
      {"10.0.0", "warn", "no kernel this new was tried"},
  };
  for (const auto& row : rows) {
    auto finding = judged(row.release);
    INFO(row.release << ": " << finding.message.english());
    CHECK(word(finding) == row.status);
    CHECK(has(finding.message, row.words));
    CHECK(finding.remedy.has_value() == (word(finding) == "fail"));
    // Whatever it is, what was tried is said.
    REQUIRE(finding.evidence.size() == 3);
    CHECK(finding.evidence[2].value == tried_kernels());
    if (word(finding) == "warn" || has(finding.message, "not tried"))
      CHECK(has(finding.message, tried_kernels().english()));
  }
  for (const char* kernel : {"5.10", "6.1", "6.12", "7.2"}) CHECK(has(tried_kernels(), std::string(kernel) + " ("));
}

TEST_CASE("kernel.release: another machine than the probes are for", "[checks]") {
  for (const char* machine : {"aarch64", "armv7l", "ppc64le", "i686"}) {
    auto finding = judged("6.1.0-56-arm64", machine);
    CHECK(word(finding) == "fail");
    CHECK(has(finding.message, machine));
    CHECK(has(finding.message, "for x86_64 only"));
    REQUIRE(finding.remedy);
    CHECK(finding.remedy->commands.empty());
    MadeHost host;
    host.name.machine = machine;
    finding = host.check(check_bpf_syscall);
    CHECK(word(finding) == "fail");
    CHECK(has(finding.message, "for x86_64 only, and this is " + std::string(machine)));
  }
  // A tree that does not say it, but whose kernel was built for one.
  MadeHost host;
  host.release = "6.1.0-generic";
  host.name = {host.release, "#1", ""};
  CHECK(word(host.check(check_kernel_release)) == "pass");
  host.write("boot/config-" + host.release, "CONFIG_ARM64=y\n");
  CHECK(word(host.check(check_kernel_release)) == "fail");
  CHECK(has(host.check(check_kernel_release).message, "aarch64"));
  host.write("boot/config-" + host.release, "CONFIG_X86_64=y\n");
  CHECK(word(host.check(check_kernel_release)) == "pass");
}

TEST_CASE("tried: SystemTap and kernel", "[checks]") {
  CHECK(line_of_kernel("6.12.107+deb13-amd64") == "6.12");
  CHECK(line_of_kernel("7") == "7");
  CHECK(is_tried_with_stap("6.1.192"));
  CHECK_FALSE(is_tried_with_stap("6.10.1"));
  CHECK_FALSE(is_tried_with_bpf("6.10.1"));
  CHECK(is_tried_with_bpf("6.18.1"));
  CHECK_FALSE(is_tried_with_stap("6.18.1"));
  CHECK_FALSE(is_tried_pair("", "6.18.1"));
  CHECK(is_tried_pair("4.8", "6.1.0-56-amd64"));
  CHECK_FALSE(is_tried_pair("5.1", "6.1.0-56-amd64"));
  CHECK_FALSE(is_tried_pair("", "6.1"));
}
