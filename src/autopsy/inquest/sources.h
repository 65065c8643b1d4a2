#pragma once

#include <span>
#include <string_view>

#include "autopsy/inquest/evidence.h"
#include "autopsy/scope.h"
#include "base/phrase.h"

namespace stapkill {

/// Something that a host keeps, and that can say why a process ended.
struct EvidenceSource {
  std::string_view id;     ///< Finding::source, SourceNote::source
  std::string_view title;  ///< "the kernel's log"
};

std::span<const EvidenceSource> evidence_sources();

/// The title of a source; its id where it has none.
Phrase title_of(std::string_view id);

/// Reads every source of the scope's host, each for a few seconds at most, and brings them together.
Evidence gather(const Scope& scope);

}  // namespace stapkill
