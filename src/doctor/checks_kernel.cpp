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
    {"CONFIG_MODULES", Status::fail, msgid("SystemTap's probes are a module")},
    {"CONFIG_MODULE_UNLOAD", Status::fail, msgid("the module could not be unloaded again")},
    {"CONFIG_KPROBES", Status::fail, msgid("kretprobes read the results of system calls")},
    {"CONFIG_KALLSYMS", Status::fail, msgid("SystemTap looks functions up by name")},
    {"CONFIG_TRACEPOINTS", Status::fail, msgid("a tracepoint reports signals")},
    {"CONFIG_RELAY", Status::fail, msgid("records leave the kernel through relay buffers")},
    {"CONFIG_DEBUG_FS", Status::fail, msgid("the relay buffers are files in debugfs")},
    {"CONFIG_UPROBES", Status::warn, msgid("probes in programs (process(\"...\")) will not work; stapkill has none")},
    {"CONFIG_DEBUG_INFO", Status::warn, msgid("probes on functions' variables need it; stapkill's do not")},
};

std::string first_word_of(const Fact<std::string>& text) {
  return text ? text->substr(0, text->find_first_of(" \n")) : std::string();
}

Phrase line_of(const Fact<std::string>& text) {
  return text ? Phrase(text->substr(0, text->find('\n'))) : why_of(text);
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

CheckOutcome no_headers(const Host& host, Phrase message, std::vector<Observation> evidence) {
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
  evidence.push_back({phrase("installed, not booted, with its headers"), next});
  remedy.text = phrase("reboot into {}, which is installed with its headers; or: {}", next, remedy.text);
  remedy.reboot = true;
  return failed(phrase("{}; those of {} are, which is installed but not booted", message, next), std::move(remedy),
                std::move(evidence));
}

}  // namespace

CheckOutcome check_kernel_config(const Host& host) {
  auto config = kernel_config(host.facts, host.release, host.running);
  if (!config) {
    return warned(phrase("the options of kernel {} are not known: {}", host.release, config.error().message),
                  host.remedy("config"), {{phrase("config"), config.error().message}});
  }
  CheckOutcome finding = passed(phrase("the kernel has all that probes need, by {}", config->source),
                                {{phrase("read from"), config->source}});
  if (!config->note.empty()) finding.evidence.push_back({phrase("passed over"), config->note});
  Phrase missing, lesser;
  for (const auto& option : kOptions) {
    auto value = config->value(option.name);
    finding.evidence.push_back({option.name, value.empty() ? phrase("not set") : Phrase(value)});
    if (config->on(option.name)) continue;
    add_name(option.without == Status::fail ? missing : lesser,
             phrase("{} ({})", option.name, phrase_from(option.why)));
  }
  if (!missing.empty()) {
    finding.status = Status::fail;
    finding.message = phrase("the kernel lacks {}", missing);
    finding.remedy = host.remedy("kernel");
  } else if (!lesser.empty()) {
    finding.status = Status::warn;
    finding.message = phrase("the kernel lacks {}", lesser);
  }
  return finding;
}

CheckOutcome check_kernel_modules(const Host& host) {
  auto directory = host.facts.inode(host.modules());
  std::vector<Observation> evidence = {{host.modules(), directory ? phrase("is there") : why_of(directory)}};
  auto image = host.captured() && !directory ? kernel_installed(host).image : std::string();
  if (!image.empty()) {
    evidence.push_back({phrase("packages"), image});
    return warned(phrase("the package {} is installed, and its modules are not in this tree", image), std::nullopt,
                  evidence);
  }
  if (!host.running) {
    if (directory) return passed(phrase("kernel {} is installed with modules", host.release), evidence);
    return failed(phrase("kernel {} is not installed", host.release), host.remedy("headers"), evidence);
  }
  auto list = host.facts.inode("/proc/modules");
  evidence.push_back({"/proc/modules", list ? phrase("is there") : why_of(list)});
  auto config = kernel_config(host.facts, host.release, host.running);
  if (config) evidence.push_back({config->source, "CONFIG_MODULES=" + config->value("CONFIG_MODULES")});
  if (list.absent() && (config ? !config->on("CONFIG_MODULES") : host.facts.exists("/proc/version")))
    return failed(phrase("the kernel was built without loadable modules"), host.remedy("kernel"), evidence);
  auto disabled = host.facts.file("/proc/sys/kernel/modules_disabled");
  evidence.push_back({"/proc/sys/kernel/modules_disabled", line_of(disabled)});
  if (line_of(disabled) == "1") {
    return failed(phrase("loading modules is switched off until the next boot"), host.remedy("modules-disabled"),
                  evidence);
  }
  auto container = host.facts.container();
  if (!directory && container && !container->empty()) {
    return warned(phrase("the modules of the running kernel are not in this container: {}", host.modules()),
                  host.remedy("container"), evidence);
  }
  if (!directory) {
    auto next = installed_kernels(host.facts);
    auto remedy =
        host.remedy("reboot", {{"next", next.empty() ? phrase("the installed kernel") : Phrase(next.back())}});
    return warned(phrase("the modules of the running kernel are gone (it was updated or removed): {}", host.modules()),
                  remedy, evidence);
  }
  if (!list && !list.absent())
    return warned(phrase("whether the kernel loads modules is not known: {}", why_of(list)), {}, evidence);
  if (!disabled && !disabled.absent())
    return warned(phrase("whether loading modules was switched off is not known: {}", why_of(disabled)), {}, evidence);
  if (!list && !config) return skipped(phrase("not known: the captured host has no {}", "/proc"), evidence);
  return passed(phrase("modules can be loaded"), evidence);
}

