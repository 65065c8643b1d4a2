#pragma once

#include <string>
#include <string_view>

#include "base/phrase.h"

namespace re2 {
class RE2;
}

namespace stapkill {

/// Why a pattern did not compile, and at which character (UTF-8, counted from 1). `option` is the option's name without
/// its dashes.
Phrase pattern_error(std::string_view option, const std::string& word, const re2::RE2& pattern);

}  // namespace stapkill
