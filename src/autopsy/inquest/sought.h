#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "autopsy/finding.h"

namespace stapkill {

/// Whose death is looked for; what is not set does not matter. All that is set must fit.
struct Sought {
  std::optional<int> pid;
  std::optional<std::string> comm, exe, cmdline;  ///< comm: at most 15 bytes; cmdline: a part of it
  std::optional<std::int64_t> uid;
  std::optional<std::string> unit;       ///< "nginx" is nginx.service, too
  std::optional<std::string> container;  ///< its id, the beginning of it (4 digits), or its name
  std::optional<std::string> pod;        ///< "NAMESPACE/NAME" or "NAME"
};

/// Whether a party is the one that is looked for.
bool fits(const Sought& sought, const Party& party);

/// Whether two ids of a container can be the same: sources cut them.
bool same_container(const std::string& one, const std::string& other);

/// The unit of a party: its own, else that of its cgroup; "" where it has none.
std::string unit_of(const Party& party);

}  // namespace stapkill
