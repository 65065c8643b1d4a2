// Around the kernel: the user, the compiler, containers, file systems.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "doctor/check.h"
#include "doctor/installed.h"
#include "host/ask.h"
#include "host/kernel.h"

namespace stapkill {
namespace {

// linux/capability.h.
constexpr unsigned kCapSysModule = 16;

constexpr std::int64_t kMiB = 1 << 20, kGiB = 1 << 30;
constexpr std::int64_t kCacheNeeds = 32 * kMiB;  // a compilation takes 4, and the 16 cached modules 4 more
constexpr std::int64_t kScratchNeeds = 64 * kMiB;
constexpr std::int64_t kDebuginfoNeeds = 6 * kGiB;  // linux-image-…-dbg of Debian 12, unpacked: 5.8 GB

bool has(const Identity& who, unsigned capability) {
  return who.capabilities >> capability & 1;
}

bool in_group(const Identity& who, std::string_view group) {
  return std::find(who.groups.begin(), who.groups.end(), group) != who.groups.end();
}

/// "12" of "gcc-12 (Debian 12.2.0-14) 12.2.0", of "gcc (GCC) 4.8.5 20150623 (Red Hat 4.8.5-44)" "4", of "Debian clang
/// version 14.0.6" "14".
int major_of(const std::string& compiler) {
  static const RE2 bare(R"((?:^\S+|version) (\d+)\.)"), behind(R"(\) (\d+)\.)");
  int major = 0;
  if (!RE2::PartialMatch(compiler, behind, &major)) RE2::PartialMatch(compiler, bare, &major);
  return major;
}

/// The major version of a compiler from its link's target ("x86_64-linux-gnu-gcc-12"), else from the directories of
/// /usr/lib/gcc, without starting a process. 0 when not known.
int installed_major(const Host& host, const std::string& program, std::vector<Observation>& evidence) {
  auto real = host.facts.resolved(program);
  if (!real) return 0;
  evidence.push_back({program, *real});
  static const RE2 suffix(R"(-(\d+)(?:\.\d+)?$)");
  int major = 0;
  if (RE2::PartialMatch(*real, suffix, &major)) return major;
  static const RE2 llvm(R"(/llvm-?(\d+)/)");
  if (program.find("clang") != std::string::npos) return RE2::PartialMatch(*real, llvm, &major) ? major : 0;
  for (const char* root : {"/usr/lib/gcc", "/usr/lib64/gcc"}) {
    for (const auto& triple : host.facts.list(root).value.value_or(std::vector<std::string>())) {
      auto folder = std::string(root) + '/' + triple;
      for (const auto& version : host.facts.list(folder).value.value_or(std::vector<std::string>())) {
        int one = 0;
        if (RE2::PartialMatch(version, R"(^(\d+))", &one)) major = std::max(major, one);
      }
    }
  }
  return major;
}

bool debuginfo_is_there(const Host& host) {
  std::vector<Observation> ignored;
  return !find_vmlinux(host, ignored).empty();
}

std::string mebibytes(std::int64_t bytes) {
  return bytes >= 10 * kGiB ? fmt::format("{} GiB", bytes / kGiB) : fmt::format("{} MiB", bytes / kMiB);
}

/// What the groups of a user that is not root allow.
Phrase rights_of(const Identity& who) {
  if (!in_group(who, "stapusr")) return phrase("you are in neither stapdev nor stapusr");
  if (in_group(who, "stapdev")) return phrase("as stapdev and stapusr you may run any script with plain stap");
  if (in_group(who, "stapsys")) {
    return phrase(
        "as stapusr and stapsys you may only load modules from /lib/modules/R/systemtap and those that a stap-server "
        "signed");
  }
  return phrase(
      "as stapusr you may only load modules from /lib/modules/R/systemtap and those that a stap-server signed");
}

}  // namespace

CheckOutcome check_user_privilege(const Host& host) {
  auto who = host.facts.identity();
  if (!who) return skipped(phrase("not known for a captured host"), {{phrase("identity"), why_of(who)}});
  std::vector<Observation> evidence = {{phrase("effective uid"), std::to_string(who->uid)},
                                       {"capabilities", fmt::format("{:#x}", who->capabilities)}};
  if (who->uid == 0 && !host.of_initial_user_namespace(evidence)) {
    return failed(phrase("root of a user namespace alone: modules cannot be loaded"), host.remedy("capability"),
                  evidence);
  }
  if (who->uid == 0 && has(*who, kCapSysModule)) return passed("root", evidence);
  if (who->uid == 0)
    return failed(phrase("root, but without CAP_SYS_MODULE: modules cannot be loaded"), host.remedy("capability"),
                  evidence);
  for (std::string_view group : {"stapdev", "stapsys", "stapusr"}) {
    evidence.push_back({phrase("group {}", group), in_group(*who, group) ? phrase("yes") : phrase("no")});
  }
  return failed(phrase("stapkill watches as root: {}", rights_of(*who)), host.remedy("privilege"), evidence);
}

namespace {

struct KernelsCompiler {
  std::string version_text;  ///< "gcc-12 (Debian 12.2.0-14) 12.2.0"; "": not known
  std::string program;       ///< "gcc-12"
};

/// The kernel's compiler, as the kernel reports it.
KernelsCompiler kernels_compiler(const Host& host, std::vector<Observation>& evidence) {
  auto config = kernel_config(host.facts, host.release, host.running);
  std::string text = config ? config->value("CONFIG_CC_VERSION_TEXT") : std::string();
  evidence.push_back({"CONFIG_CC_VERSION_TEXT", text.empty() ? phrase("not known") : Phrase(text)});
  if (text.empty() && host.running) {  // Linux 4.18 and older have no such option
    static const RE2 words(R"(^Linux version \S+ \([^()]*\) \((.*)\) #)");
    auto version = host.facts.file("/proc/version");
    if (version) RE2::PartialMatch(*version, words, &text);
    evidence.push_back({"/proc/version", version ? Phrase(text) : why_of(version)});
  }
  // The kernel's compiler may have a number in its name, which kbuild uses. "x86_64-linux-gnu-gcc-14" is gcc-14, also
  // the package's name. "Debian clang version 14.0.6" begins with no name.
  std::string program;
  static const RE2 name(R"(^(?:[a-z0-9_]+-[a-z0-9_-]+-)?((?:gcc|clang)(?:-\d+)?) )");
  if (!RE2::PartialMatch(text, name, &program)) program = config && config->on("CONFIG_CC_IS_CLANG") ? "clang" : "gcc";
  return {text, program};
}

/// There is no make, or no compiler. In a captured tree only the programs may be missing: ask its packages.
CheckOutcome no_compiler(const Host& host, const std::string& named, bool has_make,
                         std::vector<Observation>& evidence) {
  auto package =
      captured_package(host, std::array{has_make ? std::string_view(named) : "make", std::string_view("gcc")});
  if (!package.empty() && (has_make || package.starts_with("make "))) {
    evidence.push_back({phrase("packages"), package});
    return warned(phrase("the package {} is installed, and its program is not in this tree", package), std::nullopt,
                  evidence);
  }
  return failed(phrase("there is no {}", has_make ? named : std::string("make")),
                host.remedy("compiler", {{"compiler", named}}), evidence);
}

}  // namespace

CheckOutcome check_toolchain_compiler(const Host& host) {
  std::vector<Observation> evidence;
  auto [wanted, named] = kernels_compiler(host, evidence);
  auto make = host.facts.program("make");
  evidence.push_back({"make", make ? Phrase(*make) : why_of(make)});
  auto compiler = host.facts.program(named);
  evidence.push_back({named, compiler ? Phrase(*compiler) : why_of(compiler)});
  auto usual = host.facts.program("gcc");
  if ((!compiler && !usual) || !make) return no_compiler(host, named, bool(make), evidence);
  int kernels = major_of(wanted);
  int mine = installed_major(host, compiler ? *compiler : *usual, evidence);
  if (kernels == 0 || mine == 0) {
    return warned(phrase("whether {} is the compiler of the kernel is not known", compiler ? *compiler : *usual),
                  std::nullopt, evidence);
  }
  if (kernels == mine) return passed(phrase("{} {}, like the kernel's", compiler ? named : "gcc", mine), evidence);
  return warned(phrase("the kernel was built by version {}, and {} is {}: most modules load anyway", kernels,
                       compiler ? *compiler : *usual, mine),
                host.remedy("compiler", {{"compiler", named}}), evidence);
}

CheckOutcome check_env_container(const Host& host) {
  auto kind = host.facts.container();
  if (!kind) return skipped(phrase("not known: {}", why_of(kind)), {{phrase("container"), why_of(kind)}});
  std::vector<Observation> evidence = {{phrase("container"), kind->empty() ? phrase("none") : phrase_from(*kind)}};
  if (kind->empty()) return passed(phrase("no container"), evidence);
  Phrase missing;
  if (auto who = host.facts.identity()) {
    evidence.push_back({"capabilities", fmt::format("{:#x}", who->capabilities)});
    if (!has(*who, kCapSysModule)) add_name(missing, "CAP_SYS_MODULE");
  }
  for (const std::string& place : {host.modules(), std::string("/sys/kernel/debug")}) {
    auto names = host.facts.list(place);
    bool there = names && !names->empty();
    evidence.push_back({place, there ? phrase("is there") : names ? phrase("is empty") : why_of(names)});
    if (!there) add_name(missing, place);
  }
  if (!missing.empty()) {
    return failed(phrase("in a container ({}) without {} of the host", phrase_from(*kind), missing),
                  host.remedy("container"), evidence);
  }
  return warned(
      phrase("in a container ({}): process ids are the host's only with its pid namespace", phrase_from(*kind)),
      host.remedy("container"), evidence);
}

CheckOutcome check_fs_tracefs(const Host& host) {
  struct Row {
    const char *path, *type;
  };
  std::vector<Observation> evidence;
  bool known = true;
  Phrase missing;
  for (const auto& row : {Row{"/sys/kernel/debug", "debugfs"}, Row{"/sys/kernel/tracing", "tracefs"}}) {
    // Kernels before 4.1 have no tracefs.
    if (row.type == std::string_view("tracefs") && compare_versions(host.release, "4.1") < 0) continue;
    auto type = host.facts.mounted(row.path);
    evidence.push_back({row.path, type ? Phrase(*type) : type.absent() ? phrase("not mounted") : why_of(type)});
    known = known && (type || type.absent());
    // systemd mounts an autofs at the first access.
    if (type && (*type == row.type || *type == "autofs")) continue;
    // Debugfs has its own tracefs in tracing/; only systemd 240 and later mount a second one. Linux before 4.1 has
    // none.
    bool debug = row.type == std::string_view("debugfs");
    if (!debug && missing.empty()) continue;
    add_name(missing, type ? phrase("{} (there is {} instead)", row.type, *type) : Phrase(row.type));
  }
  if (!known) return skipped(phrase("mounts are not among the facts"), evidence);
  if (missing.empty()) return passed(phrase("they are"), evidence);
  return warned(phrase("not mounted: {}; staprun mounts debugfs when it needs it, and leaves it mounted", missing),
                host.remedy("tracefs"), evidence);
}

CheckOutcome check_fs_space(const Host& host) {
  struct Row {
    std::string path;
    std::int64_t needs;
    Status without;
    std::string_view what;
  };
  auto cache = host.facts.place("cache").value.value_or("/var/cache/stapkill");
  const Row rows[] = {{cache, kCacheNeeds, Status::fail, msgid("what stapkill compiles")},
                      {"/tmp", kScratchNeeds, Status::warn, msgid("what plain stap compiles")},
                      {"/usr/lib/debug", kDebuginfoNeeds, Status::warn, msgid("the kernel's debuginfo")}};
  CheckOutcome finding = passed("");
  bool known = false, captured = true;
  Phrase short_of, enough, unknown;
  for (const auto& row : rows) {
    if (row.needs == kDebuginfoNeeds && debuginfo_is_there(host)) continue;
    auto free = host.facts.free_space(row.path);
    finding.evidence.push_back({row.path, free ? phrase("{} free", mebibytes(*free)) : why_of(free)});
    if (!free) {
      captured = captured && free.why == kUnknown;  // not asked, also in facts saved from a captured tree
      if (row.without == Status::fail)
        unknown = phrase("how much is free in {} is not known: {}", row.path, why_of(free));
      continue;
    }
    known = true;
    if (*free >= row.needs) {
      add_name(enough, phrase("{0} in {1}", mebibytes(*free), row.path));
      continue;
    }
    if (!short_of.empty()) short_of += phrase("; ");
    short_of += phrase("{} in {}, where {} should have {}", mebibytes(*free), row.path, phrase_from(row.what),
                       mebibytes(row.needs));
    if (row.without == Status::fail || finding.status == Status::pass) finding.status = row.without;
  }
  if (!known && captured) return skipped(phrase("not known for a captured host"), finding.evidence);
  if (!unknown.empty()) return warned(unknown, std::nullopt, finding.evidence);
  finding.message = short_of.empty() ? phrase("{} free", enough) : phrase("only {0}", short_of);
  if (!short_of.empty()) finding.remedy = host.remedy("space", {{"cache", cache}});
  return finding;
}

}  // namespace stapkill
