#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.h"

namespace stapkill {

/// Full versions of the judged kernel and its packages, from the kernel itself and the package facts; "" where not
/// known. Builds of one release have the same uname -r: on Debian 6.1.0-56-amd64 is 6.1.192-1 or 6.1.192-2.
struct Builds {
  std::string running, image, headers, debuginfo;
};
Builds builds_of(const Host& host);

/// Packages of headers (kernel-devel) of other kernels. Without those of newer installed kernels, which wait for a
/// reboot.
Fact<std::vector<Package>> other_headers(const Host& host);

/// The judged kernel's packages in the package database, "linux-headers-6.1.0-56-amd64 6.1.192-2"; "" where none is
/// installed.
struct KernelInstalled {
  std::string image, headers, debuginfo;
};
KernelInstalled kernel_installed(const Host& host);

/// One of these packages in a captured host's database: "systemtap 4.8-2"; "" where none is installed, and on a live
/// host, where a missing file is really missing.
std::string captured_package(const Host& host, std::span<const std::string_view> names);

/// A package's name for its manager: "kernel-devel-3.10.0-327.el7.x86_64", "linux-headers-6.1.0-52-amd64".
std::string whole_name(const Host& host, const Package& package);

/// " 'a' 'b'": the whole names, to end a command.
std::string words_for_shell(const std::vector<Package>& packages, const Host& host);

/// Path of the judged kernel's vmlinux with debuginfo, "" for none; adds each place to the evidence.
std::string find_vmlinux(const Host& host, std::vector<Observation>& evidence);

}  // namespace stapkill
