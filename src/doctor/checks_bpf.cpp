// What the bpf backend needs.
#include <fmt/format.h>

#include <cerrno>

#include "doctor/backends.h"
#include "doctor/check.h"
#include "host/ask.h"
#include "host/kernel.h"

namespace stapkill {
namespace {

constexpr std::string_view kOldest = "5.8";  // BPF_MAP_TYPE_RINGBUF, and CAP_BPF

// linux/capability.h; CAP_SYS_ADMIN includes the others: bpf_capable(), perfmon_capable().
constexpr unsigned kCapSysAdmin = 21;
constexpr std::pair<unsigned, std::string_view> kNeeded[] = {{39, "CAP_BPF"}, {38, "CAP_PERFMON"}};

constexpr char kRestricted[] = "/proc/sys/kernel/unprivileged_bpf_disabled";

std::string built_in() {
  return has_backend(kBpf) ? "" : " (this build of stapkill has no bpf backend)";
}

/// "CAP_BPF and CAP_PERFMON": those that probes need and this user lacks; "" when none is missing.
std::string missing_capabilities(const Identity& who) {
  if (who.capabilities >> kCapSysAdmin & 1) return {};
  std::string missing;
  for (const auto& [bit, name] : kNeeded) {
    if (!(who.capabilities >> bit & 1)) missing.append(missing.empty() ? "" : " and ").append(name);
  }
  return missing;
}

/// The sysctl's value and its meaning (Documentation/admin-guide/sysctl/kernel.rst).
Observation restriction(const Host& host) {
  auto setting = host.facts.file(kRestricted);
  if (!setting) return {kRestricted, setting.why};
  auto value = setting->substr(0, setting->find('\n'));
  std::string_view meaning = value == "0"   ? "programs that do not trace need no CAP_BPF"
                             : value == "1" ? "bpf(2) needs CAP_BPF until the next boot"
                             : value == "2" ? "bpf(2) needs CAP_BPF unless root changes this"
                                            : "";
  return {kRestricted, meaning.empty() ? value : fmt::format("{}: {}", value, meaning)};
}

bool in_container(const Host& host) {
  return !host.facts.container().value.value_or("").empty();
}

/// Whether this user may load programs that trace: none, or what prevents it.
std::optional<CheckOutcome> unprivileged(const Host& host, std::vector<Observation>& evidence) {
  auto who = host.facts.identity();
  if (!who) return std::nullopt;
  evidence.push_back({"CapEff of /proc/self/status", fmt::format("{:#x}", who->capabilities)});
  if (auto missing = missing_capabilities(*who); !missing.empty()) {
    evidence.push_back(restriction(host));
    return failed("BPF programs that trace need " + missing + " (or CAP_SYS_ADMIN), which you do not have",
                  host.remedy(in_container(host) ? "bpf-capability-container" : "bpf-capability"), evidence);
  }
  if (host.of_initial_user_namespace(evidence)) return std::nullopt;
  return failed("you have CAP_BPF in a user namespace alone: BPF programs cannot be loaded",
                host.remedy("bpf-user-namespace"), evidence);
}

/// Whether a lockdown forbids BPF: none, or a finding that it does.
std::optional<CheckOutcome> locked_down(const Host& host, std::vector<Observation>& evidence) {
  constexpr char kLockdown[] = "/sys/kernel/security/lockdown";
  auto state = host.facts.file(kLockdown);
  auto lockdown = state.value.value_or("");
  if (!state && !state.absent())
    return warned("whether the kernel is locked down is not known: " + state.why, std::nullopt, evidence);
  if (lockdown.find("[confidentiality]") == std::string::npos) return std::nullopt;
  evidence.push_back({kLockdown, lockdown.substr(0, lockdown.find('\n'))});
  return failed("the kernel is locked down (confidentiality): BPF programs may not read from it",
                host.remedy("lockdown-confidentiality"), evidence);
}

}  // namespace

CheckOutcome check_bpf_syscall(const Host& host) {
  std::vector<Observation> evidence = {{"kernel", host.release}};
  if (auto machine = host.machine(); !machine.empty() && machine != kMachine) {
    return failed(fmt::format("the BPF programs are for {} only, and this is {}", kMachine, machine),
                  host.remedy("machine"), evidence);
  }
  if (compare_versions(host.release, kOldest) < 0) {
    return failed("kernel " + host.release + " is older than 5.8, the first with BPF ring buffers",
                  host.remedy("kernel-bpf"), evidence);
  }
  if (host.running) {
    if (auto finding = locked_down(host, evidence)) return *finding;
    if (auto finding = unprivileged(host, evidence)) return *finding;
    auto answer = host.facts.bpf_syscall();
    if (answer) {
      evidence.push_back({"bpf(BPF_MAP_CREATE)", answer->empty() ? "works" : *answer});
      if (answer->empty()) return passed("bpf(2) works" + built_in(), evidence);
      evidence.push_back(restriction(host));
      bool lacks = *answer == reason(ENOSYS);
      return failed("bpf(2) says: " + *answer, host.remedy(lacks ? "kernel-bpf" : "bpf-forbidden"), evidence);
    }
  }
  auto config = kernel_config(host.facts, host.release, host.running);
  if (!config) return warned("the options of kernel " + host.release + " are not known", std::nullopt, evidence);
  evidence.push_back({config->source, "CONFIG_BPF_SYSCALL=" + config->value("CONFIG_BPF_SYSCALL")});
  if (!config->on("CONFIG_BPF_SYSCALL"))
    return failed("the kernel lacks CONFIG_BPF_SYSCALL", host.remedy("kernel-bpf"), evidence);
  return passed("the kernel has CONFIG_BPF_SYSCALL" + built_in(), evidence);
}

CheckOutcome check_bpf_btf(const Host& host) {
  std::vector<Observation> evidence;
  if (host.running) {
    auto types = host.facts.inode("/sys/kernel/btf/vmlinux");
    evidence.push_back({"/sys/kernel/btf/vmlinux", types ? fmt::format("{} bytes", types->size) : types.why.english()});
    if (types) return passed("/sys/kernel/btf/vmlinux is there", evidence);
    // A captured tree may have only a part of /sys: look at the options there.
    if (types.absent() && !host.captured() && host.facts.exists("/sys/kernel")) {
      return failed("the kernel does not describe its types (no /sys/kernel/btf/vmlinux)", host.remedy("kernel-bpf"),
                    evidence);
    }
  }
  auto config = kernel_config(host.facts, host.release, host.running);
  if (!config) return warned("whether kernel " + host.release + " has BTF is not known", std::nullopt, evidence);
  bool on = config->on("CONFIG_DEBUG_INFO_BTF");
  evidence.push_back({config->source, std::string("CONFIG_DEBUG_INFO_BTF ") + (on ? "is set" : "is not set")});
  if (on) return passed("the kernel was built with CONFIG_DEBUG_INFO_BTF", evidence);
  return failed("the kernel was built without CONFIG_DEBUG_INFO_BTF", host.remedy("kernel-bpf"), evidence);
}

CheckOutcome check_bpf_pids(const Host& host) {
  // The programs report the machine's process ids: the user must see the same ones.
  auto mine = host.facts.pid_namespace();
  if (!mine) return skipped("in which pid namespace it will run is not known", {{"/proc/self/ns/pid", mine.why}});
  std::vector<Observation> evidence = {{"/proc/self/ns/pid", *mine}};
  if (*mine == kInitialPidNamespace) return passed("the pid namespace is the machine's", evidence);
  return failed("in a pid namespace of its own, where process ids are others than the kernel's",
                host.remedy("pid-namespace"), evidence);
}

}  // namespace stapkill
