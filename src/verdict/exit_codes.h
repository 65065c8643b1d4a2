#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "verdict/advice.h"

namespace stapkill {

/// One meaning of an exit status: it depends on who set it.
struct ExitMeaning {
  int first, last;           ///< range of statuses
  std::string_view who;      ///< who gives the status this meaning: "docker run, podman run"; can be a message
  std::string_view name;     ///< a symbolic name, "EX_USAGE"; "" for none
  std::string_view meaning;  ///< a message of the catalogue
};

/// All meanings of a status from 0 to 255, the likeliest first; empty for another number.
std::vector<const ExitMeaning*> meanings_of(int status);

/// The meaning of a container's exit status: by its runtime's reason ("OOMKilled"), else the likeliest: a message of
/// the catalogue; "": none.
std::string_view container_meaning(int status, std::string_view reason);

/// The signal n of a status 128+n; none where n is no signal.
std::optional<int> signal_in_status(int status);

/// Steps to find out which of the meanings it is.
const Steps& how_to_tell(int status);

/// What to know before these steps, a message of the catalogue; "" for nothing.
std::string_view caution(int status);

}  // namespace stapkill
