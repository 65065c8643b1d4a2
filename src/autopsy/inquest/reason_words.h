#pragma once

#include <string_view>

#include "autopsy/finding.h"
#include "base/phrase.h"

namespace stapkill {

/// Finding::reason as a text for people: where it is one of ours a message with its values, else bytes. Findings keep
/// their reasons as strings: rules compare them, and files of evidence have them.
Phrase reason_words(std::string_view reason);

/// " (liveness probe failed)"; empty for a finding without a reason.
Phrase reason_in_brackets(const Finding& finding);

}  // namespace stapkill
