#pragma once

#include <span>
#include <string_view>

namespace stapkill {

/// A file of templates/ or tapsets/, embedded when stapkill was built.
struct Resource {
  std::string_view path;  ///< "templates/watch.stp"
  std::string_view text;
  std::string_view sha256;  ///< of the text, in hex
};

/// All files, ordered by path.
std::span<const Resource> resources();

/// The text of the file at that path; empty when there is none.
std::string_view resource(std::string_view path);

}  // namespace stapkill
