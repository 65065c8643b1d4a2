// Remedies: the packages of a kernel, and other kernels.
#include "host/remedy_rows.h"

namespace stapkill {
namespace {

// Needs that a kernel's packages fix.
constexpr std::string_view kPackages = "headers headers-again debuginfo debuginfo-match symbols image config";

constexpr RemedyText kPlain = msgid("install the headers of the running kernel:");
constexpr RemedyText kOrUpdate = msgid(
    "install the headers of the running kernel; where the repositories no longer have them, update the kernel and "
    "reboot:");

constexpr RemedyText kNewestOnly = msgid(
    "the repository has only the headers of its newest kernel: update both, and reboot if that installed another "
    "kernel:");

constexpr RemedyText kHeadersOfBuilt = {
    msgid(
        "kernel {0} is not from this distribution, which has no headers for it: make /lib/modules/{0}/build a link to "
        "its build tree; or use stapkill watch --backend bpf, which needs none; or boot a kernel of the distribution"),
    "release"};
constexpr RemedyText kDebuginfoOfBuilt = {
    msgid("kernel {} is not from this distribution: its vmlinux, System.map and .config are in its build tree"),
    "release"};

// kernel_packages.cpp has {headers}, {debuginfo} and what they are made of; remedies_tools.cpp says the rest.
constexpr RemedyRow kRows[] = {
    {kPackages,
     {.ids = kImages},
     msgid("a read-only image: neither headers nor debuginfo of its kernel can be installed; stapkill watch --backend "
           "bpf needs none"),
     ""},
    {kPackages,
     {.kernel = "*-microsoft-*"},
     msgid("no distribution has packages of WSL's kernel: stapkill watch --backend bpf needs none, or build the kernel "
           "from its own sources (https://github.com/microsoft/WSL2-Linux-Kernel, tag linux-msft-wsl-...) with modules "
           "and boot that"),
     ""},
    {kPackages,
     {.kernel = "*-Microsoft"},
     msgid("this is WSL 1, which has no Linux kernel: nothing can trace here, and WSL 2 has one (wsl --set-version)"),
     ""},
    {kPackages,
     {.kernel = "*-orbstack-*"},
     msgid("this is the kernel of OrbStack's machine, and no distribution has packages of it: stapkill watch --backend "
           "bpf needs none"),
     ""},
    {kPackages,
     {.kernel = "*-linuxkit*"},
     msgid("this is LinuxKit's kernel (Docker Desktop's machine), and no distribution has packages of it: stapkill "
           "watch --backend bpf needs none, or take its sources (https://github.com/linuxkit/linuxkit, kernel/)"),
     ""},
    {kPackages,
     {.ids = "nixos"},
     {msgid("NixOS keeps them with its packages: config.boot.kernelPackages.kernel.dev has the headers in "
            "lib/modules/{}/build, and STAPKILL_MODULES=DIR names another /lib/modules; stapkill watch --backend bpf "
            "needs none"),
      "release"},
     ""},
    {kPackages,
     {.managers = "emerge"},
     {msgid("Gentoo's headers are the sources that the kernel was built from: keep them at the target of "
            "/lib/modules/{}/build, configured and built (make modules_prepare alone makes no Module.symvers), with "
            "CONFIG_DEBUG_INFO for debuginfo"),
      "release"},
     ""},

    {"headers",
     {.kernel = "*.elrepo.*"},
     msgid("install the headers of ELRepo's kernel, which is either kernel-lt or kernel-ml; where its repository no "
           "longer has them, update the kernel and reboot:"),
     "{install} {headers}"},
    {"headers",
     {.kernel = "*-neptune*", .managers = "pacman"},
     msgid("the system is read-only, and a SteamOS update removes what is installed into it (stapkill watch --backend "
           "bpf needs no headers):"),
     "steamos-readonly disable\n{install} {headers}",
     false,
     true},
    {"headers", {.kernel = "*-MANJARO"}, kOrUpdate, "pacman -Syu {headers}"},
    {"headers", {.kernel = kWithoutDebuginfo, .managers = "apt-get"}, kOrUpdate, "{install} {headers}"},
    {"headers",
     {.ids = "debian", .until = "11"},
     msgid(
         "install the headers of the running kernel (the packages of Debian 10 and older are at archive.debian.org):"),
     "{install} {headers}"},
    {"headers",
     {.ids = "debian ubuntu"},
     msgid("install the headers of the running kernel; where apt no longer has them, update the kernel and reboot:"),
     "{install} {headers}"},
    {"headers",
     {.ids = "centos", .until = "7"},
     msgid("install the headers of the running kernel (CentOS 6 has ended: its packages are in an archive):"),
     "{centos-6-archive}\n{centos-6-install} {headers}"},
    {"headers",
     {.ids = "centos", .from = "7", .until = "8"},
     msgid("install the headers of the running kernel (CentOS 7 has ended: its repositories are at vault.centos.org):"),
     "{install} {headers}"},
    {"headers",
     {.ids = "centos", .from = "8", .until = "9"},
     msgid("install the headers of the running kernel (CentOS 8 has ended: its repositories are at vault.centos.org):"),
     "{install} {headers}"},
    {"headers",
     {.ids = "arch"},
     msgid("Arch has only the newest kernel: update it together with its headers, and reboot if that installed another "
           "kernel:"),
     "pacman -Syu {headers}"},
    {"headers", {.managers = "pacman"}, kOrUpdate, "pacman -Syu {headers}"},
    {"headers",
     {.managers = "transactional-update rpm-ostree"},
     msgid(
         "install the headers of the running kernel; they are there after a reboot, which must bring the same kernel:"),
     "{install} {headers}",
     true},
    {"headers", {.managers = "zypper"}, kPlain, "{install} {headers}"},
    {"headers", {.managers = "apk"}, kNewestOnly, "{install} --upgrade {headers} linux-{flavour}"},
    {"headers", {.managers = "xbps-install"}, kNewestOnly, "{install} {headers} linux{line}"},
    {"headers", {}, kOrUpdate, "{install} {headers}"},
    {"headers",
     {},
     {msgid("install the package of headers (linux-headers, kernel-devel) of kernel {}, of exactly that build"),
      "release"},
     ""},

    {"headers-again",
     {.managers = "transactional-update rpm-ostree"},
     msgid("install the headers again; they are there after a reboot:"),
     "{again} {headers}",
     true},
    {"headers-again", {}, msgid("install the headers again:"), "{again} {headers}"},
    {"headers-again",
     {},
     {msgid("install the headers of kernel {0} again; /lib/modules/{0}/build must be a link to them"), "release"},
     ""},

    // The check appends the packages' names.
    {"headers-remove", {}, msgid("if you do not boot those kernels:"), "{remove}"},
    {"headers-remove", {}, msgid("if you do not boot those kernels, remove their headers"), ""},

    {"debuginfo",
     {.kernel = "*.elrepo.*"},
     msgid("no package of debuginfo of ELRepo's kernels is known: a script with kernel.function needs another kernel"),
     ""},
    {"debuginfo",
     {.kernel = "*-pve"},
     msgid("no package of debuginfo of Proxmox's kernels is known: a script with kernel.function needs another kernel"),
     ""},
    {"debuginfo debuginfo-match",
     {.kernel = kWithoutDebuginfo, .managers = "apt-get"},
     msgid("no package of debuginfo of this kernel is known: a script with kernel.function needs another kernel"),
     ""},
    {"debuginfo", {.ids = "debian"}, msgid("it takes 6 GB:"), "{install} {debuginfo}"},
    {"debuginfo",
     {.ids = "ubuntu", .until = "18.04"},
     msgid("it takes some GB; its packages are in an archive of their own:"),
     "apt-key adv --keyserver keyserver.ubuntu.com --recv-keys F2EDC64DC5AEE1F6B9C621F0C8CAB6595FDFF622\n"
     "printf 'deb http://ddebs.ubuntu.com %s main restricted universe multiverse\\n' {codename} {codename}-updates "
     "{codename}-proposed > /etc/apt/sources.list.d/ddebs.list\n"
     "apt-get update\n"
     "{install} {debuginfo}"},
    {"debuginfo",
     {.ids = "ubuntu"},
     msgid("it takes some GB; its packages are in an archive of their own (lighter: apt-get install "
           "libdebuginfod-common, which asks debuginfod.ubuntu.com):"),
     "apt-get install ubuntu-dbgsym-keyring\n"
     "printf 'deb http://ddebs.ubuntu.com %s main restricted universe multiverse\\n' {codename} {codename}-updates "
     "{codename}-proposed > /etc/apt/sources.list.d/ddebs.list\n"
     "apt-get update\n"
     "{install} {debuginfo}"},
    {"debuginfo",
     {.ids = "rhel", .from = "6", .until = "8"},
     msgid("it takes some GB; its packages are in a repository of their own:"),
     "subscription-manager repos --enable rhel-{major}-server-debug-rpms\n"
     "{install} {debuginfo}"},
    {"debuginfo",
     {.ids = "rhel", .from = "8", .kernel = "*.rt*.el* *.el*+rt"},
     msgid("it takes some GB; its packages are in a repository of their own:"),
     "subscription-manager repos --enable rhel-{major}-for-{machine}-rt-debug-rpms\n"
     "{install} {debuginfo}"},
    {"debuginfo",
     {.ids = "rhel", .from = "8"},
     msgid("it takes some GB; its packages are in repositories of their own:"),
     "subscription-manager repos --enable rhel-{major}-for-{machine}-baseos-debug-rpms\n"
     "{install} {debuginfo}"},
    {"debuginfo",
     {.ids = "centos", .from = "6", .until = "8"},
     msgid("it takes some GB; its packages are in a repository of their own:"),
     "printf '%s\\n' '[base-debuginfo]' 'name=CentOS-{major} - Debuginfo' "
     "'baseurl=http://debuginfo.centos.org/{major}/$basearch/' "
     "gpgcheck=1 gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-Debug-{major} enabled=0 > "
     "/etc/yum.repos.d/CentOS-Debuginfo.repo\n"
     "yum --disablerepo='*' --enablerepo=base-debuginfo install {debuginfo}"},
    {"debuginfo",
     {.ids = "fedora", .from = "1", .managers = "dnf rpm-ostree"},
     msgid("lighter than the package is debuginfod, https://debuginfod.fedoraproject.org/:"),
     "{install} elfutils-debuginfod-client"},
    {"debuginfo",
     {.ids = "azurelinux mariner", .managers = "tdnf"},
     msgid("it takes some GB; its packages are in a repository of their own:"),
     "tdnf install {id}-repos-debug\n{install} {debuginfo}"},
    {"debuginfo",
     {.managers = "zypper"},
     msgid("it takes some GB; its packages are in repositories of their own:"),
     "zypper --plus-content debug install {debuginfo}"},
    {"debuginfo",
     {.managers = "transactional-update"},
     msgid("it takes some GB, is in repositories of their own, and is there after a reboot:"),
     "{install} {debuginfo}",
     true},
    {"debuginfo",
     {.managers = "xbps-install"},
     msgid("it takes some GB; its packages are in a repository of their own:"),
     "{install} void-repo-debug\n{install} {debuginfo}"},
    {"debuginfo",
     {.managers = "pacman"},
     msgid("there is none for this kernel: a script with kernel.function needs a kernel of your own"),
     ""},
    {"debuginfo",
     {.managers = "apk"},
     msgid("no package of it is known: a script with kernel.function needs a kernel of your own"),
     ""},
    {"debuginfo", {}, msgid("it takes some GB:"), "{install} {debuginfo}"},
    {"debuginfo",
     {},
     {msgid("install the package of debuginfo (kernel-debuginfo, linux-image-...-dbg or -dbgsym) of kernel {}, of "
            "exactly that build"),
      "release"},
     ""},

    {"debuginfo-match",
     {.ids = "debian"},
     {msgid("install the debuginfo of build {}; where apt no longer has it, update the kernel and reboot:"), "build"},
     "{install} linux-image-{release}-dbg={build}"},
    {"debuginfo-match",
     {.ids = "ubuntu"},
     {msgid("install the debuginfo of build {} (from ddebs.ubuntu.com); where apt no longer has it, update the kernel "
            "and reboot:"),
      "build"},
     "{install} linux-image-{release}-dbgsym={build} || {install} linux-image-unsigned-{release}-dbgsym={build}"},
    {"debuginfo-match",
     {},
     {msgid("install the debuginfo of the running build ({}), or update the kernel with its debuginfo and reboot"),
      "build"},
     ""},

    {"symbols",
     {.kernel = "*-pve *-v6+ *-v7+ *-v7l+ *-v8+ *-liquorix-* *-xanmod* *mx-amd64"},
     {msgid("it comes with the kernel or its headers: /boot/System.map-{}"), "release"},
     ""},
    {"symbols",
     {.ids = "debian"},
     msgid("the real one is in the debuginfo package (6 GB), and stap wants it with the headers:"),
     "{install} linux-image-{release}-dbg\nln -s /usr/lib/debug/boot/System.map-{release} "
     "/lib/modules/{release}/build/System.map"},
    {"symbols",
     {.ids = "ubuntu", .until = "18.04"},
     msgid("it comes with the kernel's image:"),
     "{again} linux-image-{release}"},
    {"symbols",
     {.managers = "xbps-install"},
     msgid("it comes with the debuginfo, in a repository of its own:"),
     "{install} void-repo-debug\n{install} linux{line}-dbg"},
    {"symbols",
     {.ids = "ubuntu trisquel"},
     msgid("it comes with the kernel's modules:"),
     "{again} linux-modules-{release}"},
    {"symbols-link", {}, msgid("stap looks for it with the headers:"), "ln -s {map} {build}/System.map"},
    {"symbols", {}, {msgid("it comes with the kernel or its headers: /boot/System.map-{}"), "release"}, ""},

    {"image",
     {.ids = "debian ubuntu"},
     {msgid("update the kernel to the build of the headers, {}, and reboot into it:"), "build"},
     "{install} linux-image-{release}\nsystemctl reboot",
     true},
    {"image", {}, {msgid("update the kernel to the build of the headers, {}, and reboot into it"), "build"}, "", true},
    {"reboot", {}, {msgid("reboot into {}"), "next"}, "systemctl reboot", true, true},
    {"config",
     {},
     {msgid("the package of the kernel brings /boot/config-{}, its headers bring .config"), "release"},
     ""},

    // After the rows of kernels that their release identifies.
    {"headers headers-again", {.ids = "debian", .from = "1", .kernel = kBuiltOnDebian}, kHeadersOfBuilt, ""},
    {"headers headers-again", {.ids = "ubuntu", .from = "1", .kernel = kBuiltOnUbuntu}, kHeadersOfBuilt, ""},
    {"headers headers-again", {.ids = kElIds, .from = "1", .kernel = kBuiltOnEl}, kHeadersOfBuilt, ""},
    {"debuginfo debuginfo-match symbols image config",
     {.ids = "debian", .from = "1", .kernel = kBuiltOnDebian},
     kDebuginfoOfBuilt,
     ""},
    {"debuginfo debuginfo-match symbols image config",
     {.ids = "ubuntu", .from = "1", .kernel = kBuiltOnUbuntu},
     kDebuginfoOfBuilt,
     ""},
    {"debuginfo debuginfo-match symbols image config",
     {.ids = kElIds, .from = "1", .kernel = kBuiltOnEl},
     kDebuginfoOfBuilt,
     ""},

    {"kernel", {.ids = kImages}, msgid("this image has no other kernel: another version of the image may have it"), ""},
    {"kernel",
     {.kernel = kForeignKernels},
     msgid("a kernel of your own, built with it, can be booted in its place"),
     ""},
    {"kernel", {.managers = "emerge"}, msgid("build the kernel with it"), ""},
    {"kernel", {}, msgid("boot a kernel of the distribution: they have it"), ""},

    // Needs of the bpf backend; a distribution's own kernel may lack them.
    {"kernel-bpf",
     {.ids = "amzn", .from = "2", .until = "3"},
     msgid("the bpf backend needs Linux 5.8 or later with CONFIG_DEBUG_INFO_BTF, such as kernel 5.10 of Amazon Linux's "
           "extras (the stap backend needs less):"),
     "amazon-linux-extras install kernel-5.10\nsystemctl reboot",
     true},
    {"kernel-bpf",
     {},
     msgid("the bpf backend needs Linux 5.8 or later, built with CONFIG_DEBUG_INFO_BTF; where the distribution has no "
           "such kernel, a later release of it has one (the stap backend needs less)"),
     ""},
    {"kernel-old",
     {},
     msgid("no backend supports a kernel this old: SystemTap's own scripts may work (stapkill emit), and a later "
           "release of the distribution has what both backends need"),
     ""},
    {"machine",
     {},
     msgid("the programs and probes support only x86_64: on this host stapkill can only judge and explain"),
     ""},
};

}  // namespace

std::span<const RemedyRow> kernel_remedies() {
  return kRows;
}

}  // namespace stapkill
