// Package managers: their commands, and their distributions.
#include <algorithm>
#include <iterator>

#include "host/remedy_rows.h"

namespace stapkill {
namespace {

// In the order in which a host is searched without its distribution's usual one: those that replace another one come
// first.
constexpr PackageManager kManagers[] = {
    // name, install, install again, a newer one, remove
    {"transactional-update", "transactional-update pkg install", "transactional-update pkg install --force",
     "transactional-update pkg update", "transactional-update pkg remove"},
    {"rpm-ostree", "rpm-ostree install", "rpm-ostree install", "", "rpm-ostree uninstall"},
    {"apt-get", "apt-get install", "apt-get install --reinstall", "", "apt-get remove"},
    {"dnf", "dnf install", "dnf reinstall", "dnf upgrade", "rpm -e"},
    {"yum", "yum install", "yum reinstall", "yum update", "rpm -e"},
    {"zypper", "zypper install", "zypper install --force", "zypper update", "rpm -e"},
    {"tdnf", "tdnf install", "tdnf reinstall", "tdnf update", "rpm -e"},
    {"pacman", "pacman -S --needed", "pacman -S", "", "pacman -R"},
    {"apk", "apk add", "apk fix --reinstall", "", "apk del"},
    {"xbps-install", "xbps-install -S", "xbps-install -f", "", "xbps-remove"},
    {"emerge", "emerge --noreplace", "emerge --oneshot", "", "emerge --ask --depclean"},
};

struct Usual {
  std::string_view ids, until, manager;
};

// Without a version the later row counts.
constexpr Usual kUsual[] = {
    {"debian ubuntu raspbian deepin uos linuxmint devuan kali", "", "apt-get"},
    {"amzn", "2022", "yum"},
    {"rhel centos ol anolis bclinux", "8", "yum"},
    {"tencentos tlinux alinux", "3", "yum"},
    {"fedora rhel centos rocky almalinux ol amzn anolis alinux tencentos tlinux opencloudos bclinux openeuler", "",
     "dnf"},
    {"sl-micro sle-micro suse-microos opensuse-microos opensuse-leap-micro microos", "", "transactional-update"},
    {"suse opensuse opensuse-leap opensuse-tumbleweed sles sled sles_sap", "", "zypper"},
    {"azurelinux mariner photon", "", "tdnf"},
    {"arch manjaro steamos", "", "pacman"},
    {"alpine", "", "apk"},
    {"void", "", "xbps-install"},
    {"gentoo", "", "emerge"},
};

std::string_view usual_manager(const Distribution& distribution) {
  auto id = lower_case(distribution.id);
  for (const auto& row : kUsual) {
    if (!is_word_of(row.ids, id)) continue;
    bool early = !distribution.version.empty() && compare_versions(distribution.version, row.until) < 0;
    if (row.until.empty() || early) return row.manager;
  }
  for (const auto& like : distribution.id_like) {
    for (const auto& row : kUsual) {
      if (row.until.empty() && is_word_of(row.ids, lower_case(like))) return row.manager;
    }
  }
  return {};
}

}  // namespace

const PackageManager* find_manager(std::string_view name) {
  const auto* at = std::find_if(std::begin(kManagers), std::end(kManagers),
                                [&](const PackageManager& manager) { return manager.name == name; });
  return at == std::end(kManagers) ? nullptr : at;
}

std::string_view manager_of(const Distribution& distribution) {
  if (const auto* found = find_manager(distribution.manager)) return found->name;
  return usual_manager(distribution);
}

std::string manager_of_host(Facts& facts, const Distribution& distribution) {
  auto usual = usual_manager(distribution);
  auto has = [&](std::string_view name) { return bool(facts.program(std::string(name))); };
  // A host booted from ostree has a dnf too, which cannot install into it (rpm-ostree(1)).
  if (facts.exists("/run/ostree-booted") && has("rpm-ostree")) return "rpm-ostree";
  if (!usual.empty() && has(usual)) return std::string(usual);
  for (const auto& manager : kManagers) {
    if (has(manager.name)) return std::string(manager.name);
  }
  return std::string(usual);
}

}  // namespace stapkill
