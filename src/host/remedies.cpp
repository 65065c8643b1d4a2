#include "host/remedies.h"

#include <algorithm>

namespace stapkill {
namespace {

struct Row {
  std::string_view need;
  std::string_view ids;          ///< of os-release, blank-separated; "" for all that have no row of their own
  std::string_view from, until;  ///< versions: from this one on, below that one; "" for no limit
  std::string_view text;
  std::string_view commands;  ///< a line each
  bool reboot = false;
  bool by_hand = false;
};

constexpr std::string_view kApt = "debian ubuntu";
constexpr std::string_view kDnf = "rhel rocky almalinux centos fedora amzn";
constexpr std::string_view kSuse = "suse opensuse-leap opensuse-tumbleweed sles sled sles_sap";

// {release} is uname -r, {base} and {flavour} what stands before and behind its last dash, {pkgbase} Arch's name for
// the kernel's package, {machine} uname -m, {version} and {codename} the distribution's. Seen in package indexes and
// the distributions' own manuals in November 2026, but for what docs/doctor.md lists as not confirmed. The first row
// that fits counts; those with a version are for that distribution itself, never for one that takes after it.
constexpr Row kRows[] = {
    {"systemtap", kApt, "", "", "install SystemTap and a compiler:", "apt-get install systemtap gcc make"},
    {"systemtap", "rhel centos amzn", "", "8", "install SystemTap and a compiler:", "yum install systemtap gcc make"},
    {"systemtap", kDnf, "", "", "install SystemTap and a compiler:", "dnf install systemtap gcc make"},
    {"systemtap", "sles sled sles_sap", "", "",
     "install SystemTap and a compiler (the compiler is in the Development Tools module; zypper search-packages "
     "systemtap "
     "says which has SystemTap):",
     "zypper install systemtap gcc make"},
    {"systemtap", kSuse, "", "", "install SystemTap and a compiler:", "zypper install systemtap gcc make"},
    {"systemtap", "arch", "", "", "SystemTap is in the AUR; as a user who may use sudo:",
     "pacman -S --needed base-devel git\n"
     "git clone https://aur.archlinux.org/systemtap.git && cd systemtap && makepkg -si",
     false, true},
    {"systemtap", "", "", "", "install the package of SystemTap (systemtap), gcc and make", ""},

    {"systemtap-runtime", kApt, "", "", "install the loader:", "apt-get install --reinstall systemtap-runtime"},
    {"systemtap-runtime", "rhel centos amzn", "", "8",
     "install the loader:", "yum reinstall systemtap-runtime || yum install systemtap-runtime"},
    {"systemtap-runtime", kDnf, "", "",
     "install the loader:", "dnf reinstall systemtap-runtime || dnf install systemtap-runtime"},
    {"systemtap-runtime", kSuse, "", "", "install the loader:", "zypper install --force systemtap-runtime"},
    {"systemtap-runtime", "", "", "", "install the package with staprun (systemtap-runtime) again", ""},

    {"systemtap-reinstall", kApt, "", "", "install all of SystemTap again, in one version:",
     "apt-get install --reinstall systemtap systemtap-common systemtap-runtime"},
    {"systemtap-reinstall", "rhel centos amzn", "", "8", "install all of SystemTap again, in one version:",
     "yum reinstall systemtap systemtap-client systemtap-devel systemtap-runtime"},
    {"systemtap-reinstall", kDnf, "", "", "install all of SystemTap again, in one version:",
     "dnf reinstall systemtap systemtap-client systemtap-devel systemtap-runtime"},
    {"systemtap-reinstall", kSuse, "", "",
     "install all of SystemTap again, in one version:", "zypper install --force systemtap systemtap-runtime"},
    {"systemtap-reinstall", "", "", "", "install all of SystemTap again, in one version; remove another in /usr/local",
     ""},

    {"systemtap-newer", kDnf, "", "", "a newer SystemTap, {version} or later:", "dnf upgrade systemtap"},
    {"systemtap-newer", "opensuse-tumbleweed", "", "",
     "a newer SystemTap, {version} or later:", "zypper update systemtap"},
    {"systemtap-newer", kApt, "", "",
     "a newer SystemTap, {version} or later; this distribution has none, so it is built from source "
     "(https://sourceware.org/systemtap/ftp/releases/); to install what that needs:",
     "apt-get build-dep systemtap"},
    {"systemtap-newer", "", "", "",
     "a newer SystemTap, {version} or later, from the distribution or built from source "
     "(https://sourceware.org/systemtap/ftp/releases/)",
     ""},

    {"staprun-setuid", kSuse, "", "", "run as root; or make the groups and the bit that other distributions come with:",
     "groupadd -r stapusr; groupadd -r stapdev; chgrp stapusr /usr/bin/staprun && chmod 4110 /usr/bin/staprun"},
    {"staprun-setuid", kApt, "", "",
     "run as root, or install staprun again:", "apt-get install --reinstall systemtap-runtime"},
    {"staprun-setuid", "", "", "", "run as root, or install the package with staprun (systemtap-runtime) again", ""},

    {"privilege", "", "", "", "run it as root:", "sudo stapkill doctor", false, true},
    {"capability", "", "", "",
     "root of a container or of a service with a bounded set of capabilities cannot load modules: run "
     "it on the host itself, or with CAP_SYS_MODULE",
     ""},

    {"headers", "debian", "", "",
     "install the headers of the running kernel; where apt has them no more, update the kernel and reboot:",
     "apt-get install linux-headers-{release}"},
    {"headers", "ubuntu", "", "",
     "install the headers of the running kernel; where apt has them no more, update the kernel and reboot:",
     "apt-get install linux-headers-{release}"},
    {"headers", "centos", "", "8",
     "install the headers of the running kernel (CentOS 7 has ended: its repositories are at vault.centos.org):",
     "yum install kernel-devel-{release}"},
    {"headers", "rhel amzn", "", "8",
     "install the headers of the running kernel:", "yum install kernel-devel-{release}"},
    {"headers", kDnf, "", "",
     "install the headers of the running kernel; where the repositories have them no more, update the kernel and "
     "reboot:",
     "dnf install 'kernel-devel-uname-r = {release}'"},
    {"headers", kSuse, "", "",
     "install the headers of the running kernel:", "zypper install 'kernel-{flavour}-devel = {base}'"},
    {"headers", "arch", "", "",
     "Arch has the newest kernel only: update together with its headers, and reboot when that brought another kernel:",
     "pacman -Syu {pkgbase}-headers"},
    {"headers", "", "", "",
     "install the package of headers (linux-headers, kernel-devel) of kernel {release}, of exactly that build", ""},

    {"headers-again", "debian", "", "",
     "install the headers again:", "apt-get install --reinstall linux-headers-{release}"},
    {"headers-again", "ubuntu", "", "",
     "install the headers again:", "apt-get install --reinstall linux-headers-{release}"},
    {"headers-again", "rhel centos amzn", "", "8",
     "install the headers again:", "yum reinstall kernel-devel-{release}"},
    {"headers-again", kDnf, "", "", "install the headers again:", "dnf reinstall kernel-devel-{release}"},
    {"headers-again", kSuse, "", "",
     "install the headers again:", "zypper install --force 'kernel-{flavour}-devel = {base}'"},
    {"headers-again", "", "", "",
     "install the headers of kernel {release} again; /lib/modules/{release}/build must lead to them", ""},

    // The check puts the packages' names behind it.
    {"headers-remove", kApt, "", "", "if you do not boot those kernels:", "apt-get remove"},
    {"headers-remove", kDnf, "", "", "if you do not boot those kernels:", "rpm -e"},
    {"headers-remove", kSuse, "", "", "if you do not boot those kernels:", "rpm -e"},
    {"headers-remove", "arch", "", "", "if you do not boot those kernels:", "pacman -R"},
    {"headers-remove", "", "", "", "if you do not boot those kernels, remove their headers", ""},

    {"debuginfo", "debian", "", "", "it takes 6 GB:", "apt-get install linux-image-{release}-dbg"},
    {"debuginfo", "ubuntu", "", "18.04", "it takes some GB; its packages are in an archive of their own:",
     "apt-key adv --keyserver keyserver.ubuntu.com --recv-keys F2EDC64DC5AEE1F6B9C621F0C8CAB6595FDFF622\n"
     "printf 'deb http://ddebs.ubuntu.com %s main restricted universe multiverse\\n' {codename} {codename}-updates "
     "{codename}-proposed > /etc/apt/sources.list.d/ddebs.list\n"
     "apt-get update\n"
     "apt-get install linux-image-{release}-dbgsym"},
    {"debuginfo", "ubuntu", "", "",
     "it takes some GB; its packages are in an archive of their own (lighter: apt-get install "
     "libdebuginfod-common, which asks debuginfod.ubuntu.com):",
     "apt-get install ubuntu-dbgsym-keyring\n"
     "printf 'deb http://ddebs.ubuntu.com %s main restricted universe multiverse\\n' {codename} {codename}-updates "
     "{codename}-proposed > /etc/apt/sources.list.d/ddebs.list\n"
     "apt-get update\n"
     "apt-get install linux-image-{release}-dbgsym || apt-get install linux-image-unsigned-{release}-dbgsym"},
    {"debuginfo", "rhel", "", "8", "it takes some GB; its packages are in a repository of their own:",
     "subscription-manager repos --enable rhel-7-server-debug-rpms\n"
     "yum install kernel-debuginfo-{release} kernel-debuginfo-common-{machine}-{release}"},
    {"debuginfo", "rhel", "", "", "it takes some GB; its packages are in repositories of their own:",
     "subscription-manager repos --enable rhel-{major}-for-{machine}-baseos-debug-rpms\n"
     "dnf install kernel-debuginfo-{release} kernel-debuginfo-common-{machine}-{release}"},
    {"debuginfo", "centos", "", "8", "it takes some GB; its packages are in a repository of their own:",
     "printf '%s\\n' '[base-debuginfo]' 'name=CentOS-7 - Debuginfo' 'baseurl=http://debuginfo.centos.org/7/$basearch/' "
     "gpgcheck=1 gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-Debug-7 enabled=0 > "
     "/etc/yum.repos.d/CentOS-Debuginfo.repo\n"
     "yum --enablerepo=base-debuginfo install kernel-debuginfo-{release} kernel-debuginfo-common-{machine}-{release}"},
    {"debuginfo", "amzn", "", "2023",
     "it takes some GB:", "yum --enablerepo=amzn2-core-debuginfo install kernel-debuginfo-{release}"},
    {"debuginfo", "amzn", "", "",
     "it takes some GB:", "dnf install --enablerepo=amazonlinux-debuginfo kernel-debuginfo-{release}"},
    {"debuginfo", "fedora", "", "", "lighter than the package is debuginfod, https://debuginfod.fedoraproject.org/:",
     "dnf install elfutils-debuginfod-client"},
    {"debuginfo", kDnf, "", "", "it takes some GB:",
     "dnf install --enablerepo='*-debug*' kernel-debuginfo-{release} kernel-debuginfo-common-{machine}-{release}"},
    {"debuginfo", kSuse, "", "", "it takes some GB; its packages are in repositories of their own:",
     "zypper --plus-content debug install kernel-{flavour}-debuginfo"},
    {"debuginfo", "arch", "", "",
     "Arch has none for its kernels: a script with kernel.function needs a kernel of your own", ""},
    {"debuginfo", "", "", "",
     "install the package of debuginfo (kernel-debuginfo, linux-image-...-dbg) of kernel {release}, of exactly that "
     "build",
     ""},

    {"debuginfo-match", "debian", "", "",
     "install the debuginfo of build {build}; where apt has it no more, update the kernel and reboot:",
     "apt-get install linux-image-{release}-dbg={build}"},
    {"debuginfo-match", "", "", "",
     "install the debuginfo of the very build that runs ({build}), or update the kernel with its debuginfo and reboot",
     ""},

    {"symbols", "debian", "", "",
     "the real one is in the debuginfo package (6 GB), and stap wants it with the headers:",
     "apt-get install linux-image-{release}-dbg\nln -s /usr/lib/debug/boot/System.map-{release} "
     "/lib/modules/{release}/build/System.map"},
    {"symbols-link", "", "", "", "stap looks for it with the headers:", "ln -s {map} {build}/System.map"},
    {"symbols", "", "", "", "it comes with the kernel or its headers: /boot/System.map-{release}", ""},

    {"compiler", kApt, "", "", "install the compiler of the kernel:", "apt-get install {compiler} make"},
    {"compiler", "rhel centos amzn", "", "8", "install a compiler:", "yum install gcc make"},
    {"compiler", kDnf, "", "", "install a compiler:", "dnf install gcc make"},
    {"compiler", kSuse, "", "", "install a compiler:", "zypper install gcc make"},
    {"compiler", "arch", "", "", "install a compiler:", "pacman -S --needed gcc make"},
    {"compiler", "", "", "", "install make and {compiler}, of the version that built the kernel", ""},

    {"image", kApt, "", "", "update the kernel to the build of the headers, {build}, and reboot into it:",
     "apt-get install linux-image-{release}\nsystemctl reboot", true},
    {"image", "", "", "", "update the kernel to the build of the headers, {build}, and reboot into it", "", true},
    {"reboot", "", "", "", "reboot into {next}", "systemctl reboot", true, true},
    {"kernel", "", "", "", "boot a kernel of the distribution: they have it", ""},
    {"config", "", "", "", "the package of the kernel brings /boot/config-{release}, its headers bring .config", ""},
    {"modules-disabled", "", "", "",
     "kernel.modules_disabled cannot be taken back: see who sets it (/etc/sysctl.d), and reboot", "", true},
    {"signing-secure-boot", "", "", "",
     "enrol a machine owner key and sign the module with it (docs/doctor.md, Secure Boot), or switch Secure Boot off "
     "in the "
     "firmware",
     "mokutil --sb-state", true, true},
    {"signing", "", "", "",
     "boot without module.sig_enforce and lockdown= (a kernel with CONFIG_MODULE_SIG_FORCE: another kernel)", "", true},
    {"lockdown-integrity", "", "", "",
     "lockdown comes with Secure Boot or lockdown= on the kernel's command line: switch it off in the firmware or "
     "there; the "
     "bpf backend does not mind it",
     "", true},
    {"lockdown-confidentiality", "", "", "",
     "lockdown comes with Secure Boot or lockdown= on the kernel's command line: switch it off in the firmware or "
     "there; "
     "nothing can trace in this mode",
     "", true},
    {"container", "", "", "", "run it on the host; or in a container that has what it needs:",
     "docker run --privileged --pid=host -v /lib/modules:/lib/modules:ro -v /usr/src:/usr/src:ro -v "
     "/sys/kernel/debug:/sys/kernel/debug IMAGE",
     false, true},
    {"tracefs", "", "", "",
     "to mount them now:", "mount -t debugfs debugfs /sys/kernel/debug\nmount -t tracefs tracefs /sys/kernel/tracing"},
    {"securityfs", "", "", "", "to mount it now:", "mount -t securityfs securityfs /sys/kernel/security"},
    {"space", "", "", "", "free some; modules can be kept elsewhere (STAPKILL_CACHE=DIR); to see what is in the cache:",
     "du -sh {cache}", false, true},
    {"bpf-capability", "", "", "", "run it with sudo, or as a user with CAP_BPF and CAP_PERFMON", ""},
    {"bpf-capability-container", "", "", "",
     "run it on the host, or give the container CAP_BPF and CAP_PERFMON (in a pod: securityContext.capabilities.add "
     "[BPF, PERFMON], and hostPID: true):",
     "docker run --cap-add BPF --cap-add PERFMON --pid=host IMAGE", false, true},
    {"bpf-user-namespace", "", "", "",
     "run it as root of the machine (sudo, on the host): root of a user namespace, as rootless containers have it, may "
     "not",
     ""},
    {"bpf-forbidden", "", "", "",
     "a seccomp filter or a security module forbids it: run it outside of what confines it, on the host itself or in a "
     "container that is privileged (in a pod: securityContext.privileged: true, and hostPID: true):",
     "docker run --privileged --pid=host IMAGE", false, true},
    {"pid-namespace", "", "", "",
     "run it on the host, or in a container with the host's process ids (in a pod: hostPID: true):",
     "docker run --pid=host IMAGE", false, true},
    {"smoke", "", "", "",
     "stapkill watch --prepare -v --keep shows and keeps all that stap said; stapkill explain --log FILE says what it "
     "means",
     ""},
};

bool is_word_of(std::string_view words, std::string_view word) {
  for (auto at = words.find(word); at != std::string_view::npos; at = words.find(word, at + 1)) {
    auto end = at + word.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) return true;
  }
  return false;
}

const Row* find_row(std::string_view need, const Distribution& distribution) {
  auto first = [&](auto fits) {
    const auto* at =
        std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& row) { return row.need == need && fits(row); });
    return at == std::end(kRows) ? nullptr : at;
  };
  const Row* found = first([&](const Row& row) {
    if (!is_word_of(row.ids, distribution.id)) return false;
    bool late = row.from.empty() || compare_versions(distribution.version, row.from) >= 0;
    return late && (row.until.empty() ||
                    (!distribution.version.empty() && compare_versions(distribution.version, row.until) < 0));
  });
  for (const auto& like : distribution.id_like) {
    if (found) break;
    found = first([&](const Row& row) { return is_word_of(row.ids, like) && row.from.empty() && row.until.empty(); });
  }
  return found ? found : first([](const Row& row) { return row.ids.empty(); });
}

