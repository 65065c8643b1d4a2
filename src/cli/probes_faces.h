#pragma once

#include <optional>
#include <string>

#include "backend/stap/listing.h"
#include "backend/stap/no_match.h"
#include "cli/command.h"
#include "host/remedies.h"

namespace stapkill {

/// What `probes` has found out.
struct ProbesAnswer {
  ProbePattern pattern;
  std::string listed;  ///< the probe point that stap was asked for
  ProbeListing listing;
  std::optional<NoMatch> why;  ///< where nothing matches
  Remedy remedy;               ///< of `why`
};

/// For a person: a table by whose the probes are and by source file; nothing where none matches.
std::string probes_text(const ProbesAnswer& answer, const Appearance& look);
std::string probes_json(const ProbesAnswer& answer);

/// Why nothing matches and what to do, for a person; lines, the first without the command's name.
std::string no_match_text(const ProbesAnswer& answer, bool utf8);

}  // namespace stapkill
