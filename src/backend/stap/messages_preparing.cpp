// Before stap: stap-prep, package managers, and missing programs.
#include "backend/stap/messages.h"
#include "base/phrase.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context, explains
constexpr Message kMessages[] = {
    {"prep.headers", Level::error, R"((Please|Need to) install linux-headers-)",
     msgid(
         "stap-prep found that the headers of the running kernel are not installed; stap cannot compile without them."),
     msgid("install the package that the line names; if it is no longer available, upgrade the kernel and reboot"),
     "kernel.build", "", "stap-prep:103 (3.3: Please), :128 (4.8: Need to)", false, "kernel.build"},
    {"prep.dbgsym-unavailable", Level::error, R"(You need package \S+ but it does not seem)",
     msgid("The kernel's debuginfo is not in apt's repositories: Ubuntu and Debian keep it in a separate one. Only "
           "kernel.function() and module() probes need it."),
     msgid("ignore it for tracepoints and kprobe.function(), and so for stapkill's own probes; else add the repository "
           "and "
           "run apt-get update; Debian's package for kernels is called …-dbg, even if stap-prep names another"),
     "kernel.debuginfo", "", "stap-prep:94 (3.3), :119 (4.8)", false},
    {"prep.dbgsym", Level::error, R"((Please|Need to) install linux-image-\S+-dbg(sym)?)",
     msgid("stap-prep found that the kernel's debuginfo is not installed. Only kernel.function() and module() probes "
           "need "
           "it."),
     msgid(
         "ignore it for tracepoints and kprobe.function(), and so for stapkill's own probes; else install the package"),
     "kernel.debuginfo", "", "stap-prep:103 (3.3), :128 (4.8)", false},
    {"prep.package", Level::error, R"((Please|Need to) install (make|linux-image-\S+))",
     msgid("stap-prep found that a package is not installed. If it is linux-image, the running kernel is no longer one "
           "of "
           "the distribution's packages."),
     msgid("install the package that the line names, or reboot into an installed kernel"), "kernel.build", "",
     "stap-prep:103 (3.3), :128 (4.8)", false},
    {"prep.version", Level::error, R"(Package \S+ version \S+ does not match version)",
     msgid("The package is of another build than the running kernel: there was an update without a reboot."),
     msgid("reboot into the installed kernel, or install that package in the running kernel's version"), "kernel.build",
     "", "stap-prep:106 (3.3), :135 (4.8)", false},
    {"package.key", Level::error,
     R"(NO_PUBKEY [0-9A-F]{8}|EXPKEYSIG [0-9A-F]{8}|couldn't be verified because the public key is not|Public key for \S+ is not installed|GPG key retrieval failed|The repository .{3,200} is not signed)",
     msgid(
         "The package manager does not know the key of that repository, and leaves the repository out. Ubuntu's ddebs "
         "with the debuginfo has a key of its own."),
     msgid("install the key (Ubuntu: ubuntu-dbgsym-keyring; rpm: rpm --import FILE), then refresh the package lists"),
     "kernel.debuginfo", "", "apt 2.6 methods/gpgv.cc; yum 3.4.3 __init__.py; dnf 4", false,
     "package.unavailable package.debuginfo prep.dbgsym-unavailable prep.packages"},
    {"package.fetch", Level::error,
     R"(E: Failed to fetch |The repository .{3,200} (does not have|no longer has) a Release file|HTTP Error 404|Status code: 404 for )",
     msgid("The repository has no such file: the release's name in the source list is wrong, the release was moved to "
           "an "
           "archive, or the package lists are old; or there is no network."),
     msgid("refresh the package lists; if that fails too, correct the source list, or name the archive in it "
           "(old-releases.ubuntu.com, archive.debian.org, vault.centos.org)"),
     "kernel.build", "", "apt 2.6 apt-pkg/acquire-item.cc, apt-get; yum 3.4.3 urlgrabber; dnf 4 librepo", false,
     "package.unavailable package.debuginfo prep.dbgsym-unavailable prep.packages prep.rpm-failed"},
    {"package.conflict", Level::error,
     R"(Transaction (check|test) error|(file|package) \S+ (from|of) .* conflicts with |conflicts between attempted installs of |error: Failed dependencies|packages have unmet dependencies|you have held broken packages|nothing provides \S+.* needed by |Error: Package: kernel-\S+)",
     msgid("The package does not fit those that are installed. Debuginfo and headers belong to one exact version of "
           "the "
           "package that they are for."),
     msgid("install all of them in one version (kernel-debuginfo with kernel-debuginfo-common, -dbgsym with its "
           "program); "
           "remove debuginfo of other versions first"),
     "kernel.debuginfo", "", "rpm 4 lib/rpmprob.c; yum 3.4.3; dnf 4; apt 2.6 apt-private/private-output.cc", false,
     "prep.rpm-failed prep.packages"},
    {"package.mirror", Level::error,
     "Cannot find a valid baseurl for repo: |Could not resolve host: mirrorlist|Failed to download metadata for repo",
     msgid("The distribution's mirrors do not have that release any more (CentOS 6, 7 and 8), or there is no network."),
     msgid("change the repository files to name the distribution's archive (vault) of that release"), "kernel.build",
     "", "yum 3.4.3 yumRepo.py; dnf", false, "package.unavailable package.debuginfo prep.packages prep.rpm"},
    {"package.unavailable", Level::error,
     R"(No package (available:|\S+ avail)|No match for argument: |Unable to find a match: |No package matching '|[Uu]nable to locate package |Couldn't find any package by (glob|regex) |No provider of '\S+' found|target not found: |Package '\S+' not found\.)",
     msgid("The repositories do not have that package: mostly they hold newer kernels than the one that runs, or the "
           "repository with it is not enabled."),
     msgid("upgrade the kernel and reboot, then install the package of that kernel; or take it from the distribution's "
           "archive (vault, snapshot)"),
     "kernel.build", "",
     "yum 3.4.3 cli.py; dnf 4 exceptions; apt 2.6 libapt-private; ansible's yum module; zypper; pacman", false,
     "prep.packages prep.rpm kernel.build.package kernel.build"},
    {"package.debuginfo", Level::error,
     "Could not find debuginfo (for main pkg|pkg for dependency|package for the following)|No debuginfo packages "
     "available to install",
     msgid("The debuginfo repository is not enabled, or has no debuginfo of that build any more."),
     msgid("enable the debuginfo repository; tracepoints and kprobe.function() need no debuginfo"), "kernel.debuginfo",
     "", "yum-utils debuginfo-install.py; dnf-plugins-core debuginfo-install", false},
    {"prep.packages", Level::error, "Need to install the following packages:",
     msgid("stap-prep names the missing packages on the next lines, and tries to install them as root."),
     msgid("see the result below it; only kernel.function() and module() probes need kernel-debuginfo"), "kernel.build",
     "", "stap-prep:30 (1.6), :43 (3.3), :72 (4.8)", false},
    {"prep.rpm", Level::error, R"(\bpackage (kernel|yum-utils|elfutils|systemtap)\S* is not installed)",
     msgid("The package is not installed (rpm says so to stap-prep)."),
     msgid("install it; the version must be the running kernel's (uname -r)"), "kernel.build", "", "rpm -q", false},
    {"prep.rpm-failed", Level::error, R"(problem (installing|downloading) rpm\(s\))",
     msgid("stap-prep could not install the missing packages; yum's or dnf's own lines above say why."),
     msgid("read those lines; on a conflict of files remove the other debuginfo first"), "kernel.build", "",
     "stap-prep:39,41 (1.6), :52 (3.3)", false},
    {"prep.debuginfo-install", Level::error,
     "Need to first install yum-utils|debuginfo-install: (command )?not found|No such command: debuginfo-install",
     msgid("The program that fetches debuginfo is in a package of its own."),
     msgid("install yum-utils (dnf-utils, dnf-plugins-core)"), "kernel.debuginfo", "", "stap-prep:34 (1.6); sh; dnf",
     false},
    {"prep.groups", Level::warning, R"(Be root or adduser \S+ stap\w+)",
     msgid("The user is in none of the groups that may run stap."),
     msgid("run it as root, or join the groups stapusr and stapdev"), "user.privilege", "", "stap-prep:116 (3.3)",
     false},
    {"prep.release", Level::error, "Specifying kernel version is not yet support on deb based systems",
     msgid("stap-prep takes a release only where packages are rpms."), msgid("call it without one"), "", "",
     "stap-prep:59 (3.3)", false},
    {"stap.not-installed", Level::error,
     R"((^|[\s/:'"])stap(-prep)?\W{0,3}: ((command )?not found|No such file or directory)|command not found: stap)",
     msgid("SystemTap is not installed, or not on this user's PATH."), msgid("install the package systemtap"),
     "stap.present", "", "sh, bash, zsh, sudo, env", false},
    {"stap.elfutils", Level::error,
     R"(error while loading shared libraries: lib(dw|elf|ebl|asm|debuginfod)\b|version \W?ELFUTILS_[\d.]+\W? not found)",
     msgid("The elfutils libraries that stap was built with are missing, or older: SystemTap and elfutils come from "
           "different sources."),
     msgid(
         "install elfutils (elfutils-libs, libdw1) in the version that fits this SystemTap; check that LD_LIBRARY_PATH "
         "names no others"),
     "stap.present", "", "ld.so", false},
};

}  // namespace

std::span<const Message> preparing_messages() {
  return kMessages;
}

}  // namespace stapkill
