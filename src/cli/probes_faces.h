#pragma once

#include <optional>
#include <string>

#include "backend/stap/listing.h"
#include "backend/stap/no_match.h"
#include "cli/command.h"
#include "host/remedies.h"

namespace stapkill {

/// The result of `probes`.
struct ProbesAnswer {
  ProbePattern pattern;
  std::string listed;  ///< the probe point that stap was asked for
  ProbeListing listing;
  std::optional<NoMatch> why;  ///< set when nothing matches
  Remedy remedy;               ///< of `why`
};

/// For the user: a table by group and source file; empty when nothing matches.
std::string probes_text(const ProbesAnswer& answer, const Appearance& look);
std::string probes_json(const ProbesAnswer& answer);

/// Why nothing matches and what to do, for the user; the first line is without the command's name.
std::string no_match_text(const ProbesAnswer& answer, bool utf8);

}  // namespace stapkill
