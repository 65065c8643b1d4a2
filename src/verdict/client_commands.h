#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/process.h"

namespace stapkill {

/// What a manager's client asks for by its command line.
struct ClientCommand {
  enum class Ends {
    nothing,     ///< it only looks, or starts something: docker ps
    named,       ///< what its words name: docker stop web
    others,      ///< perhaps others than it names: systemctl start x, where y has Conflicts=x
    everything,  ///< systemctl poweroff, docker compose down
  } ends = Ends::nothing;
  std::vector<std::string> names;  ///< the words after its verb that are no options
};

/// None where the program is no known client, or its arguments are not known.
std::optional<ClientCommand> client_command(const Process& process);

}  // namespace stapkill
