#include <re2/re2.h>

#include <algorithm>

#include "doctor/check.h"
#include "host/kernel.h"

namespace stapkill {
namespace {

constexpr int kQuick = 5;  // seconds; for checks that only read files

// id, title, required by, after, limit, slow, examine
constexpr Check kChecks[] = {
    {"stap.present", msgid("SystemTap is installed"), kStap, {}, kQuick, false, check_stap_present},
    {"stap.version", msgid("SystemTap knows this kernel"), kStap, {"stap.present"}, 15, false, check_stap_version},
    {"stap.runtime",
     msgid("SystemTap's runtime fits the kernel's headers"),
     kStap,
     {"stap.present", "kernel.build"},
     kQuick,
     false,
     check_stap_runtime},
    {"stap.staprun", msgid("staprun can load modules"), kStap, {"stap.present"}, 15, false, check_stap_staprun},
    {"user.privilege", msgid("this user may load the probes"), kStap, {}, kQuick, false, check_user_privilege},
    {"kernel.release", msgid("the probes support this kernel"), kStap, {}, kQuick, false, check_kernel_release},
    {"kernel.config",
     msgid("the kernel has the options that probes need"),
     kStap,
     {},
     kQuick,
     false,
     check_kernel_config},
    {"kernel.modules", msgid("the kernel loads modules"), kStap, {}, kQuick, false, check_kernel_modules},
    {"kernel.build", msgid("the kernel's headers are installed"), kStap, {}, kQuick, false, check_kernel_build},
    {"kernel.build.others", msgid("no headers of other kernels"), kNone, {}, 30, false, check_kernel_build_others},
    {"kernel.debuginfo", msgid("the kernel's debuginfo is installed"), kNone, {}, 10, false, check_kernel_debuginfo},
    {"kernel.debuginfo.match",
     msgid("the debuginfo matches the running kernel"),
     kNone,
     {},
     30,
     false,
     check_kernel_debuginfo_match},
    {"kernel.symbols", msgid("the kernel's System.map is installed"), kNone, {}, kQuick, false, check_kernel_symbols},
    {"toolchain.compiler",
     msgid("the compiler matches the kernel's"),
     kStap,
     {},
     kQuick,
     false,
     check_toolchain_compiler},
    {"kernel.lockdown", msgid("the kernel is not locked down"), kStap, {}, kQuick, false, check_kernel_lockdown},
    {"kernel.signing",
     msgid("the kernel accepts unsigned modules"),
     kStap,
     {"kernel.modules"},
     kQuick,
     false,
     check_kernel_signing},
    {"env.container", msgid("this is not a container"), kStap, {}, kQuick, false, check_env_container},
    {"fs.tracefs", msgid("debugfs and tracefs are mounted"), kNone, {}, kQuick, false, check_fs_tracefs},
    {"fs.space", msgid("there is space for the probes"), kStap, {}, kQuick, false, check_fs_space},
    {"bpf.syscall", msgid("the kernel accepts BPF programs"), kBpf, {}, kQuick, false, check_bpf_syscall},
    {"bpf.btf", msgid("the kernel describes its types"), kBpf, {}, kQuick, false, check_bpf_btf},
    {"bpf.pids", msgid("process ids are those of the machine"), kBpf, {}, kQuick, false, check_bpf_pids},
    {"smoke.build",
     msgid("the probes compile"),
     kStap,
     {"stap.runtime", "kernel.build", "toolchain.compiler"},
     900,
     true,
     check_smoke_build},
    {"smoke.run",
     msgid("the probes load and see a signal"),
     kStap,
     {"smoke.build", "user.privilege", "stap.staprun"},
     120,
     true,
     check_smoke_run},
};

}  // namespace

std::span<const Check> checks() {
  return kChecks;
}

const Check* find_check(std::string_view id) {
  const auto* at =
      std::find_if(std::begin(kChecks), std::end(kChecks), [&](const Check& check) { return check.id == id; });
  return at == std::end(kChecks) ? nullptr : at;
}

std::string_view name_of(Status status) {
  constexpr std::string_view kNames[] = {"pass", "warn", "fail", "skip", "error"};
  return kNames[static_cast<int>(status)];
}

std::string Host::modules() const {
  return facts.place("modules").value.value_or("/lib/modules") + '/' + release;
}

bool Host::of_initial_user_namespace(std::vector<Observation>& evidence) const {
  // root of a user namespace has all capabilities there, and none on the machine. user_namespaces(7): the initial one
  // maps all ids to themselves.
  auto map = facts.file("/proc/self/uid_map");
  if (!map) return true;
  static const RE2 whole(R"(\s*0\s+0\s+4294967295\s*)");
  if (RE2::FullMatch(*map, whole)) return true;
  evidence.push_back({"/proc/self/uid_map", map->substr(0, map->find('\n'))});
  return false;
}

bool Host::captured() const {
  // Live hosts and their saved facts know who traces; a tree does not.
  bool identified = bool(facts.identity());
  return !facts.live_host() && !identified;
}

std::string Host::machine() const {
  if (!name.machine.empty()) return name.machine;
  constexpr std::pair<std::string_view, std::string_view> kOptions[] = {
      {"CONFIG_X86_64", "x86_64"}, {"CONFIG_ARM64", "aarch64"}, {"CONFIG_X86_32", "i686"}};
  auto config = kernel_config(facts, release, running);
  for (const auto& [option, machine] : kOptions) {
    if (config && config->on(option)) return std::string(machine);
  }
  return machine_of_release(release);
}

Remedy Host::remedy(std::string_view need, RemedyWords words) const {
  words.emplace("release", release);
  return remedy_for(need, distribution, words);
}

void add_name(Phrase& names, const Phrase& name) {
  if (!names.empty()) names += phrase(", ");
  names += name;
}

CheckOutcome passed(Phrase message, std::vector<Observation> evidence) {
  return {Status::pass, std::move(message), std::move(evidence), std::nullopt, {}};
}
CheckOutcome warned(Phrase message, std::optional<Remedy> remedy, std::vector<Observation> evidence) {
  return {Status::warn, std::move(message), std::move(evidence), std::move(remedy), {}};
}
CheckOutcome failed(Phrase message, std::optional<Remedy> remedy, std::vector<Observation> evidence) {
  return {Status::fail, std::move(message), std::move(evidence), std::move(remedy), {}};
}
CheckOutcome skipped(Phrase message, std::vector<Observation> evidence) {
  return {Status::skip, std::move(message), std::move(evidence), std::nullopt, {}};
}

}  // namespace stapkill
