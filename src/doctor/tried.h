#pragma once

#include <string>
#include <string_view>

#include "base/phrase.h"

namespace stapkill {

/// "6.12" of "6.12.107+deb13-amd64": kernels are compared by it.
std::string line_of_kernel(std::string_view release);

/// "5.10 (Debian 11), 6.1 (Debian 12), …": the kernels on which the probes were loaded and saw signals and deaths.
Phrase tried_kernels();

/// Whether a backend's probes were loaded on a kernel of that line.
bool is_tried_with_stap(std::string_view release);
bool is_tried_with_bpf(std::string_view release);

/// Whether that SystemTap's module was loaded on a kernel of that line.
bool is_tried_pair(std::string_view systemtap, std::string_view release);

/// The newest kernel that was tried.
std::string_view newest_tried_kernel();

}  // namespace stapkill
