#pragma once

#include <span>
#include <string_view>

#include "host/distribution.h"

namespace stapkill {

/// Where a row of a table counts; what is empty sets no bound.
struct Where {
  std::string_view ids = {};               ///< of os-release in lower case, blank-separated; none: in any distribution
  std::string_view from = {}, until = {};  ///< versions: from this one on, below that one; of that distribution itself,
                                           ///< never of one that takes after it
  std::string_view kernel = {};            ///< patterns (glob(7)) of the kernel's release, blank-separated
  std::string_view managers = {};          ///< package managers, blank-separated
};

/// A row of the tables of remedies.
struct RemedyRow {
  std::string_view needs;  ///< blank-separated
  Where where;
  std::string_view text;
  std::string_view commands;  ///< a line each
  bool reboot = false;
  bool by_hand = false;
};

/// The packages of a kernel: their names, or all that a package manager is given for them. "a|b": one of both has it.
struct KernelPackages {
  Where where;
  std::string_view headers, debuginfo;  ///< "" where there is none, or none is known
};

/// By need: SystemTap and what compiles; the kernel's own packages; all else.
std::span<const RemedyRow> tool_remedies();
std::span<const RemedyRow> kernel_remedies();
std::span<const RemedyRow> host_remedies();
std::span<const KernelPackages> kernel_packages();

/// What a package manager is told, as words of a shell.
struct PackageManager {
  std::string_view name, install, again, newer, remove;
};

/// nullptr for one that is not known.
const PackageManager* find_manager(std::string_view name);

/// The package manager of a distribution: the one that was found there (Distribution::manager), else the usual one of
/// it, or of one that it takes after.
std::string_view manager_of(const Distribution& distribution);

/// The usual one, if the host has it, else the first that it has; the usual one where none is seen.
std::string manager_of_host(Facts& facts, const Distribution& distribution);

// Kernels that no distribution's package manager has headers for.
inline constexpr std::string_view kForeignKernels = "*-microsoft-* *-linuxkit*";

// Releases that a distribution's own kernels do not have (glob(7) with !(…), fnmatch(3)): somebody built those.
// Debian: the flavours of its linux source package (debian/config), those of the Raspberry Pi and of Proxmox. Ubuntu:
// VERSION-ABI-FLAVOUR.
inline constexpr std::string_view kBuiltOnDebian =
    "!(*-amd64|*-arm64|*-arm64-16k|*-686|*-686-pae|*-armmp|*-armmp-lpae|*-marvell|*-rpi*|*-v[678]*+|*-pve|"
    "*-s390x|*-powerpc64le*|*-riscv64|*-loong64|*-loongson-3|*-octeon|*-*kc-malta|*-mips*r*el)";
inline constexpr std::string_view kBuiltOnUbuntu = "!([0-9]*.[0-9]*-[0-9]*-[a-z]*)";
inline constexpr std::string_view kElIds = "rhel centos almalinux rocky ol fedora";
inline constexpr std::string_view kBuiltOnEl = "!(*.el[0-9]*|*.fc[0-9]*)";

// Hosts that are one read-only image, with what runs in containers.
inline constexpr std::string_view kImages = "flatcar coreos bottlerocket cos talos rhcos";

/// Whether one of the blank-separated words is that one.
bool is_word_of(std::string_view words, std::string_view word);

/// "OpenEuler" to "openeuler".
std::string lower_case(std::string_view text);

}  // namespace stapkill
