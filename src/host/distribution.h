#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/facts.h"

namespace stapkill {

/// What os-release(5) says of a host.
struct Distribution {
  std::string id = "linux";          ///< "debian"; "linux" when nothing says
  std::vector<std::string> id_like;  ///< distributions that it derives from, nearest first
  std::string version;               ///< VERSION_ID, "" for rolling ones
  std::string codename;              ///< VERSION_CODENAME; for derivatives of Ubuntu, that of Ubuntu
  std::string name;                  ///< PRETTY_NAME
  std::string manager = {};          ///< the host's package manager: "apt-get"; "" when not looked for
};

/// Reads /etc/os-release, else /usr/lib/os-release, else /etc/redhat-release (CentOS 6 and older have nothing else),
/// and looks for the package manager.
Distribution distribution(Facts& facts);

/// The same from the text of an os-release file, with a shell's quotes and backslashes.
Distribution parse_os_release(std::string_view text);

/// Compares versions number by number: 4.9 < 4.10 < 4.10.1 < 5.1~rc1 < 5.1. Below 0, 0, above 0.
int compare_versions(std::string_view left, std::string_view right);

}  // namespace stapkill
