#include "host/kernel.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "host/ask.h"
#include "host/distribution.h"

namespace stapkill {

bool KernelConfig::on(std::string_view option) const {
  auto at = options.find(option);
  return at != options.end() && (at->second == "y" || at->second == "m");
}

std::string KernelConfig::value(std::string_view option) const {
  auto at = options.find(option);
  return at == options.end() ? std::string() : at->second;
}

std::map<std::string, std::string, std::less<>> parse_kernel_config(std::string_view text) {
  std::map<std::string, std::string, std::less<>> options;
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    auto equals = line.find('=');
    if (!line.starts_with("CONFIG_") || equals == std::string_view::npos) continue;
    auto value = line.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    options.emplace(line.substr(0, equals), value);
  }
  return options;
}

Result<KernelConfig> kernel_config(Facts& facts, const std::string& release, bool running) {
  std::string modules = facts.place("modules").value.value_or("/lib/modules") + '/' + release;
  Phrase tried;
  auto take = [&](const std::string& path, const Fact<std::string>& text) -> std::optional<KernelConfig> {
    Phrase why = text.why;
    if (text) {
      KernelConfig config{path, parse_kernel_config(*text), tried};
      if (!config.options.empty()) return config;
      why = phrase("has no options");
    }
    if (why != kAbsent) tried += (tried.empty() ? Phrase() : phrase("; ")) + phrase("{}: {}", path, why);
    return std::nullopt;
  };
  if (running) {
    if (auto found = take("/proc/config.gz", facts.unpacked("/proc/config.gz"))) return *found;
  }
  for (const auto& path : {"/boot/config-" + release, modules + "/config", modules + "/build/.config"}) {
    if (auto found = take(path, facts.file(path))) return *found;
  }
  return fail(tried.empty() ? phrase("there is no config of kernel {}", release) : tried);
}

std::vector<std::string> installed_kernels(Facts& facts) {
  std::vector<std::string> found;
  std::string modules = facts.place("modules").value.value_or("/lib/modules");
  auto names = facts.list(modules);
  if (!names) return found;
  for (const auto& release : *names) {
    // Headers alone make such a directory too, with only links in it.
    if (facts.exists(fmt::format("{}/{}/modules.dep", modules, release)) || facts.exists("/boot/vmlinuz-" + release) ||
        facts.exists(fmt::format("{}/{}/vmlinuz", modules, release))) {
      found.push_back(release);
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const std::string& left, const std::string& right) { return compare_versions(left, right) < 0; });
  return found;
}

std::vector<std::string> debuginfo_paths(const std::string& release) {
  std::vector<std::string> paths;
  for (std::string_view pattern :
       {"/boot/vmlinux-{0}", "/lib/modules/{0}/vmlinux", "/lib/modules/{0}/build/vmlinux",
        "/usr/lib/debug/boot/vmlinux-{0}", "/usr/lib/debug/lib/modules/{0}/vmlinux",
        "/usr/lib/debug/usr/lib/modules/{0}/vmlinux", "/usr/lib/debug/lib/modules/{0}/vmlinux.debug",
        "/usr/lib/debug/boot/vmlinux-{0}.debug"}) {
    paths.push_back(fmt::format(fmt::runtime(pattern), release));
  }
  return paths;
}

std::string build_version(const Uname& name) {
  // "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-10-01)".
  static const RE2 debian(R"(Debian ([0-9][0-9A-Za-z.+~:-]*))");
  std::string version;
  RE2::PartialMatch(name.version, debian, &version);
  return version;
}

std::string machine_of_release(const std::string& release) {
  // A flavour may follow: "+rt", "-16k". The last three are of the Raspberry Pi's kernels.
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"amd64", "x86_64"},    {"x86_64", "x86_64"},  {"arm64", "aarch64"},   {"aarch64", "aarch64"},
      {"ppc64le", "ppc64le"}, {"s390x", "s390x"},    {"riscv64", "riscv64"}, {"loongarch64", "loongarch64"},
      {"v8+", "aarch64"},     {"rpi-v8", "aarch64"}, {"rpi-2712", "aarch64"}};
  static const RE2 name(
      R"([.-](amd64|x86_64|arm64|aarch64|ppc64le|s390x|riscv64|loongarch64|v8\+$|rpi-v8|rpi-2712)(?:[.+-]|$))");
  std::string found;
  RE2::PartialMatch(release, name, &found);
  const auto* at =
      std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& row) { return row.first == found; });
  return at == std::end(kNames) ? std::string() : std::string(at->second);
}

}  // namespace stapkill
