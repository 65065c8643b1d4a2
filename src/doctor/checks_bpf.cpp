// What the bpf backend stands on.
#include <fmt/format.h>

#include "doctor/backends.h"
#include "doctor/check.h"
#include "host/kernel.h"

namespace stapkill {
namespace {

constexpr std::string_view kOldest = "5.8";  // BPF_MAP_TYPE_RINGBUF, and CAP_BPF

std::string built_in() {
  return has_backend(kBpf) ? "" : " (this build of stapkill has no bpf backend)";
}

}  // namespace

Finding check_bpf_syscall(const Host& host) {
  std::vector<Evidence> evidence = {{"kernel", host.release}};
  if (compare_versions(host.release, kOldest) < 0) {
    return failed("kernel " + host.release + " is older than 5.8, the first with BPF ring buffers",
                  host.remedy("kernel"), evidence);
  }
  if (host.running) {
    auto told = host.facts.file("/sys/kernel/security/lockdown");
    auto lockdown = told.value.value_or("");
    if (!told && !told.absent())
      return warned("whether the kernel is locked down is not known: " + told.why, std::nullopt, evidence);
    if (lockdown.find("[confidentiality]") != std::string::npos) {
      evidence.push_back({"/sys/kernel/security/lockdown", lockdown.substr(0, lockdown.find('\n'))});
      return failed("the kernel is locked down (confidentiality): BPF programs may not read from it",
                    host.remedy("lockdown-confidentiality"), evidence);
    }
    auto answer = host.facts.bpf_syscall();
    if (answer) {
      evidence.push_back({"bpf(BPF_MAP_CREATE)", answer->empty() ? "works" : *answer});
      if (answer->empty()) return passed("bpf(2) works" + built_in(), evidence);
      auto restricted = host.facts.file("/proc/sys/kernel/unprivileged_bpf_disabled");
      evidence.push_back(
          {"/proc/sys/kernel/unprivileged_bpf_disabled", restricted ? restricted->substr(0, 1) : restricted.why});
      return failed("bpf(2) says: " + *answer, host.remedy("bpf"), evidence);
    }
  }
  auto config = kernel_config(host.facts, host.release, host.running);
  if (!config) return warned("the options of kernel " + host.release + " are not known", std::nullopt, evidence);
  evidence.push_back({config->source, "CONFIG_BPF_SYSCALL=" + config->value("CONFIG_BPF_SYSCALL")});
  if (!config->on("CONFIG_BPF_SYSCALL"))
    return failed("the kernel lacks CONFIG_BPF_SYSCALL", host.remedy("kernel"), evidence);
  return passed("the kernel has CONFIG_BPF_SYSCALL" + built_in(), evidence);
}

Finding check_bpf_btf(const Host& host) {
  std::vector<Evidence> evidence;
  if (host.running) {
    auto types = host.facts.inode("/sys/kernel/btf/vmlinux");
    evidence.push_back({"/sys/kernel/btf/vmlinux", types ? fmt::format("{} bytes", types->size) : types.why});
    if (types) return passed("/sys/kernel/btf/vmlinux is there", evidence);
    if (types.absent() && host.facts.exists("/sys/kernel")) {
      return failed("the kernel does not describe its types (no /sys/kernel/btf/vmlinux)", host.remedy("kernel"),
                    evidence);
    }
  }
  auto config = kernel_config(host.facts, host.release, host.running);
  if (!config) return warned("whether kernel " + host.release + " has BTF is not known", std::nullopt, evidence);
  bool on = config->on("CONFIG_DEBUG_INFO_BTF");
  evidence.push_back({config->source, std::string("CONFIG_DEBUG_INFO_BTF ") + (on ? "is set" : "is not set")});
  if (on) return passed("the kernel was built with CONFIG_DEBUG_INFO_BTF", evidence);
  return failed("the kernel was built without CONFIG_DEBUG_INFO_BTF", host.remedy("kernel"), evidence);
}

}  // namespace stapkill
