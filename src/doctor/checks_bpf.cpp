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

Phrase built_in() {
  return has_backend(kBpf) ? Phrase() : phrase(" (this build of stapkill has no bpf backend)");
}

/// "CAP_BPF and CAP_PERFMON": those that probes need and this user lacks; "" when none is missing.
Phrase missing_capabilities(const Identity& who) {
  if (who.capabilities >> kCapSysAdmin & 1) return {};
  Phrase missing;
  for (const auto& [bit, name] : kNeeded) {
    if (who.capabilities >> bit & 1) continue;
    missing = missing.empty() ? Phrase(name) : phrase("{0} and {1}", missing, name);
  }
  return missing;
}

/// The sysctl's value and its meaning (Documentation/admin-guide/sysctl/kernel.rst).
Observation restriction(const Host& host) {
  auto setting = host.facts.file(kRestricted);
  if (!setting) return {kRestricted, why_of(setting)};
  auto value = setting->substr(0, setting->find('\n'));
  std::string_view meaning = value == "0"   ? msgid("programs that do not trace need no CAP_BPF")
                             : value == "1" ? msgid("bpf(2) needs CAP_BPF until the next boot")
                             : value == "2" ? msgid("bpf(2) needs CAP_BPF unless root changes this")
                                            : "";
  return {kRestricted, meaning.empty() ? Phrase(value) : phrase("{}: {}", value, phrase_from(meaning))};
}

bool in_container(const Host& host) {
  return !host.facts.container().value.value_or("").empty();
}

/// Whether this user may load programs that trace: none, or what prevents it.
std::optional<CheckOutcome> unprivileged(const Host& host, std::vector<Observation>& evidence) {
  auto who = host.facts.identity();
  if (!who) return std::nullopt;
  evidence.push_back({phrase("CapEff of {}", "/proc/self/status"), fmt::format("{:#x}", who->capabilities)});
  if (auto missing = missing_capabilities(*who); !missing.empty()) {
    evidence.push_back(restriction(host));
    return failed(phrase("BPF programs that trace need {} (or CAP_SYS_ADMIN), which you do not have", missing),
                  host.remedy(in_container(host) ? "bpf-capability-container" : "bpf-capability"), evidence);
  }
  if (host.of_initial_user_namespace(evidence)) return std::nullopt;
  return failed(phrase("you have CAP_BPF in a user namespace alone: BPF programs cannot be loaded"),
                host.remedy("bpf-user-namespace"), evidence);
}

/// Whether a lockdown forbids BPF: none, or a finding that it does.
std::optional<CheckOutcome> locked_down(const Host& host, std::vector<Observation>& evidence) {
  constexpr char kLockdown[] = "/sys/kernel/security/lockdown";
  auto state = host.facts.file(kLockdown);
  auto lockdown = state.value.value_or("");
  if (!state && !state.absent())
    return warned(phrase("whether the kernel is locked down is not known: {}", why_of(state)), std::nullopt, evidence);
  if (lockdown.find("[confidentiality]") == std::string::npos) return std::nullopt;
  evidence.push_back({kLockdown, lockdown.substr(0, lockdown.find('\n'))});
  return failed(phrase("the kernel is locked down (confidentiality): BPF programs may not read from it"),
                host.remedy("lockdown-confidentiality"), evidence);
}

}  // namespace

CheckOutcome check_bpf_syscall(const Host& host) {
  std::vector<Observation> evidence = {{phrase("kernel"), host.release}};
  if (auto machine = host.machine(); !machine.empty() && machine != kMachine) {
    return failed(phrase("the BPF programs are for {} only, and this is {}", kMachine, machine), host.remedy("machine"),
                  evidence);
  }
  if (compare_versions(host.release, kOldest) < 0) {
    return failed(phrase("kernel {} is older than 5.8, the first with BPF ring buffers", host.release),
                  host.remedy("kernel-bpf"), evidence);
  }
  if (host.running) {
    if (auto finding = locked_down(host, evidence)) return *finding;
    if (auto finding = unprivileged(host, evidence)) return *finding;
    auto answer = host.facts.bpf_syscall();
    if (answer) {
      evidence.push_back({"bpf(BPF_MAP_CREATE)", answer->empty() ? phrase("works") : Phrase(*answer)});
      if (answer->empty()) return passed(phrase("bpf(2) works") + built_in(), evidence);
      evidence.push_back(restriction(host));
      bool lacks = *answer == reason(ENOSYS);
      return failed(phrase("bpf(2) says: {}", *answer), host.remedy(lacks ? "kernel-bpf" : "bpf-forbidden"), evidence);
    }
  }
  auto config = kernel_config(host.facts, host.release, host.running);
  if (!config) return warned(phrase("the options of kernel {} are not known", host.release), std::nullopt, evidence);
  evidence.push_back({config->source, "CONFIG_BPF_SYSCALL=" + config->value("CONFIG_BPF_SYSCALL")});
  if (!config->on("CONFIG_BPF_SYSCALL"))
    return failed(phrase("the kernel lacks {}", "CONFIG_BPF_SYSCALL"), host.remedy("kernel-bpf"), evidence);
  return passed(phrase("the kernel has CONFIG_BPF_SYSCALL") + built_in(), evidence);
}

CheckOutcome check_bpf_btf(const Host& host) {
  std::vector<Observation> evidence;
  if (host.running) {
    auto types = host.facts.inode("/sys/kernel/btf/vmlinux");
    evidence.push_back({"/sys/kernel/btf/vmlinux", types ? phrase("{} bytes", types->size) : why_of(types)});
    if (types) return passed(phrase("{} is there", "/sys/kernel/btf/vmlinux"), evidence);
    // A captured tree may have only a part of /sys: look at the options there.
    if (types.absent() && !host.captured() && host.facts.exists("/sys/kernel")) {
      return failed(phrase("the kernel does not describe its types (no /sys/kernel/btf/vmlinux)"),
                    host.remedy("kernel-bpf"), evidence);
    }
  }
  auto config = kernel_config(host.facts, host.release, host.running);
  if (!config) return warned(phrase("whether kernel {} has BTF is not known", host.release), std::nullopt, evidence);
  constexpr std::string_view kTypes = "CONFIG_DEBUG_INFO_BTF";
  bool on = config->on(kTypes);
  evidence.push_back({config->source, on ? phrase("{} is set", kTypes) : phrase("{} is not set", kTypes)});
  if (on) return passed(phrase("the kernel was built with CONFIG_DEBUG_INFO_BTF"), evidence);
  return failed(phrase("the kernel was built without CONFIG_DEBUG_INFO_BTF"), host.remedy("kernel-bpf"), evidence);
}

CheckOutcome check_bpf_pids(const Host& host) {
  // The programs report the machine's process ids: the user must see the same ones.
  auto mine = host.facts.pid_namespace();
  if (!mine)
    return skipped(phrase("in which pid namespace it will run is not known"), {{"/proc/self/ns/pid", why_of(mine)}});
  std::vector<Observation> evidence = {{"/proc/self/ns/pid", *mine}};
  if (*mine == kInitialPidNamespace) return passed(phrase("the pid namespace is the machine's"), evidence);
  return failed(phrase("in a pid namespace of its own, where process ids are others than the kernel's"),
                host.remedy("pid-namespace"), evidence);
}

}  // namespace stapkill
