#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace stapkill {

/// Whether the module is signed (scripts/sign-file of the kernel): a signed file ends with a mark.
bool is_signed_module(const std::filesystem::path& file);

/// staprun's first arguments. -R renames the module, so that two can run; not for a signed module, because staprun
/// writes the name into the signed bytes (SystemTap's buildrun.cxx omits it then, too). -T: records are passed on after
/// so many ms at the latest.
std::vector<std::string> staprun_arguments(const std::string& staprun, const std::filesystem::path& module);

}  // namespace stapkill
