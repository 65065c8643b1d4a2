#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"
#include "autopsy/scope.h"

namespace stapkill {

/// Why a file or directory was not read, from an errno.
SourceNote unread_note(std::string_view source, std::string_view path, int error);

/// A note that says what was read, or why it was not all.
SourceNote note_of(std::string_view source, std::string_view path, SourceNote::State state, Phrase detail = {});

/// Keeps a finding whose time, with its doubt, can be in the scope; one without a time is kept.
void keep_in_scope(const Scope& scope, Finding finding, std::vector<Finding>& findings);

/// Leaves one note of those that say "absent", and that only where the source has no other.
void settle_absent(std::vector<SourceNote>& notes);

/// The whole text as a number; `otherwise` for another text.
std::int64_t number_or(std::string_view digits, std::int64_t otherwise);

}  // namespace stapkill
