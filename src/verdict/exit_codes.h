#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "verdict/advice.h"

namespace stapkill {

/// One meaning that an exit status can have: it depends on who gave it.
struct ExitMeaning {
  int first, last;        ///< the statuses that it is for
  std::string_view who;   ///< whose word this is: "docker run, podman run"
  std::string_view name;  ///< a symbolic name, "EX_USAGE"; "" for none
  std::string_view meaning;
};

/// All that a status from 0 to 255 can mean, the likeliest first; empty for another number.
std::vector<const ExitMeaning*> meanings_of(int status);

/// What a container's exit status means: by the reason that its runtime gives ("OOMKilled"), else the likeliest; ""
/// where there is none.
std::string_view container_meaning(int status, std::string_view reason);

/// The signal n of a status 128+n; none where it can be no signal's.
std::optional<int> signal_in_status(int status);

/// How to tell which of the meanings it is.
const Steps& how_to_tell(int status);

/// What is to be known before that: "" where there is nothing.
std::string_view caution(int status);

}  // namespace stapkill
