#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autopsy/inquest/evidence.h"
#include "autopsy/scope.h"
#include "base/result.h"

namespace stapkill {

/// Reads one file that a colleague sent: its kind is recognised by its content. Errors: it cannot be read, or is of no
/// known kind ("why.source").
Result<Reading> read_source_file(const std::string& path, const Scope& scope);

/// What such a file can be: "the kernel's log, saved in a file", …
std::vector<std::string_view> source_file_kinds();

}  // namespace stapkill
