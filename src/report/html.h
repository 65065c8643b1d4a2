#pragma once

#include <string>

#include "report/digest.h"

namespace stapkill {

/// A whole session as one page of HTML that needs nothing else: no network, no file. It can be read without JavaScript,
/// which adds zoom, pan and copy. At most kMostHtml bytes.
std::string html_report(const Digest& digest);

inline constexpr std::size_t kMostHtml = 300 << 10;

}  // namespace stapkill
