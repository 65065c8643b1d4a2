#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "script/template.h"

namespace stapkill {

/// Where a user's own templates lie, the first to be looked at first: those given, then
/// $XDG_DATA_HOME/stapkill/templates (~/.local/share/… without it) where that exists.
std::vector<std::filesystem::path> template_directories(const std::vector<std::string>& given);

/// A template by name: NAME.stp of the first directory that has it, else the embedded one. A user's file is run as
/// root: the file, its directory and all above must belong to root or to this user and be writable by nobody else; it
/// must be a regular file, no link, of at most kLargestTemplate bytes. Errors name file and line.
Result<Template> find_template(const std::vector<std::filesystem::path>& directories, std::string_view name);
inline constexpr std::size_t kLargestTemplate = 256 << 10;

/// All of them by name, each once, and what is wrong with those that are broken or refused.
struct TemplateList {
  std::vector<Template> found;
  std::vector<Error> broken;
};
TemplateList list_templates(const std::vector<std::filesystem::path>& directories);

}  // namespace stapkill
