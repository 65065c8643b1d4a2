#pragma once

#include <string>
#include <string_view>

namespace stapkill {

/// A command line of a log, for a report: its program and first words, at most 12. A word that may be a secret, or that
/// follows an option for one, becomes "[redacted]". The log has no quotes: words are what blanks part.
std::string shown_command(std::string_view command);

}  // namespace stapkill
