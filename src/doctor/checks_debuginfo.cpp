// The kernel's debuginfo: is there any, and is it of the running build. stapkill's probes do not need it; users' own
// scripts (kernel.function, struct members) may.
#include <fmt/format.h>
#include <re2/re2.h>

#include "doctor/check.h"
#include "doctor/installed.h"
#include "host/kernel.h"

namespace stapkill {
namespace {

/// The debuginfod servers of /etc/debuginfod/*.urls. Not those of $DEBUGINFOD_URLS: it may hold a password, and differs
/// in root's shell.
std::vector<std::string> debuginfod_servers(const Host& host) {
  std::vector<std::string> servers;
  auto names = host.facts.list("/etc/debuginfod");
  for (const auto& name : names.value.value_or(std::vector<std::string>())) {
    if (!name.ends_with(".urls")) continue;
    auto text = host.facts.file("/etc/debuginfod/" + name).value.value_or("");
    static const RE2 url(R"((https?://[A-Za-z0-9._:/-]+))");
    re2::StringPiece rest(text);
    for (std::string one; RE2::FindAndConsume(&rest, url, &one);) servers.push_back(one);
  }
  return servers;
}

/// Asks a server whether it has a build's debuginfo, without fetching it: 200, 404, …; 0 without an answer; none when
/// not asked. It takes longer than all other checks and uses the network.
std::optional<int> ask_debuginfod(const Host& host, const std::string& server, const std::string& id) {
  auto curl = host.facts.program("curl");
  if (!curl || id.empty() || (host.facts.live_host() && !host.deep)) return std::nullopt;
  auto url = server + (server.ends_with('/') ? "" : "/") + "buildid/" + id + "/debuginfo";
  auto ran = host.facts.run({*curl, "-sIo", "/dev/null", "-w", "%{http_code}", "--max-time", "4", "--", url});
  if (!ran) return std::nullopt;
  int code = 0;
  RE2::FullMatch(ran->out, R"((\d+))", &code);
  return code;
}

std::string running_id(const Host& host, std::vector<Observation>& evidence) {
  if (!host.running) return {};
  auto id = host.facts.build_id("/sys/kernel/notes");
  evidence.push_back({"/sys/kernel/notes", id ? Phrase(*id) : why_of(id)});
  return id.value.value_or("");
}

/// An installed kernel with debuginfo, later than the running one.
std::string next_with_debuginfo(const Host& host) {
  std::string next;
  if (!host.running) return next;
  for (const auto& release : installed_kernels(host.facts)) {
    if (compare_versions(release, host.release) <= 0) continue;
    for (const auto& path : debuginfo_paths(release)) {
      if (host.facts.exists(path)) next = release;
    }
  }
  return next;
}

}  // namespace

CheckOutcome check_kernel_debuginfo(const Host& host) {
  std::vector<Observation> evidence;
  if (auto vmlinux = find_vmlinux(host, evidence); !vmlinux.empty())
    return passed(phrase("debuginfo is {}", vmlinux), evidence);
  if (auto package = host.captured() ? kernel_installed(host).debuginfo : std::string(); !package.empty()) {
    evidence.push_back({phrase("packages"), package});
    return warned(phrase("the package {} is installed, and its vmlinux is not in this tree", package), std::nullopt,
                  evidence);
  }
  auto servers = debuginfod_servers(host);
  auto id = servers.empty() ? std::string() : running_id(host, evidence);
  constexpr std::size_t kMostAsked = 2;  // a silent server takes 4 s, and the check has 10
  for (const auto& server : servers) {
    if (&server - servers.data() >= static_cast<std::ptrdiff_t>(kMostAsked)) break;
    auto code = ask_debuginfod(host, server, id);
    evidence.push_back({server, !code        ? phrase("not asked (--deep asks it, with curl)")
                                : *code == 0 ? phrase("did not answer")
                                             : Phrase(fmt::format("HTTP {}", *code))});
    if (code == 200) return passed(phrase("debuginfod has it: {}", server), evidence);
  }
  auto remedy = host.remedy("debuginfo");
  if (auto next = next_with_debuginfo(host); !next.empty()) {
    evidence.push_back({phrase("installed, not booted, with its debuginfo"), next});
    remedy.text = phrase("reboot into {}, whose debuginfo is installed; or: {}", next, remedy.text);
    remedy.reboot = true;
  }
  return warned(phrase("no debuginfo of kernel {}; stapkill's probes need none, a script with kernel.function does",
                       host.release),
                std::move(remedy), evidence);
}

CheckOutcome check_kernel_debuginfo_match(const Host& host) {
  std::vector<Observation> evidence;
  auto builds = builds_of(host);
  for (const auto& [name, version] :
       {std::pair{msgid("running build"), builds.running}, std::pair{msgid("installed image"), builds.image},
        std::pair{msgid("installed debuginfo"), builds.debuginfo}}) {
    if (!version.empty()) evidence.push_back({phrase_from(name), version});
  }
  // First: if another build of the same release is installed, all that is installed later belongs to that one.
  if (!builds.running.empty() && !builds.image.empty() && builds.image != builds.running) {
    return failed(phrase("build {} is running, but build {} of the same release {} is installed", builds.running,
                         builds.image, host.release),
                  host.remedy("reboot", {{"next", builds.image}}), evidence);
  }
  if (!builds.running.empty() && !builds.debuginfo.empty() && builds.debuginfo != builds.running) {
    return failed(phrase("the debuginfo is of build {}, but build {} is running", builds.debuginfo, builds.running),
                  host.remedy("debuginfo-match", {{"build", builds.running}}), evidence);
  }
  auto vmlinux = find_vmlinux(host, evidence);
  if (vmlinux.empty()) {
    auto finding = skipped(phrase("there is no vmlinux to compare"), evidence);
    finding.blocked_by = "kernel.debuginfo";
    return finding;
  }
  auto id = host.facts.build_id(vmlinux);
  evidence.push_back({vmlinux, id ? Phrase(*id) : why_of(id)});
  if (!id) return warned(phrase("{}: {}", vmlinux, why_of(id)), host.remedy("debuginfo"), evidence);
  if (!host.running)
    return skipped(phrase("kernel {} is not running: its build id is not known", host.release), evidence);
  auto running = running_id(host, evidence);
  if (running.empty()) return warned(phrase("the running kernel's build id is not known"), std::nullopt, evidence);
  if (running != *id) {
    return failed(
        phrase("the debuginfo is of another build: its id is {}, the running kernel's {}", *id, running),
        builds.running.empty() ? host.remedy("debuginfo") : host.remedy("debuginfo-match", {{"build", builds.running}}),
        evidence);
  }
  return passed(phrase("its build id is the running kernel's"), evidence);
}

}  // namespace stapkill
