#pragma once

#include <span>
#include <string_view>

#include "base/phrase.h"
#include "host/distribution.h"

namespace stapkill {

/// Where a row of a table counts; an empty field sets no limit.
struct Where {
  std::string_view ids = {};  ///< of os-release in lower case, blank-separated; none: in any distribution
  std::string_view
      from = {},
      until = {};  ///< versions from `from` on, below `until`; of the distribution itself, never of a derived one
  std::string_view kernel = {};    ///< patterns (glob(7)) of the kernel's release, blank-separated
  std::string_view managers = {};  ///< package managers, blank-separated
};

/// A remedy's words: a message, and the names of the values of its holes, in their order.
struct RemedyText {
  std::string_view message;  ///< by msgid()
  std::string_view values;   ///< blank-separated, of RemedyWords
  // Implicit: most texts have no values. NOLINTNEXTLINE(google-explicit-constructor)
  constexpr RemedyText(std::string_view of_message, std::string_view of_values = {})
      : message(of_message), values(of_values) {}
};

/// A row of the tables of remedies.
struct RemedyRow {
  std::string_view needs;  ///< blank-separated
  Where where;
  RemedyText text;
  std::string_view commands;  ///< a line each
  bool reboot = false;
  bool by_hand = false;
};

/// Packages of a kernel: their names, or all arguments for the package manager. "a|b": one of them has it.
struct KernelPackages {
  Where where;
  std::string_view headers, debuginfo;  ///< "" where there is none, or none is known
};

/// By need: SystemTap and the compiler; the kernel's own packages; what leaves evidence of a death; all others.
std::span<const RemedyRow> tool_remedies();
std::span<const RemedyRow> kernel_remedies();
std::span<const RemedyRow> host_remedies();
std::span<const RemedyRow> evidence_remedies();
std::span<const KernelPackages> kernel_packages();

/// A package manager's commands, as words of a shell.
struct PackageManager {
  std::string_view name, install, again, newer, remove;
};

/// nullptr when it is not known.
const PackageManager* find_manager(std::string_view name);

/// The package manager of a distribution: the one found on the host (Distribution::manager), else its usual one, or
/// that of one it derives from.
std::string_view manager_of(const Distribution& distribution);

/// The usual one if the host has it, else the first one it has; the usual one if none is found.
std::string manager_of_host(Facts& facts, const Distribution& distribution);

// Kernels without headers in any distribution's packages.
inline constexpr std::string_view kForeignKernels = "*-microsoft-* *-Microsoft *-linuxkit* *-orbstack-*";

// Kernels of Red Hat and its relatives: for real time, and with checks for debugging.
inline constexpr std::string_view kRealTime = "*.rt*.el* *.el*+rt";
inline constexpr std::string_view kDebugging = "*+debug *.x86_64.debug";

// Kernels from archives of their own, for Debian and Ubuntu, with headers and without known debuginfo: Pop!_OS's,
// Liquorix, XanMod, MX's.
inline constexpr std::string_view kWithoutDebuginfo = "*-76[0-9]*-generic *-liquorix-* *-xanmod* *mx-amd64";

// Releases that no kernel of a distribution has (glob(7) with !(…), fnmatch(3)): a user built those. Debian: the
// flavours of its linux source package (debian/config), those of the Raspberry Pi and of Proxmox. Ubuntu:
// VERSION-ABI-FLAVOUR.
inline constexpr std::string_view kBuiltOnDebian =
    "!(*-amd64|*-arm64|*-arm64-16k|*-686|*-686-pae|*-armmp|*-armmp-lpae|*-marvell|*-rpi*|*-v[678]*+|*-pve|"
    "*-s390x|*-powerpc64le*|*-riscv64|*-loong64|*-loongson-3|*-octeon|*-*kc-malta|*-mips*r*el)";
inline constexpr std::string_view kBuiltOnUbuntu = "!([0-9]*.[0-9]*-[0-9]*-[a-z]*)";
inline constexpr std::string_view kElIds = "rhel centos almalinux rocky ol fedora";
inline constexpr std::string_view kBuiltOnEl = "!(*.el[0-9]*|*.fc[0-9]*)";

// Hosts that are one read-only image and run only containers.
inline constexpr std::string_view kImages = "flatcar coreos bottlerocket cos talos rhcos ubuntu-core";

/// Whether `word` is one of the blank-separated words.
bool is_word_of(std::string_view words, std::string_view word);

/// "OpenEuler" to "openeuler".
std::string lower_case(std::string_view text);

}  // namespace stapkill
