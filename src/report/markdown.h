#pragma once

#include <string>

#include "report/digest.h"

namespace stapkill {

/// A whole session as Markdown, for a ticket and for the summary of a CI job (CommonMark with tables, as GitHub and
/// GitLab show it). Bytes of other processes are only in code spans. Fits one ticket: at most kMostMarkdown bytes.
std::string markdown_report(const Digest& digest);

/// GitHub takes 65,536 characters in an issue's text.
inline constexpr std::size_t kMostMarkdown = 60'000;

}  // namespace stapkill