/// Values come from files that others may have written, and go into commands that people paste into a root shell:
/// nothing but what names, versions and paths are made of, and never what would be an option.
std::string harmless(std::string value) {
  if (value.starts_with('-')) value[0] = '_';
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+:~/@-";
  for (char& c : value) {
    if (kAllowed.find(c) == std::string_view::npos) c = '_';
  }
  return value;
}

std::string filled(std::string_view pattern, const RemedyWords& words) {
  std::string text;
  while (!pattern.empty()) {
    auto open = pattern.find('{');
    text += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    pattern.remove_prefix(open);
    auto close = pattern.find('}');
    auto at = words.find(pattern.substr(1, close == std::string_view::npos ? 0 : close - 1));
    if (at == words.end()) {
      text += '{';
      pattern.remove_prefix(1);
    } else {
      text += at->second;
      pattern.remove_prefix(close + 1);
    }
  }
  return text;
}

/// For text that is read, not run: blanks stay.
std::string readable(std::string value) {
  std::string safe = harmless(value);
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == ' ') safe[i] = ' ';
  }
  return safe;
}

RemedyWords all_words(const Distribution& distribution, const RemedyWords& given) {
  RemedyWords words = {
      {"machine", "$(uname -m)"},
      {"codename", distribution.codename.empty() ? "$(lsb_release -cs)" : harmless(distribution.codename)},
      {"major", harmless(distribution.version.substr(0, distribution.version.find('.')))}};
  for (const auto& [name, value] : given) words[name] = harmless(value);
  auto release = words.find("release");
  if (release != words.end()) {
    auto dash = release->second.rfind('-');
    words.emplace("base", release->second.substr(0, dash));
    words.emplace("flavour", dash == std::string::npos ? "default" : release->second.substr(dash + 1));
    // Arch: "6.9.1-arch1-1" is of the package linux, "6.6.30-1-lts" of linux-lts.
    bool plain = words["flavour"].find_first_not_of("0123456789") == std::string::npos;
    words.emplace("pkgbase", plain ? "linux" : "linux-" + words["flavour"]);
  }
  return words;
}

}  // namespace

Remedy remedy_for(std::string_view need, const Distribution& distribution, const RemedyWords& words) {
  Remedy remedy;
  const Row* row = find_row(need, distribution);
  if (!row) return remedy;
  auto all = all_words(distribution, words);
  auto read = all;
  for (const auto& [name, value] : words) read[name] = readable(value);
  remedy.text = filled(row->text, read);
  remedy.reboot = row->reboot;
  remedy.by_hand = row->by_hand;
  std::string_view rest = row->commands;
  while (!rest.empty()) {
    auto end = rest.find('\n');
    remedy.commands.push_back(filled(rest.substr(0, end), all));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return remedy;
}

}  // namespace stapkill
