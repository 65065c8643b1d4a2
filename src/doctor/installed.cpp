#include "doctor/installed.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "host/kernel.h"
#include "host/packages.h"

namespace stapkill {
namespace {

bool starts_with_digit(std::string_view text) {
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

/// The release of a package of headers; "" for another package (a meta package has no number).
std::string release_of_headers(const Package& package, std::string_view manager) {
  constexpr std::string_view kDebian = "linux-headers-";
  if (manager == "dpkg" || package.name.starts_with(kDebian)) {
    if (!package.name.starts_with(kDebian)) return {};
    auto release = package.name.substr(kDebian.size());
    return starts_with_digit(release) ? release : std::string();
  }
  // kernel-devel (RHEL, Fedora), kernel-uek-devel, kernel-default-devel (SUSE); not kernel-devel-matched, a meta
  // package, nor kernel-tools-libs-devel.
  if (!package.name.starts_with("kernel") || !package.name.ends_with("devel")) return {};
  if (package.name.ends_with("-libs-devel")) return {};
  if (manager == "files") return package.version;
  return package.version + (package.architecture.empty() ? "" : '.' + package.architecture);
}

/// Whether headers of that name or version are for a kernel.
bool serves(std::string headers, const std::string& kernel) {
  if (headers == kernel) return true;
  // "6.1.0-56-common", "6.1.0-56-common-rt": what Debian's flavours share; "4.4.0-104": what Ubuntu's do.
  if (auto common = headers.find("-common"); common != std::string::npos) headers.erase(common);
  if (kernel.starts_with(headers + '-')) return true;
  // kernel-rt-devel 5.14.0-427.el9 x86_64 serves "5.14.0-427.el9.x86_64+rt"; older: "3.10.0-862.el7.x86_64.debug".
  if (kernel.starts_with(headers + '+') || kernel.starts_with(headers + '.')) return true;
  // SUSE: "5.14.21-150500.55.7.1.x86_64" serves "5.14.21-150500.55.7-default".
  auto flavour = kernel.rfind('-');
  return flavour != std::string::npos && headers.starts_with(kernel.substr(0, flavour) + '.') &&
         kernel.find('-') != flavour;
}

std::string dotted(std::string text) {
  std::replace(text.begin(), text.end(), '-', '.');
  return text;
}

/// Whether a package of rpm or pacman belongs to exactly that kernel, by its version: "5.14.0-503.14.1.el9_5" and its
/// architecture, with or without a flavour after it; SUSE's has one more number ("6.4.0-150600.23.25.1" for
/// "6.4.0-150600.23.25-default"); Arch's "6.10.1.arch1-1" is "6.10.1-arch1-1".
bool is_of_kernel(const Package& package, const std::string& kernel, std::string_view manager) {
  if (manager == "pacman") {
    auto version = dotted(package.version), release = dotted(kernel);
    return release == version || release.starts_with(version + '.');
  }
  auto release = package.version + (package.architecture.empty() ? "" : '.' + package.architecture);
  return release == kernel || package.version == kernel || serves(release, kernel);
}

/// Ubuntu's "#101~22.04.1-Ubuntu" and its release "5.15.0-91-generic" make the package's "5.15.0-91.101~22.04.1".
std::string ubuntu_build(const Uname& name) {
  auto end = name.version.find("-Ubuntu");
  if (end == std::string::npos || !name.version.starts_with('#')) return {};
  auto flavour = name.release.rfind('-');
  return name.release.substr(0, flavour) + '.' + name.version.substr(1, end - 1);
}

}  // namespace

Builds builds_of(const Host& host) {
  Builds builds;
  if (host.running) {
    builds.running = build_version(host.name);
    if (builds.running.empty()) builds.running = ubuntu_build(host.name);
  }
  auto packages = host.facts.packages();
  if (!packages || packages->manager != "dpkg") return builds;
  builds.image = version_of(*packages, "linux-image-" + host.release);
  if (builds.image.empty()) builds.image = version_of(*packages, "linux-image-unsigned-" + host.release);
  builds.headers = version_of(*packages, "linux-headers-" + host.release);
  for (const auto& name : {"linux-image-" + host.release + "-dbg", "linux-image-" + host.release + "-dbgsym",
                           "linux-image-unsigned-" + host.release + "-dbgsym"}) {
    if (builds.debuginfo.empty()) builds.debuginfo = version_of(*packages, name);
  }
  return builds;
}

KernelInstalled kernel_installed(const Host& host) {
  KernelInstalled found;
  auto packages = host.facts.packages();
  if (!packages || packages->manager == "files") return found;  // guessed from directories: no database
  const auto& release = host.release;
  if (packages->manager == "dpkg") {
    auto first = [&](std::initializer_list<const char*> patterns) -> std::string {
      for (const auto* pattern : patterns) {
        auto name = fmt::format(fmt::runtime(pattern), release);
        if (auto version = version_of(*packages, name); !version.empty()) return fmt::format("{} {}", name, version);
      }
      return {};
    };
    found.image = first({"linux-image-{}", "linux-image-unsigned-{}", "proxmox-kernel-{}", "proxmox-kernel-{}-signed"});
    found.headers = first({"linux-headers-{}", "proxmox-headers-{}", "pve-headers-{}"});
    found.debuginfo = first({"linux-image-{}-dbg", "linux-image-{}-dbgsym", "linux-image-unsigned-{}-dbgsym"});
    return found;
  }
  // "kernel-uek-devel", "kernel6.12-devel", "linux-lts-headers"; not kernel-devel-matched, nor kernel-tools-libs-devel.
  static const RE2 headers(R"(kernel[0-9.]*(-[a-z]+)?-devel|linux[a-z0-9-]*-headers)"),
      debuginfo(R"(kernel[0-9.]*(-[a-z]+)?-debuginfo)"),
      image(R"(kernel[0-9.]*(-uek|-lt|-ml|-rt|-default)?(-core)?|linux(-lts|-zen|-hardened|[0-9]+)?)");
  for (const auto& package : packages->all) {
    if (!is_of_kernel(package, release, packages->manager)) continue;
    for (const auto& [pattern, found_name] :
         {std::pair{&headers, &found.headers}, std::pair{&debuginfo, &found.debuginfo},
          std::pair{&image, &found.image}}) {
      if (found_name->empty() && RE2::FullMatch(package.name, *pattern))
        *found_name = package.name + ' ' + package.version;
    }
  }
  return found;
}

std::string captured_package(const Host& host, std::span<const std::string_view> names) {
  if (!host.captured()) return {};
  auto packages = host.facts.packages();
  if (!packages || packages->manager == "files") return {};
  for (auto name : names) {
    if (auto version = version_of(*packages, name); !version.empty()) return std::string(name) + ' ' + version;
  }
  return {};
}

Fact<std::vector<Package>> other_headers(const Host& host) {
  auto packages = host.facts.packages();
  if (!packages) return {std::nullopt, packages.why};
  std::vector<std::string> mine = {host.release};
  for (const auto& release : installed_kernels(host.facts)) {
    if (compare_versions(release, host.release) > 0) mine.push_back(release);
  }
  std::vector<Package> others;
  for (const auto& package : packages->all) {
    auto release = release_of_headers(package, packages->manager);
    auto served = [&](const std::string& kernel) { return serves(release, kernel); };
    if (!release.empty() && std::none_of(mine.begin(), mine.end(), served)) others.push_back(package);
  }
  std::sort(others.begin(), others.end(), [](const Package& left, const Package& right) {
    int order = compare_versions(left.version, right.version);
    return order ? order < 0 : left.name < right.name;
  });
  return {std::move(others), {}};
}

std::string whole_name(const Host& host, const Package& package) {
  auto packages = host.facts.packages();
  if (packages && packages->manager == "dpkg") return package.name;
  return package.name + '-' + package.version + (package.architecture.empty() ? "" : '.' + package.architecture);
}

std::string words_for_shell(const std::vector<Package>& packages, const Host& host) {
  std::string text;
  for (const auto& package : packages) {
    auto name = whole_name(host, package);
    // No real package has such a name: keep it out of terminals and root shells.
    if (printable(name, true) != name || name.find_first_of("'\\ ") != std::string::npos) continue;
    text += ' ' + shell_word(name);
  }
  return text;
}

std::string find_vmlinux(const Host& host, std::vector<Observation>& evidence) {
  for (const auto& path : debuginfo_paths(host.release)) {
    auto inode = host.facts.inode(path);
    if (inode && inode->type == '-') {
      // The vmlinux of Arch's headers has no debuginfo.
      auto debug = host.facts.debug_info(path);
      evidence.push_back({path, !debug   ? why_of(debug)
                                : *debug ? phrase("is there")
                                         : phrase("is there, without debuginfo")});
      if (debug.value.value_or(false)) return path;
      continue;
    }
    if (!inode.absent()) evidence.push_back({path, inode ? phrase("not a regular file") : why_of(inode)});
  }
  evidence.push_back({phrase("vmlinux in /boot, {}, /usr/lib/debug", host.modules()), phrase("not found")});
  return {};
}

}  // namespace stapkill
