// Package names of a kernel's headers and debuginfo.
#include "host/remedy_rows.h"

namespace stapkill {
namespace {

// {release} is uname -r; {plain} the same without a flavour after it ("+rt", "+debug", ".debug"); {base} and {flavour}
// the parts before and after its last dash; {kind} and {kindless} its middle and the rest ("desktop" and
// "6.6.43-1.mga9" of "6.6.43-desktop-1.mga9"); {line} its first two numbers, "6.12", and {digits} without the dot;
// {pkgbase} Arch's name for the kernel's package, {neptune} SteamOS's; {major} the distribution's first number;
// {machine} uname -m. Rows with a kernel come first, then the distribution's, then those of distributions that it
// derives from, then those with only a package manager; of each kind the first that matches. docs/doctor.md says which
// of these are not confirmed.
constexpr KernelPackages kRows[] = {
    // Kernels that their release identifies; these come before the distribution's own.
    {{.kernel = kForeignKernels}, "", ""},
    {{.kernel = "*-pve"}, "proxmox-headers-{release}|pve-headers-{release}", ""},  // the second until Proxmox VE 8
    {{.kernel = "*uek*", .managers = "dnf yum"},
     "kernel-uek-devel-{release}",
     "https://oss.oracle.com/ol{major}/debuginfo/kernel-uek-debuginfo-{release}.rpm "
     "https://oss.oracle.com/ol{major}/debuginfo/kernel-uek-debuginfo-common-{release}.rpm"},
    {{.kernel = "*.elrepo.*", .managers = "dnf yum"},
     "--enablerepo=elrepo-kernel kernel-lt-devel-{release}|--enablerepo=elrepo-kernel kernel-ml-devel-{release}",
     ""},
    // On Red Hat's own a remedy enables the repository first.
    {{.ids = "rhel", .from = "6", .kernel = kRealTime, .managers = "dnf yum"},
     "kernel-rt-devel-{plain}",
     "kernel-rt-debuginfo-{plain}"},
    {{.ids = "rhel", .from = "6", .kernel = kDebugging, .managers = "dnf yum"},
     "kernel-debug-devel-{plain}",
     "kernel-debug-debuginfo-{plain}"},
    {{.kernel = "*.el[78]*.centos.plus.*", .managers = "dnf yum"},
     "--enablerepo=centosplus kernel-plus-devel-{release}",
     ""},
    {{.kernel = kRealTime, .managers = "dnf yum"},
     "kernel-rt-devel-{plain}",
     "--enablerepo='*debug*' kernel-rt-debuginfo-{plain}"},
    {{.kernel = kDebugging, .managers = "dnf yum"},
     "kernel-debug-devel-{plain}",
     "--enablerepo='*debug*' kernel-debug-debuginfo-{plain}"},
    // Their packages are named after the release and a part that it does not have: ".oc8".
    {{.ids = "tencentos tlinux opencloudos", .kernel = "!(*.x86_64|*.aarch64)", .managers = "dnf yum"},
     "'kernel-devel-{release}*'",
     "--enablerepo='*debug*' 'kernel-debuginfo-{release}*'"},
    {{.kernel = "*-*-*.mga[0-9]*", .managers = "dnf"},
     "kernel-{kind}-devel-{kindless}",
     "--enablerepo='*debug*' kernel-{kind}-debuginfo-{kindless}"},
    {{.kernel = "*-*-*omv[0-9]*", .managers = "dnf"}, "kernel-{kind}-devel", ""},
    {{.kernel = "*-*-alt[0-9]*", .managers = "apt-get"}, "kernel-headers-modules-{kind}", ""},
    // Amazon Linux 2023 has kernels after 6.1 in packages with their number; Amazon Linux 2 in repositories with their
    // number.
    {{.ids = "amzn", .from = "2023", .kernel = "[6-9].[0-9][0-9].*"},
     "kernel{line}-devel-{release}",
     "--enablerepo=amazonlinux-debuginfo kernel{line}-debuginfo-{release}"},
    {{.ids = "amzn", .from = "2", .until = "3", .kernel = "5.*"},
     "kernel-devel-{release}",
     "--enablerepo=amzn2extra-kernel-{line}-debuginfo kernel-debuginfo-{release}"},
    // Raspberry Pi's own, until Raspbian 11; its 64-bit system identifies itself as Debian.
    {{.kernel = "*-v6+ *-v7+ *-v7l+ *-v8+", .managers = "apt-get"}, "raspberrypi-kernel-headers", ""},
    {{.kernel = "*.ph[0-9]-*", .managers = "tdnf"}, "linux-{flavour}-devel-{base}", "linux-{flavour}-debuginfo-{base}"},
    {{.kernel = "*.ph[0-9]", .managers = "tdnf"}, "linux-devel-{release}", "linux-debuginfo-{release}"},
    {{.kernel = "*-neptune*", .managers = "pacman"}, "linux-{neptune}-headers", ""},
    {{.kernel = "*-MANJARO", .managers = "pacman"}, "linux{digits}-headers", ""},
    {{.kernel = kWithoutDebuginfo, .managers = "apt-get"}, "linux-headers-{release}", ""},
    // Last: no repository has packages of a kernel that a user built.
    {{.ids = "debian", .from = "1", .kernel = kBuiltOnDebian}, "", ""},
    {{.ids = "ubuntu", .from = "1", .kernel = kBuiltOnUbuntu}, "", ""},
    {{.ids = kElIds, .from = "1", .kernel = kBuiltOnEl}, "", ""},

    {{.managers = "rpm-ostree"}, "kernel-devel-{release}", ""},
    {{.ids = "raspbian", .until = "12"}, "raspberrypi-kernel-headers", ""},
    {{.ids = "debian", .managers = "apt-get"}, "linux-headers-{release}", "linux-image-{release}-dbg"},
    {{.ids = "trisquel", .managers = "apt-get"}, "linux-headers-{release}", ""},
    {{.ids = "ubuntu", .until = "18.04", .managers = "apt-get"},
     "linux-headers-{release}",
     "linux-image-{release}-dbgsym"},
    {{.ids = "ubuntu", .managers = "apt-get"},
     "linux-headers-{release}",
     "linux-image-{release}-dbgsym|linux-image-unsigned-{release}-dbgsym"},
    {{.ids = "amzn", .from = "2022"},
     "kernel-devel-{release}",
     "--enablerepo=amazonlinux-debuginfo kernel-debuginfo-{release}"},
    {{.ids = "amzn", .from = "2", .until = "3"},
     "kernel-devel-{release}",
     "--enablerepo=amzn2-core-debuginfo kernel-debuginfo-{release}"},
    {{.ids = "ol", .from = "7"},
     "kernel-devel-{release}",
     "https://oss.oracle.com/ol{major}/debuginfo/kernel-debuginfo-{release}.rpm "
     "https://oss.oracle.com/ol{major}/debuginfo/kernel-debuginfo-common-{machine}-{release}.rpm"},
    {{.ids = "rhel", .from = "6"},
     "kernel-devel-{release}",
     "kernel-debuginfo-{release} kernel-debuginfo-common-{machine}-{release}"},
    {{.ids = "centos", .until = "8"},
     "kernel-devel-{release}",
     "kernel-debuginfo-{release} kernel-debuginfo-common-{machine}-{release}"},
    {{.ids = "azurelinux mariner"}, "kernel-devel-{release}", "kernel-debuginfo-{release}"},

    {{.managers = "apt-get"}, "linux-headers-{release}", ""},
    // Where there is a kernel-debuginfo-common-ARCH, kernel-debuginfo requires it; not all have one (openEuler).
    {{.managers = "dnf yum tdnf"}, "kernel-devel-{release}", "--enablerepo='*debug*' kernel-debuginfo-{release}"},
    {{.managers = "zypper transactional-update"}, "'kernel-{flavour}-devel = {base}'", "kernel-{flavour}-debuginfo"},
    {{.managers = "pacman"}, "{pkgbase}-headers", ""},
    {{.managers = "apk"}, "linux-{flavour}-dev", ""},
    {{.managers = "xbps-install"}, "linux{line}-headers", "linux{line}-dbg"},
};

}  // namespace

std::span<const KernelPackages> kernel_packages() {
  return kRows;
}

}  // namespace stapkill
