#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.h"

namespace stapkill {

/// Full versions of what belongs to the judged kernel, by its own words and by the package facts; "" where not known.
/// Two builds of one release have the same uname -r: on Debian 6.1.0-56-amd64 is 6.1.192-1 or 6.1.192-2.
struct Builds {
  std::string running, image, headers, debuginfo;
};
Builds builds_of(const Host& host);

/// The packages of headers (kernel-devel) of other kernels than the judged one and those installed that are newer: they
/// wait for a reboot.
Fact<std::vector<Package>> other_headers(const Host& host);

/// What the package database says of the judged kernel's own packages, "linux-headers-6.1.0-56-amd64 6.1.192-2"; ""
/// where none is installed, or none of them could be.
struct KernelInstalled {
  std::string image, headers, debuginfo;
};
KernelInstalled kernel_installed(const Host& host);

/// Of a captured host whose package database has one of these packages: "systemtap 4.8-2"; "" on a live host, where
/// what is not there is missing, and where none is installed.
std::string captured_package(const Host& host, std::span<const std::string_view> names);

/// A package as its manager wants it named: "kernel-devel-3.10.0-327.el7.x86_64", "linux-headers-6.1.0-52-amd64".
std::string whole_name(const Host& host, const Package& package);

/// " 'a' 'b'": the whole names, for the end of a command.
std::string words_for_shell(const std::vector<Package>& packages, const Host& host);

/// Where a vmlinux of the judged kernel with debuginfo is, "" when nowhere; each place that was looked at becomes
/// evidence.
std::string find_vmlinux(const Host& host, std::vector<Evidence>& evidence);

}  // namespace stapkill
