#include "base/system_paths.h"

#include <algorithm>

namespace stapkill {

bool in_system_directory(std::string_view path) {
  constexpr std::string_view kPlaces[] = {"/usr/bin/", "/usr/sbin/", "/usr/lib", "/bin/", "/sbin/",
                                          "/lib",      "/opt/",      "/snap/",   "/nix/"};
  return std::any_of(std::begin(kPlaces), std::end(kPlaces), [&](auto place) { return path.starts_with(place); });
}

bool in_local_system(std::string_view path) {
  constexpr std::string_view kPlaces[] = {"/usr/", "/bin/", "/sbin/", "/lib"};
  return std::any_of(std::begin(kPlaces), std::end(kPlaces), [&](auto place) { return path.starts_with(place); });
}

}  // namespace stapkill
