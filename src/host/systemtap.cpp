#include "host/systemtap.h"

#include <re2/re2.h>
#include <sys/utsname.h>

#include <cstdlib>

#include "host/distribution.h"
#include "host/remedies.h"
#include "sys/file.h"

namespace stapkill {
namespace {

struct Release {
  std::string_view version, newest_kernel;
};

// What `stap -V` of each release says (session.cxx at the release's tag).
constexpr Release kReleases[] = {
    {"3.1", "4.10-rc8"}, {"3.2", "4.11"},    {"3.3", "4.18-rc0"}, {"4.0", "4.19-rc7"}, {"4.1", "5.1-rc2"},
    {"4.2", "5.4-rc6"},  {"4.3", "5.7"},     {"4.4", "5.10-rc"},  {"4.5", "5.12-rc2"}, {"4.6", "5.15-rc7"},
    {"4.7", "5.18-rc3"}, {"4.8", "6.1-rc3"}, {"4.9", "6.3-rc1"},  {"5.0", "6.6-rc1"},  {"5.1", "6.9-rc0"},
    {"5.2", "6.12-rc"},  {"5.3", "6.15-rc"}, {"5.4", "6.18-rc"},  {"5.5", "7.0"},
};

/// "6.12.107+deb13-amd64" → "6.12", to compare with tested versions.
std::string major_minor(std::string_view release) {
  static const RE2 head(R"(^(\d+\.\d+))");
  std::string found;
  RE2::PartialMatch(release, head, &found);
  return found;
}

/// Below the directory that it was installed to (its default, PKGDATADIR in session.cxx), unless $SYSTEMTAP_RUNTIME
/// names another: one that was built from source has its own.
std::string runtime_of(Facts& facts, const std::string& stap) {
  constexpr std::string_view kUsual = "/usr/share/systemtap/runtime", kProgram = "/bin/stap";
  auto named = facts.place("runtime").value.value_or(std::string(kUsual));
  if (named != kUsual) return named;
  auto file = facts.resolved(stap).value.value_or(stap);
  if (!file.ends_with(kProgram)) return named;
  auto own = file.substr(0, file.size() - kProgram.size()) + "/share/systemtap/runtime";
  return facts.exists(own) ? own : named;
}

Phrase command_of(Facts& facts, std::string_view need, const std::string& release) {
  auto remedy = remedy_for(need, distribution(facts), {{"release", release}});
  return remedy.commands.empty() ? remedy.text : Phrase(remedy.commands.back());
}

}  // namespace

std::string running_kernel() {
  if (const char* given = std::getenv("STAPKILL_KERNEL"); given && *given) return given;
  utsname name{};
  ::uname(&name);
  return name.release;
}

Result<SystemTap> find_systemtap(Facts& facts) {
  SystemTap found;
  found.stap = facts.program("stap").value.value_or("");
  found.staprun = facts.program("staprun").value.value_or("");
  if (found.stap.empty() || !facts.exists(found.stap)) {
    return fail(phrase("SystemTap is not installed: there is no stap on PATH"), command_of(facts, "systemtap", ""),
                "stap.present");
  }
  found.runtime = runtime_of(facts, found.stap);
  if (facts.live_host()) found.stamp = file_stamp(found.stap);
  return found;
}

Result<KernelBuild> find_kernel_build(Facts& facts, const std::string& release) {
  KernelBuild found;
  found.release = release;
  auto modules = facts.place("modules").value.value_or("/lib/modules") + '/' + release;
  auto build = facts.resolved(modules + "/build");
  if (!build || !facts.exists(*build + "/Module.symvers")) {
    return fail(phrase("the headers of kernel {} are not installed ({}/build)", release, modules),
                command_of(facts, "headers", release), "kernel.build");
  }
  found.build = *build;
  found.source = facts.resolved(modules + "/source").value.value_or(found.build);
  if (!facts.exists(found.source + "/include/linux/sched.h")) found.source = found.build;
  if (facts.live_host()) {
    found.stamp = file_stamp(found.build + "/Module.symvers") + ' ' + file_stamp(found.build + "/.config");
  }
  return found;
}

SystemTapVersion parse_systemtap_version(std::string_view text) {
  static const RE2 version(R"(version ([0-9][0-9A-Za-z.]*))"), tested(R"(tested kernel versions: \S+ \.\.\. (\S+))");
  SystemTapVersion found;
  RE2::PartialMatch(text, version, &found.version);
  RE2::PartialMatch(text, tested, &found.newest_kernel);
  return found;
}

std::string newest_kernel_of(std::string_view version) {
  for (const auto& row : kReleases) {
    if (compare_versions(major_minor(version), row.version) == 0) return std::string(row.newest_kernel);
  }
  return {};
}

std::string systemtap_for_kernel(std::string_view release) {
  for (const auto& row : kReleases) {
    if (compare_versions(major_minor(release), major_minor(row.newest_kernel)) <= 0) return std::string(row.version);
  }
  return {};
}

}  // namespace stapkill
