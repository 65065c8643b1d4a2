// SystemTap itself: the translator, its runtime, the loader.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/text.h"
#include "doctor/check.h"
#include "doctor/installed.h"
#include "doctor/tried.h"
#include "host/packages.h"
#include "host/systemtap.h"
#include "script/shims.h"

namespace stapkill {
namespace {

/// Package names of the translator and the loader.
constexpr std::string_view kTranslatorPackages[] = {"systemtap", "systemtap-client", "systemtap-devel"};
constexpr std::string_view kRuntimePackages[] = {"systemtap-runtime"};

std::string packaged_version(const Host& host, std::span<const std::string_view> names) {
  auto packages = host.facts.packages();
  if (!packages) return {};
  for (auto name : names) {
    if (auto version = version_of(*packages, name); !version.empty()) return version;
  }
  return {};
}

/// A program's answer to -V, where it can be run: it may not be the packaged one.
std::optional<SystemTapVersion> version_of_program(const Host& host, const std::string& program, Fact<Ran>& ran) {
  ran = host.facts.run({program, "-V"});
  if (!ran) return std::nullopt;
  return parse_systemtap_version(ran->out + ran->err);
}

bool is_packaged(const std::string& program) {
  return program.starts_with("/usr/bin/");
}

/// With no known version tested with this kernel: one later than all in systemtap.cpp.
Remedy newer_systemtap(const Host& host, std::string_view at_least) {
  return host.remedy("systemtap-newer", {{"version", at_least.empty() ? "5.6" : std::string(at_least)}});
}

/// Whether this SystemTap was tried with this kernel.
Phrase tried_words(const Host& host) {
  auto version = host.systemtap.value_or("");
  if (version.empty()) return phrase(" (by their sources; not tried)");
  auto line = line_of_kernel(host.release);
  if (is_tried_pair(version, host.release)) return phrase(" (SystemTap {} with Linux {} was tried)", version, line);
  return phrase(" (by their sources; SystemTap {} with Linux {} was not tried)", version, line);
}

Phrase named(const std::vector<Misfit>& misfits) {
  Phrase text;
  for (const auto& misfit : misfits) add_name(text, phrase("{} ({})", misfit.name, phrase_from(misfit.why)));
  return text;
}

}  // namespace

CheckOutcome check_stap_present(const Host& host) {
  auto found = find_systemtap(host.facts);
  if (found) return passed(phrase("stap is {}", found->stap), {{"stap", found->stap}, {"staprun", found->staprun}});
  auto program = host.facts.program("stap");
  if (auto package = captured_package(host, kTranslatorPackages); !package.empty()) {
    return warned(
        phrase("the package {} is installed, and its stap is not in this tree: only what the package database says "
               "is judged",
               package),
        std::nullopt, {{phrase("packages"), package}});
  }
  return failed(phrase("there is no {}", "stap"), host.remedy("systemtap"),
                {{phrase("{} on PATH", "stap"), program ? phrase("{} is not there", *program) : why_of(program)}});
}

CheckOutcome check_stap_version(const Host& host) {
  auto program = host.facts.program("stap").value.value_or("");
  SystemTapVersion version;
  std::vector<Observation> evidence;
  Fact<Ran> ran;
  if (auto answer = version_of_program(host, program, ran)) {
    version = *answer;
    auto words = ran->err.empty() ? ran->out : ran->err;
    const auto& shown = ran->out.empty() ? ran->err : ran->out;
    evidence.push_back({program + " -V", shown.substr(0, shown.find('\n'))});
    if (ran->status != 0 || version.version.empty()) {
      return failed(phrase("{} failed: {}", "stap -V", words.substr(0, words.find('\n'))),
                    host.remedy("systemtap-reinstall"), evidence);
    }
  } else {
    version.version = upstream_version(packaged_version(host, kTranslatorPackages));
    evidence.push_back({phrase("packages"), version.version.empty() ? phrase("no systemtap among them")
                                                                    : Phrase("systemtap " + version.version)});
  }
  if (version.version.empty()) return warned(phrase("the version of SystemTap is not known"), std::nullopt, evidence);
  if (version.newest_kernel.empty()) version.newest_kernel = newest_kernel_of(version.version);
  if (version.newest_kernel.empty()) {
    return warned(phrase("SystemTap {}: which kernels it was tested with is not known", version.version), std::nullopt,
                  evidence);
  }
  evidence.push_back({phrase("tested with kernels up to"), version.newest_kernel});
  auto mine = line_of_kernel(host.release), newest = line_of_kernel(version.newest_kernel);
  if (compare_versions(mine, newest) <= 0) {
    return passed(phrase("SystemTap {} was tested with kernels up to {}", version.version, version.newest_kernel),
                  evidence);
  }
  return warned(phrase("SystemTap {} was tested with kernels up to {}, and this is {}: stap.runtime and "
                       "smoke.build check whether it fits",
                       version.version, version.newest_kernel, mine),
                newer_systemtap(host, systemtap_for_kernel(host.release)), evidence);
}

CheckOutcome check_stap_runtime(const Host& host) {
  auto systemtap = find_systemtap(host.facts);
  auto kernel = find_kernel_build(host.facts, host.release);
  if (!systemtap || !kernel)
    return skipped(host.captured() ? phrase("SystemTap's files or the headers are not in this tree")
                                   : phrase("SystemTap or the headers are missing"));
  // Present in every release (runtime/, since SystemTap 0.x).
  auto runtime = host.facts.inode(systemtap->runtime + "/sym.c");
  if (auto package = captured_package(host, kTranslatorPackages); runtime.absent() && !package.empty()) {
    return warned(
        phrase("whether the runtime fits is not known: the package {} is installed, and {} is not in this tree",
               package, systemtap->runtime),
        std::nullopt, {{systemtap->runtime + "/sym.c", why_of(runtime)}});
  }
  if (!runtime) {
    return failed(phrase("SystemTap's runtime is not in {}: {}", systemtap->runtime, why_of(runtime)),
                  host.remedy("systemtap-reinstall"), {{systemtap->runtime + "/sym.c", why_of(runtime)}});
  }
  auto readable = host.facts.holds(kernel->source + "/include/linux/sched.h", "struct task_struct");
  if (!readable.value.value_or(false)) {
    return warned(phrase("the kernel's headers cannot be judged: {}",
                         readable ? phrase("sched.h has no struct task_struct") : why_of(readable)),
                  std::nullopt, {{kernel->source + "/include/linux/sched.h", why_of(readable)}});
  }
  auto misfits = find_misfits(host.facts, *systemtap, *kernel);
  std::vector<Observation> evidence;
  auto unread = unread_for_misfits(host.facts, *systemtap, *kernel);
  if (!unread.empty() && misfits.empty())
    return warned(phrase("whether the runtime fits is not known: {}", unread), std::nullopt,
                  {{phrase("unread"), unread}});
  for (const auto& misfit : misfits) {
    for (const auto& [file, text] : misfit.evidence) evidence.push_back({file, text});
  }
  if (misfits.empty())
    return passed(phrase("the runtime fits the headers of kernel {}", host.release) + tried_words(host), evidence);
  std::string wanted;
  bool mended = host.shims == Shims::apply;
  for (const auto& misfit : misfits) {
    mended = mended && misfit.mended;
    if (compare_versions(misfit.fixed_in, wanted) > 0) wanted = misfit.fixed_in;
  }
  if (mended) return passed(phrase("fits with stapkill's shims: {}", named(misfits)) + tried_words(host), evidence);
  bool all = std::all_of(misfits.begin(), misfits.end(), [](const Misfit& misfit) { return misfit.mended; });
  auto remedy = newer_systemtap(host, wanted);
  if (all) remedy.text = phrase("leave --no-shims out: stapkill makes it fit. Or {}", remedy.text);
  return failed(phrase("SystemTap does not fit this kernel: {}", named(misfits)) +
                    (wanted.empty() ? Phrase() : phrase("; SystemTap {} does", wanted)),
                std::move(remedy), evidence);
}

CheckOutcome check_stap_staprun(const Host& host) {
  auto stap = host.facts.program("stap").value.value_or("");
  auto staprun = host.facts.program("staprun");
  if (!staprun) {
    // As packaged only root and the group stapusr may run it: others do not find it on their PATH.
    constexpr char kUsual[] = "/usr/bin/staprun";
    auto there = host.facts.inode(kUsual);
    std::vector<Observation> evidence = {{phrase("{} on PATH", "staprun"), why_of(staprun)},
                                         {kUsual, there ? phrase("is there") : why_of(there)}};
    if (auto package = captured_package(host, kRuntimePackages); !there && !package.empty()) {
      return warned(phrase("the package {} is installed, and its staprun is not in this tree", package), std::nullopt,
                    std::move(evidence));
    }
    if (there)
      return failed(phrase("only root and the group stapusr may run {}", kUsual), host.remedy("privilege"), evidence);
    return failed(phrase("there is no {}", "staprun"), host.remedy("systemtap-runtime"), evidence);
  }
  auto inode = host.facts.inode(*staprun);
  if (!inode)
    return failed(phrase("{}: {}", *staprun, why_of(inode)), host.remedy("systemtap-runtime"),
                  {{*staprun, why_of(inode)}});
  std::vector<Observation> evidence = {
      {*staprun, phrase("mode {}, owner {}", fmt::format("{:04o}", inode->mode), inode->uid)}};
  std::string translator, loader;
  if (is_packaged(stap) && is_packaged(*staprun)) {
    translator = packaged_version(host, kTranslatorPackages);
    loader = packaged_version(host, kRuntimePackages);
  } else {
    Fact<Ran> ran;
    if (auto answer = version_of_program(host, stap, ran)) translator = answer->version;
    if (auto answer = version_of_program(host, *staprun, ran)) loader = answer->version;
  }
  if (!translator.empty() && !loader.empty()) {
    evidence.push_back({phrase("versions"), "stap " + translator + ", staprun " + loader});
    if (translator != loader) {
      return failed(phrase("staprun is of version {}, stap of {}", loader, translator),
                    host.remedy("systemtap-reinstall"), evidence);
    }
  }
  bool setuid = (inode->mode & 04000) && inode->uid == 0;
  auto who = host.facts.identity();
  if (!setuid && who && who->uid != 0) {
    return failed(phrase("staprun is not setuid root: it loads modules only for root"), host.remedy("staprun-setuid"),
                  evidence);
  }
  return passed(setuid ? phrase("staprun is setuid root") : phrase("staprun is there (not setuid: for root only)"),
                evidence);
}

}  // namespace stapkill
