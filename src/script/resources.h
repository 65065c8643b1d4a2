#pragma once

#include <span>
#include <string_view>

namespace stapkill {

/// A file of templates/ or tapsets/, embedded when stapkill was built.
struct Resource {
  std::string_view path;  ///< "templates/watch.stp"
  std::string_view text;
};

/// All of them, ordered by path.
std::span<const Resource> resources();

/// The text of one; empty when there is none of that path.
std::string_view resource(std::string_view path);

}  // namespace stapkill