CheckOutcome check_kernel_build(const Host& host) {
  auto link = host.modules() + "/build";
  auto build = host.facts.resolved(link);
  std::vector<Observation> evidence = {{link, build ? Phrase(*build) : why_of(build)}};
  auto package = host.captured() ? kernel_installed(host).headers : std::string();
  auto absent = [&](const std::string& where) {
    evidence.push_back({phrase("packages"), package});
    return warned(phrase("the package {} is installed, and its headers are not in this tree: {}", package, where),
                  std::nullopt, evidence);
  };
  if (!package.empty() && (!build || !host.facts.exists(*build))) return absent(build ? *build : link);
  if (!build) return no_headers(host, phrase("the headers of kernel {} are not installed", host.release), evidence);
  for (const char* part : {"/Makefile", "/Module.symvers", "/.config"}) {
    auto inode = host.facts.inode(*build + part);
    if (inode) continue;
    evidence.push_back({*build + part, why_of(inode)});
    if (part == std::string_view("/.config") && host.facts.exists(*build + "/include/config/auto.conf")) continue;
    if (!package.empty()) return absent(*build + part);
    return no_headers(host, phrase("the headers in {} are not complete: there is no {}", *build, part + 1), evidence);
  }
  auto releases = releases_of(host, *build);
  evidence.insert(evidence.end(), releases.begin(), releases.end());
  if (releases.empty())
    return warned(phrase("{} does not say which kernel it is of", *build), host.remedy("headers-again"), evidence);
  // Either is enough: Debian's kernel.release says 6.1.192 where utsrelease.h says 6.1.0-56-amd64.
  bool mine =
      std::any_of(releases.begin(), releases.end(), [&](const Observation& one) { return one.value == host.release; });
  if (!mine) {
    return failed(phrase("the headers in {} are of kernel {}, not of {}", *build, releases.front().value, host.release),
                  host.remedy("headers-again"), evidence);
  }
  auto builds = builds_of(host);
  if (!builds.running.empty() && !builds.headers.empty() && builds.headers != builds.running) {
    evidence.push_back({phrase("running build"), builds.running});
    evidence.push_back({phrase("build of the headers"), builds.headers});
    // A reboot starts the installed build; older headers, or an older image, need an update.
    auto remedy = builds.image == builds.headers ? host.remedy("reboot", {{"next", builds.headers}})
                  : compare_versions(builds.headers, builds.running) < 0
                      ? host.remedy("headers")
                      : host.remedy("image", {{"build", builds.headers}});
    return warned(phrase("the headers are of build {}, but build {} is running: the kernel may refuse modules",
                         builds.headers, builds.running),
                  remedy, evidence);
  }
  return passed(phrase("the headers of kernel {} are in {}", host.release, *build), evidence);
}

CheckOutcome check_kernel_build_others(const Host& host) {
  auto found = other_headers(host);
  if (!found)
    return warned(phrase("which headers are installed is not known: {}", why_of(found)), std::nullopt,
                  {{phrase("packages"), why_of(found)}});
  if (found->empty()) return passed(phrase("there are none"));
  std::vector<Observation> evidence;
  Phrase names;
  for (const auto& package : *found) {
    evidence.push_back({package.name, package.version});
    add_name(names, whole_name(host, package));
  }
  auto remedy = host.remedy("headers-remove");
  // Several words: quote each of them.
  for (auto& command : remedy.commands) command += words_for_shell(*found, host);
  return warned(phrase("builds may use one of these headers by mistake: {}", names), std::move(remedy), evidence);
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
    evidence.push_back({path, inode ? phrase("{} bytes", inode->size) : why_of(inode)});
    if (!inode || inode->type != '-') continue;
    constexpr std::int64_t kSmallestReal = 65536;  // a stub is one line; a kernel has tens of thousands of symbols
    bool looked_at = &path < places + 2;
    if (inode->size >= kSmallestReal && looked_at) return passed(phrase("System.map is {}", path), evidence);
    if (inode->size >= kSmallestReal && elsewhere.empty()) elsewhere = path;
    stub = stub || looked_at;
  }
  if (!elsewhere.empty()) {
    return warned(phrase("System.map is {}, where stap does not look: scripts with nd_syscall probe every system call; "
                         "stapkill's own probes bring what they need",
                         elsewhere),
                  host.remedy("symbols-link", {{"map", elsewhere}, {"build", build}}), evidence);
  }
  return warned(
      stub
          ? phrase("System.map is a stub: scripts with nd_syscall probe every system call; stapkill's own probes bring "
                   "what they need")
          : phrase("there is no System.map: scripts with nd_syscall probe every system call; stapkill's own probes "
                   "bring what they need"),
      host.remedy("symbols"), evidence);
}

