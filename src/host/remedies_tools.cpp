// Remedies: SystemTap itself, and what it compiles with.
#include "host/remedy_rows.h"

namespace stapkill {
namespace {

// Needs that a package fixes, on a host where none can be installed.
constexpr std::string_view kInstalled =
    "systemtap systemtap-runtime systemtap-reinstall systemtap-newer staprun-setuid compiler";

// {install}, {again}, {newer} and {remove} are commands of the package manager (package_manager.cpp), {version} and
// {codename} the distribution's unless a check gives another one; the rest is in kernel_packages.cpp. Confirmed by
// package indexes, repositories and the distributions' manuals in November 2026, except what docs/doctor.md lists as
// not confirmed. A row with a word that is not known on a host does not count there. A text has holes without names,
// for translations, and the names after it.
constexpr RemedyRow kRows[] = {
    {kInstalled,
     {.ids = kImages},
     msgid("a read-only image: no SystemTap and no compiler can be installed; stapkill watch --backend bpf needs "
           "neither"),
     ""},

    {"systemtap",
     {.ids = "sles sled sles_sap"},
     msgid("install SystemTap and a compiler (the compiler is in the Development Tools module; zypper search-packages "
           "systemtap says which has SystemTap):"),
     "{install} systemtap gcc make"},
    {"systemtap",
     {.ids = "steamos"},
     msgid("the system is read-only and a SteamOS update removes what is installed into it; SystemTap is in the AUR; "
           "as a user who may use sudo (or stapkill watch --backend bpf):"),
     "steamos-readonly disable\n"
     "pacman -S --needed base-devel git\n"
     "git clone https://aur.archlinux.org/systemtap.git && cd systemtap && makepkg -si",
     false,
     true},
    {"systemtap",
     {.ids = "nixos"},
     msgid("set programs.systemtap.enable = true; in the system's configuration, then:"),
     "nixos-rebuild switch",
     false,
     true},
    {"systemtap",
     {.ids = "debian", .until = "11"},
     msgid("install SystemTap and a compiler (the packages of Debian 10 and older are at archive.debian.org):"),
     "{install} systemtap gcc make"},
    {"systemtap",
     {.ids = "centos", .until = "7"},
     msgid("install SystemTap and a compiler (CentOS 6 has ended: its packages are in an archive):"),
     "{centos-6-archive}\n{centos-6-install} systemtap gcc make"},
    {"systemtap",
     {.ids = "centos", .from = "7", .until = "8"},
     msgid("install SystemTap and a compiler (CentOS 7 has ended: its repositories are at vault.centos.org):"),
     "{install} systemtap gcc make"},
    {"systemtap",
     {.ids = "centos", .from = "8", .until = "9"},
     msgid("install SystemTap and a compiler (CentOS 8 has ended: its repositories are at vault.centos.org):"),
     "{install} systemtap gcc make"},
    {"systemtap",
     {.managers = "pacman"},
     msgid("SystemTap is in the AUR; as a user who may use sudo:"),
     "pacman -S --needed base-devel git\n"
     "git clone https://aur.archlinux.org/systemtap.git && cd systemtap && makepkg -si",
     false,
     true},
    {"systemtap",
     {.managers = "transactional-update rpm-ostree"},
     msgid("install SystemTap and a compiler; they are there after a reboot:"),
     "{install} systemtap gcc make",
     true},
    {"systemtap", {.managers = "emerge"}, msgid("build SystemTap:"), "{install} dev-debug/systemtap"},
    {"systemtap",
     {.managers = "apk"},
     msgid("this distribution has no known package of SystemTap: use stapkill watch --backend bpf, which needs none, "
           "or build it from source (https://sourceware.org/systemtap/ftp/releases/)"),
     ""},
    {"systemtap", {}, msgid("install SystemTap and a compiler:"), "{install} systemtap gcc make"},
    {"systemtap", {}, msgid("install the package of SystemTap (systemtap), gcc and make"), ""},

    {"systemtap-runtime",
     {.managers = "dnf yum"},
     msgid("install the loader:"),
     "{again} systemtap-runtime || {install} systemtap-runtime"},
    {"systemtap-runtime", {.managers = "apt-get zypper"}, msgid("install the loader:"), "{again} systemtap-runtime"},
    {"systemtap-runtime",
     {.managers = "transactional-update rpm-ostree"},
     msgid("install the loader; it is there after a reboot:"),
     "{install} systemtap-runtime",
     true},
    {"systemtap-runtime", {.managers = "tdnf"}, msgid("install the loader:"), "{install} systemtap-runtime"},
    {"systemtap-runtime", {}, msgid("install the package with staprun (systemtap-runtime, or systemtap) again"), ""},

    {"systemtap-reinstall",
     {.managers = "apt-get"},
     msgid("install all of SystemTap again, in one version:"),
     "{again} systemtap systemtap-common systemtap-runtime"},
    {"systemtap-reinstall",
     {.managers = "dnf yum"},
     msgid("install all of SystemTap again, in one version:"),
     "{again} systemtap systemtap-client systemtap-devel systemtap-runtime"},
    {"systemtap-reinstall",
     {.managers = "zypper tdnf"},
     msgid("install all of SystemTap again, in one version:"),
     "{again} systemtap systemtap-runtime"},
    {"systemtap-reinstall",
     {},
     msgid("install all of SystemTap again, in one version; remove another in /usr/local"),
     ""},

    {"systemtap-newer",
     {.managers = "dnf yum"},
     {msgid("a newer SystemTap, {} or later:"), "version"},
     "{newer} systemtap"},
    {"systemtap-newer",
     {.ids = "opensuse-tumbleweed"},
     {msgid("a newer SystemTap, {} or later:"), "version"},
     "{newer} systemtap"},
    {"systemtap-newer",
     {.managers = "apt-get"},
     {msgid("a newer SystemTap, {} or later; this distribution has none: build it from source "
            "(https://sourceware.org/systemtap/ftp/releases/); to install what that needs:"),
      "version"},
     "apt-get build-dep systemtap"},
    {"systemtap-newer",
     {},
     {msgid("a newer SystemTap, {} or later, from the distribution or built from source "
            "(https://sourceware.org/systemtap/ftp/releases/)"),
      "version"},
     ""},

    {"staprun-setuid",
     {.managers = "zypper transactional-update"},
     msgid("run as root; or add the groups and the setuid bit as other distributions do:"),
     "groupadd -r stapusr; groupadd -r stapdev; chgrp stapusr /usr/bin/staprun && chmod 4110 /usr/bin/staprun"},
    {"staprun-setuid",
     {.managers = "apt-get"},
     msgid("run as root, or install staprun again:"),
     "{again} systemtap-runtime"},
    {"staprun-setuid", {}, msgid("run as root, or install the package with staprun (systemtap-runtime) again"), ""},

    {"compiler", {.managers = "apt-get"}, msgid("install the compiler of the kernel:"), "{install} {compiler} make"},
    {"compiler",
     {.ids = "centos", .until = "7"},
     msgid("install a compiler (CentOS 6 has ended: its packages are in an archive):"),
     "{centos-6-archive}\n{centos-6-install} gcc make"},
    {"compiler",
     {.ids = "steamos"},
     msgid("the system is read-only: first"),
     "steamos-readonly disable\n{install} gcc make",
     false,
     true},
    {"compiler",
     {.managers = "transactional-update rpm-ostree"},
     msgid("install a compiler; it is there after a reboot:"),
     "{install} gcc make",
     true},
    {"compiler", {.managers = "emerge"}, msgid("install a compiler:"), "{install} sys-devel/gcc dev-build/make"},
    {"compiler", {}, msgid("install a compiler:"), "{install} gcc make"},
    {"compiler", {}, {msgid("install make and {}, of the version that built the kernel"), "compiler"}, ""},
};

}  // namespace

std::span<const RemedyRow> tool_remedies() {
  return kRows;
}

}  // namespace stapkill
