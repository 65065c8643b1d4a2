#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace stapkill {

/// Whether somebody has signed that module (scripts/sign-file of the kernel): the signature is what the file ends with.
bool is_signed_module(const std::filesystem::path& file);

/// What staprun is told first. -R: a name of its own, so that two can run; but not of a module that is signed: staprun
/// writes the name into what was signed (buildrun.cxx of SystemTap leaves it out then, too). -T: ms after which records
/// are passed on at the latest.
std::vector<std::string> staprun_arguments(const std::string& staprun, const std::filesystem::path& module);

}  // namespace stapkill