CheckOutcome check_kernel_lockdown(const Host& host) {
  if (!host.running) return skipped(phrase("not known for a kernel that is not running"));
  auto file = host.facts.file("/sys/kernel/security/lockdown");
  std::vector<Observation> evidence = {{"/sys/kernel/security/lockdown", line_of(file)}};
  if (file.absent()) {
    auto config = kernel_config(host.facts, host.release, host.running);
    constexpr std::string_view kOption = "CONFIG_SECURITY_LOCKDOWN_LSM";
    bool has = config && config->on(kOption);
    if (config)
      evidence.push_back({config->source, has ? phrase("{} is set", kOption) : phrase("{} is not set", kOption)});
    if (config && !has) return passed(phrase("the kernel has no lockdown"), evidence);
    auto names = host.facts.list("/sys/kernel/security");
    // If lsm= or CONFIG_LSM leaves it out, securityfs is there without this file. A tree may lack it by chance.
    bool whole = host.facts.live_host() || host.facts.saved();
    if ((!config || whole) && names && !names->empty()) return passed(phrase("the kernel has no lockdown"), evidence);
    if (!host.facts.exists("/sys/kernel"))
      return skipped(phrase("not known: the captured host has no {}", "/sys"), evidence);
    return warned(phrase("whether the kernel is locked down is not known: securityfs is not mounted"),
                  host.remedy("securityfs"), evidence);
  }
  if (!file)
    return warned(phrase("whether the kernel is locked down is not known: {}", why_of(file)), std::nullopt, evidence);
  auto mode = lockdown_mode(file);
  if (mode.empty()) return warned(phrase("the kernel's words on lockdown are not understood"), std::nullopt, evidence);
  if (mode == "none") return passed(phrase("the kernel is not locked down"), evidence);
  // kernel_lockdown(7): integrity requires signed modules and closes debugfs, which SystemTap does not need since 4.4
  // (its NEWS); confidentiality also forbids reads by BPF and kprobes.
  return failed(phrase("the kernel is locked down ({}): it accepts only signed modules, and closes debugfs", mode),
                host.remedy(mode == "integrity" ? "lockdown-integrity" : "lockdown-confidentiality"), evidence);
}

namespace {

bool has_secure_boot(const Host& host, std::vector<Observation>& evidence) {
  constexpr char kSecureBoot[] = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  constexpr char kMachineKeys[] = "/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23";
  auto variable = host.facts.file(kSecureBoot);
  // efivarfs: four bytes of attributes before the value.
  bool secure = variable && variable->size() >= 5 && (*variable)[4] == 1;
  evidence.push_back({"Secure Boot", secure     ? phrase("on")
                                     : variable ? phrase("off")
                                                : phrase("no such EFI variable: {}", why_of(variable))});
  if (secure) {
    auto keys = host.facts.inode(kMachineKeys);
    evidence.push_back({phrase("machine owner keys"),
                        keys ? phrase("{} bytes enrolled", keys->size) : phrase("none: {}", why_of(keys))});
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
    remedy.text = phrase("SystemTap {} has no --sign-module; {}", *host.systemtap, remedy.text);
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
  if (config) evidence.push_back({"CONFIG_MODULE_SIG_FORCE", forced ? Phrase("y") : phrase("not set")});
  // Debian's kernel does not set sig_enforce under Secure Boot: there the lockdown requires signatures.
  auto lockdown = host.running ? lockdown_mode(host.facts.file("/sys/kernel/security/lockdown")) : std::string();
  bool locked = !lockdown.empty() && lockdown != "none";
  if (locked) evidence.push_back({"/sys/kernel/security/lockdown", lockdown});
  if (first_word_of(enforced) == "Y" || forced || locked) {
    auto why = secure ? phrase(" (Secure Boot is on)") : locked ? phrase(" (it is locked down)") : Phrase();
    return failed(phrase("the kernel accepts only signed modules") + why, signing_remedy(host, secure), evidence);
  }
  if (!host.running) {
    if (!config) return skipped(phrase("the options of kernel {} are not known", host.release), evidence);
    return passed(phrase("that kernel's options do not require signatures"), evidence);
  }
  if (!enforced && !enforced.absent())
    return warned(phrase("whether unsigned modules are accepted is not known: {}", why_of(enforced)), std::nullopt,
                  evidence);
  if (!enforced && !host.facts.exists("/sys/module"))
    return skipped(phrase("not known: the captured host has no {}", "/sys"), evidence);
  return passed(
      secure ? phrase("Secure Boot is on, but unsigned modules are accepted") : phrase("unsigned modules are accepted"),
      evidence);
}

}  // namespace stapkill
