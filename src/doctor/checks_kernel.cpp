// The kernel's build and state: options, modules, headers, symbols, lockdown, signatures.
#include <fmt/format.h>

#include <algorithm>

#include "doctor/check.h"
#include "doctor/installed.h"
#include "host/kernel.h"
#include "host/systemtap.h"

namespace stapkill {
namespace {

struct OptionRow {
  std::string_view name;
  Status without;  ///< status of a kernel without it
  std::string_view why;
};

// runtime/linux/runtime.h and buildrun.cxx of SystemTap 4.8 require the first ones.
constexpr OptionRow kOptions[] = {
    {"CONFIG_MODULES", Status::fail, "SystemTap's probes are a module"},
    {"CONFIG_MODULE_UNLOAD", Status::fail, "the module could not be unloaded again"},
    {"CONFIG_KPROBES", Status::fail, "kretprobes read the results of system calls"},
    {"CONFIG_KALLSYMS", Status::fail, "SystemTap looks functions up by name"},
    {"CONFIG_TRACEPOINTS", Status::fail, "a tracepoint reports signals"},
    {"CONFIG_RELAY", Status::fail, "records leave the kernel through relay buffers"},
    {"CONFIG_DEBUG_FS", Status::fail, "the relay buffers are files in debugfs"},
    {"CONFIG_UPROBES", Status::warn, "probes in programs (process(\"...\")) will not work; stapkill has none"},
    {"CONFIG_DEBUG_INFO", Status::warn, "probes on functions' variables need it; stapkill's do not"},
};

std::string first_word_of(const Fact<std::string>& text) {
  return text ? text->substr(0, text->find_first_of(" \n")) : std::string();
}

std::string line_of(const Fact<std::string>& text) {
  return text ? text->substr(0, text->find('\n')) : text.why.english();
}

/// The mode in brackets of "none [integrity] confidentiality"; "" when it is not known.
std::string lockdown_mode(const Fact<std::string>& file) {
  auto text = file.value.value_or("");
  auto open = text.find('['), close = text.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return {};
  return text.substr(open + 1, close - open - 1);
}

/// The release that a build tree names: include/generated/utsrelease.h, and include/config/kernel.release.
std::vector<Observation> releases_of(const Host& host, const std::string& build) {
  std::vector<Observation> releases;
  auto header = build + "/include/generated/utsrelease.h";
  if (auto text = host.facts.file(header)) {
    auto from = text->find("UTS_RELEASE \"");
    auto open = text->find('"', from);
    if (from != std::string::npos)
      releases.push_back({header, text->substr(open + 1, text->find('"', open + 1) - open - 1)});
  }
  auto file = build + "/include/config/kernel.release";
  if (auto text = host.facts.file(file)) releases.push_back({file, text->substr(0, text->find('\n'))});
  return releases;
}

CheckOutcome no_headers(const Host& host, std::string message, std::vector<Observation> evidence) {
  std::string next;
  for (const auto& release : installed_kernels(host.facts)) {
    auto tree = host.facts.place("modules").value.value_or("/lib/modules") + '/' + release + "/build/Module.symvers";
    if (host.running && compare_versions(release, host.release) > 0 && host.facts.exists(tree)) next = release;
  }
  auto remedy = host.remedy("headers");
  // Updated or removed: its headers are not available any more.
  if (host.running && host.facts.inode(host.modules()).absent() && !installed_kernels(host.facts).empty())
    remedy.reboot = true;
  if (next.empty()) return failed(std::move(message), std::move(remedy), std::move(evidence));
  evidence.push_back({"installed, not booted, with its headers", next});
  remedy.text = "reboot into " + next + ", which is installed with its headers; or: " + remedy.text;
  remedy.reboot = true;
  return failed(message + "; those of " + next + " are, which is installed but not booted", std::move(remedy),
                std::move(evidence));
}

}  // namespace

CheckOutcome check_kernel_config(const Host& host) {
  auto config = kernel_config(host.facts, host.release, host.running);
  if (!config) {
    return warned("the options of kernel " + host.release + " are not known: " + config.error().message,
                  host.remedy("config"), {{"config", config.error().message}});
  }
  CheckOutcome finding =
      passed("the kernel has all that probes need, by " + config->source, {{"read from", config->source}});
  if (!config->note.empty()) finding.evidence.push_back({"passed over", config->note});
  std::string missing, lesser;
  for (const auto& option : kOptions) {
    auto value = config->value(option.name);
    finding.evidence.push_back({std::string(option.name), value.empty() ? "not set" : value});
    if (config->on(option.name)) continue;
    auto& words = option.without == Status::fail ? missing : lesser;
    words += fmt::format("{}{} ({})", words.empty() ? "" : ", ", option.name, option.why);
  }
  if (!missing.empty()) {
    finding.status = Status::fail;
    finding.message = "the kernel lacks " + missing;
    finding.remedy = host.remedy("kernel");
  } else if (!lesser.empty()) {
    finding.status = Status::warn;
    finding.message = "the kernel lacks " + lesser;
  }
  return finding;
}

CheckOutcome check_kernel_modules(const Host& host) {
  auto directory = host.facts.inode(host.modules());
  std::vector<Observation> evidence = {{host.modules(), directory ? "is there" : directory.why}};
  auto image = host.captured() && !directory ? kernel_installed(host).image : std::string();
  if (!image.empty()) {
    evidence.push_back({"packages", image});
    return warned("the package " + image + " is installed, and its modules are not in this tree", std::nullopt,
                  evidence);
  }
  if (!host.running) {
    if (directory) return passed("kernel " + host.release + " is installed with modules", evidence);
    return failed("kernel " + host.release + " is not installed", host.remedy("headers"), evidence);
  }
  auto list = host.facts.inode("/proc/modules");
  evidence.push_back({"/proc/modules", list ? "is there" : list.why});
  auto config = kernel_config(host.facts, host.release, host.running);
  if (config) evidence.push_back({config->source, "CONFIG_MODULES=" + config->value("CONFIG_MODULES")});
  if (list.absent() && (config ? !config->on("CONFIG_MODULES") : host.facts.exists("/proc/version")))
    return failed("the kernel was built without loadable modules", host.remedy("kernel"), evidence);
  auto disabled = host.facts.file("/proc/sys/kernel/modules_disabled");
  evidence.push_back({"/proc/sys/kernel/modules_disabled", line_of(disabled)});
  if (line_of(disabled) == "1") {
    return failed("loading modules is switched off until the next boot", host.remedy("modules-disabled"), evidence);
  }
  auto container = host.facts.container();
  if (!directory && container && !container->empty()) {
    return warned("the modules of the running kernel are not in this container: " + host.modules(),
                  host.remedy("container"), evidence);
  }
  if (!directory) {
    auto next = installed_kernels(host.facts);
    auto remedy = host.remedy("reboot", {{"next", next.empty() ? "the installed kernel" : next.back()}});
    return warned("the modules of the running kernel are gone (it was updated or removed): " + host.modules(), remedy,
                  evidence);
  }
  if (!list && !list.absent())
    return warned("whether the kernel loads modules is not known: " + list.why, {}, evidence);
  if (!disabled && !disabled.absent())
    return warned("whether loading modules was switched off is not known: " + disabled.why, {}, evidence);
  if (!list && !config) return skipped("not known: the captured host has no /proc", evidence);
  return passed("modules can be loaded", evidence);
}

CheckOutcome check_kernel_build(const Host& host) {
  auto link = host.modules() + "/build";
  auto build = host.facts.resolved(link);
  std::vector<Observation> evidence = {{link, build ? *build : build.why.english()}};
  auto package = host.captured() ? kernel_installed(host).headers : std::string();
  auto absent = [&](const std::string& where) {
    evidence.push_back({"packages", package});
    return warned(fmt::format("the package {} is installed, and its headers are not in this tree: {}", package, where),
                  std::nullopt, evidence);
  };
  if (!package.empty() && (!build || !host.facts.exists(*build))) return absent(build ? *build : link);
  if (!build) return no_headers(host, "the headers of kernel " + host.release + " are not installed", evidence);
  for (const char* part : {"/Makefile", "/Module.symvers", "/.config"}) {
    auto inode = host.facts.inode(*build + part);
    if (inode) continue;
    evidence.push_back({*build + part, inode.why});
    if (part == std::string_view("/.config") && host.facts.exists(*build + "/include/config/auto.conf")) continue;
    if (!package.empty()) return absent(*build + part);
    return no_headers(host, "the headers in " + *build + " are not complete: there is no " + (part + 1), evidence);
  }
  auto releases = releases_of(host, *build);
  evidence.insert(evidence.end(), releases.begin(), releases.end());
  if (releases.empty())
    return warned(*build + " does not say which kernel it is of", host.remedy("headers-again"), evidence);
  // Either is enough: Debian's kernel.release says 6.1.192 where utsrelease.h says 6.1.0-56-amd64.
  bool mine =
      std::any_of(releases.begin(), releases.end(), [&](const Observation& one) { return one.value == host.release; });
  if (!mine) {
    return failed(
        fmt::format("the headers in {} are of kernel {}, not of {}", *build, releases.front().value, host.release),
        host.remedy("headers-again"), evidence);
  }
  auto builds = builds_of(host);
  if (!builds.running.empty() && !builds.headers.empty() && builds.headers != builds.running) {
    evidence.push_back({"running build", builds.running});
    evidence.push_back({"build of the headers", builds.headers});
    // A reboot starts the installed build; older headers, or an older image, need an update.
    auto remedy = builds.image == builds.headers ? host.remedy("reboot", {{"next", builds.headers}})
                  : compare_versions(builds.headers, builds.running) < 0
                      ? host.remedy("headers")
                      : host.remedy("image", {{"build", builds.headers}});
    return warned(fmt::format("the headers are of build {}, but build {} is running: the kernel may refuse modules",
                              builds.headers, builds.running),
                  remedy, evidence);
  }
  return passed("the headers of kernel " + host.release + " are in " + *build, evidence);
}

CheckOutcome check_kernel_build_others(const Host& host) {
  auto found = other_headers(host);
  if (!found)
    return warned("which headers are installed is not known: " + found.why, std::nullopt, {{"packages", found.why}});
  if (found->empty()) return passed("there are none");
  std::vector<Observation> evidence;
  std::string names;
  for (const auto& package : *found) {
    evidence.push_back({package.name, package.version});
    names += (names.empty() ? "" : ", ") + whole_name(host, package);
  }
  auto remedy = host.remedy("headers-remove");
  // Several words: quote each of them.
  for (auto& command : remedy.commands) command += words_for_shell(*found, host);
  return warned("builds may use one of these headers by mistake: " + names, std::move(remedy), evidence);
}

CheckOutcome check_kernel_symbols(const Host& host) {
  std::vector<Observation> evidence;
  bool stub = false;
  std::string elsewhere;
  auto build = host.facts.resolved(host.modules() + "/build").value.value_or(host.modules() + "/build");
  // First where stap looks, then where distributions have it (Debian: in its -dbg package).
  const std::string places[] = {build + "/System.map", "/boot/System.map-" + host.release,
                                host.modules() + "/System.map", "/usr/lib/debug/boot/System.map-" + host.release};
  for (const auto& path : places) {
    auto inode = host.facts.inode(path);
    evidence.push_back({path, inode ? fmt::format("{} bytes", inode->size) : inode.why.english()});
    if (!inode || inode->type != '-') continue;
    constexpr std::int64_t kSmallestReal = 65536;  // a stub is one line; a kernel has tens of thousands of symbols
    bool looked_at = &path < places + 2;
    if (inode->size >= kSmallestReal && looked_at) return passed("System.map is " + path, evidence);
    if (inode->size >= kSmallestReal && elsewhere.empty()) elsewhere = path;
    stub = stub || looked_at;
  }
  if (!elsewhere.empty()) {
    return warned("System.map is " + elsewhere +
                      ", where stap does not look: scripts with nd_syscall probe every "
                      "system call; stapkill's own probes bring what they need",
                  host.remedy("symbols-link", {{"map", elsewhere}, {"build", build}}), evidence);
  }
  return warned(
      stub ? "System.map is a stub: scripts with nd_syscall probe every system call; stapkill's own probes bring "
             "what they need"
           : "there is no System.map: scripts with nd_syscall probe every system call; stapkill's own probes "
             "bring what they need",
      host.remedy("symbols"), evidence);
}

CheckOutcome check_kernel_lockdown(const Host& host) {
  if (!host.running) return skipped("not known for a kernel that is not running");
  auto file = host.facts.file("/sys/kernel/security/lockdown");
  std::vector<Observation> evidence = {{"/sys/kernel/security/lockdown", line_of(file)}};
  if (file.absent()) {
    auto config = kernel_config(host.facts, host.release, host.running);
    bool has = config && config->on("CONFIG_SECURITY_LOCKDOWN_LSM");
    if (config)
      evidence.push_back(
          {config->source, std::string("CONFIG_SECURITY_LOCKDOWN_LSM ") + (has ? "is set" : "is not set")});
    if (config && !has) return passed("the kernel has no lockdown", evidence);
    auto names = host.facts.list("/sys/kernel/security");
    // If lsm= or CONFIG_LSM leaves it out, securityfs is there without this file. A tree may lack it by chance.
    bool whole = host.facts.live_host() || host.facts.saved();
    if ((!config || whole) && names && !names->empty()) return passed("the kernel has no lockdown", evidence);
    if (!host.facts.exists("/sys/kernel")) return skipped("not known: the captured host has no /sys", evidence);
    return warned("whether the kernel is locked down is not known: securityfs is not mounted",
                  host.remedy("securityfs"), evidence);
  }
  if (!file) return warned("whether the kernel is locked down is not known: " + file.why, std::nullopt, evidence);
  auto mode = lockdown_mode(file);
  if (mode.empty()) return warned("the kernel's words on lockdown are not understood", std::nullopt, evidence);
  if (mode == "none") return passed("the kernel is not locked down", evidence);
  // kernel_lockdown(7): integrity requires signed modules and closes debugfs, which SystemTap does not need since 4.4
  // (its NEWS); confidentiality also forbids reads by BPF and kprobes.
  return failed("the kernel is locked down (" + mode + "): it accepts only signed modules, and closes debugfs",
                host.remedy(mode == "integrity" ? "lockdown-integrity" : "lockdown-confidentiality"), evidence);
}

namespace {

bool has_secure_boot(const Host& host, std::vector<Observation>& evidence) {
  constexpr char kSecureBoot[] = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  constexpr char kMachineKeys[] = "/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23";
  auto variable = host.facts.file(kSecureBoot);
  // efivarfs: four bytes of attributes before the value.
  bool secure = variable && variable->size() >= 5 && (*variable)[4] == 1;
  evidence.push_back({"Secure Boot", variable ? (secure ? "on" : "off") : "no such EFI variable: " + variable.why});
  if (secure) {
    auto keys = host.facts.inode(kMachineKeys);
    evidence.push_back(
        {"machine owner keys", keys ? fmt::format("{} bytes enrolled", keys->size) : "none: " + keys.why.english()});
  }
  return secure;
}

/// How to sign modules for a host that accepts no others.
Remedy signing_remedy(const Host& host, bool secure) {
  if (!secure) return host.remedy("signing");
  auto cache = host.facts.place("cache").value.value_or("/var/cache/stapkill");
  auto remedy = host.remedy("signing-secure-boot", {{"cache", cache}});
  constexpr std::string_view kSignsItself = "4.7";  // stap --sign-module: its NEWS
  if (host.systemtap && compare_versions(*host.systemtap, kSignsItself) < 0)
    remedy.text = "SystemTap " + *host.systemtap + " has no --sign-module; " + remedy.text;
  return remedy;
}

}  // namespace

CheckOutcome check_kernel_signing(const Host& host) {
  std::vector<Observation> evidence;
  bool secure = has_secure_boot(host, evidence);
  auto enforced = host.facts.file("/sys/module/module/parameters/sig_enforce");
  evidence.push_back({"/sys/module/module/parameters/sig_enforce", line_of(enforced)});
  auto config = kernel_config(host.facts, host.release, host.running);
  bool forced = config && config->on("CONFIG_MODULE_SIG_FORCE");
  if (config) evidence.push_back({"CONFIG_MODULE_SIG_FORCE", forced ? "y" : "not set"});
  // Debian's kernel does not set sig_enforce under Secure Boot: there the lockdown requires signatures.
  auto lockdown = host.running ? lockdown_mode(host.facts.file("/sys/kernel/security/lockdown")) : std::string();
  bool locked = !lockdown.empty() && lockdown != "none";
  if (locked) evidence.push_back({"/sys/kernel/security/lockdown", lockdown});
  if (first_word_of(enforced) == "Y" || forced || locked) {
    std::string_view why = secure ? " (Secure Boot is on)" : locked ? " (it is locked down)" : "";
    return failed("the kernel accepts only signed modules" + std::string(why), signing_remedy(host, secure), evidence);
  }
  if (!host.running) {
    if (!config) return skipped("the options of kernel " + host.release + " are not known", evidence);
    return passed("that kernel's options do not require signatures", evidence);
  }
  if (!enforced && !enforced.absent())
    return warned("whether unsigned modules are accepted is not known: " + enforced.why, std::nullopt, evidence);
  if (!enforced && !host.facts.exists("/sys/module"))
    return skipped("not known: the captured host has no /sys", evidence);
  return passed(secure ? "Secure Boot is on, but unsigned modules are accepted" : "unsigned modules are accepted",
                evidence);
}

}  // namespace stapkill
