#pragma once

#include <string>
#include <string_view>

#include "autopsy/inquest/evidence.h"

namespace stapkill {

/// Evidence as lines of JSON (stapkill.evidence/1): a head, each note, each finding; always valid UTF-8.
std::string evidence_lines(const Evidence& evidence, std::string_view version);

/// Whether the first bytes of a file look like it.
bool looks_like_evidence(std::string_view head);

/// Evidence from such lines. A colleague's file is foreign: lines that are damaged are left out, and counted in a note.
Reading read_evidence(std::string_view bytes, const std::string& name);

}  // namespace stapkill
