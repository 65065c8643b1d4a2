#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "script/template.h"

namespace stapkill {

/// The directories of a user's own templates, in the order of the search: the given ones, then
/// $XDG_DATA_HOME/stapkill/templates (default: ~/.local/share/…) if it exists.
std::vector<std::filesystem::path> template_directories(const std::vector<std::string>& given);

/// A template by name: NAME.stp in the first directory that has it, else the embedded one. A user's file runs as root,
/// so the file, its directory and all directories above must belong to root or to this user, and nobody else may write
/// to them; it must be a regular file (no link) of at most kLargestTemplate bytes. Errors name file and line.
Result<Template> find_template(const std::vector<std::filesystem::path>& directories, std::string_view name);
inline constexpr std::size_t kLargestTemplate = 256 << 10;

/// All templates by name, each once, and the errors of those that are broken or refused.
struct TemplateList {
  std::vector<Template> found;
  std::vector<Error> broken;
};
TemplateList list_templates(const std::vector<std::filesystem::path>& directories);

}  // namespace stapkill
