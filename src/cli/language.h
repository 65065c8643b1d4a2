#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stapkill {

/// The language of texts for people, as speak() takes it: "en", or one of this build's. `asked`: the word of --lang, or
/// "" for the locale: LC_ALL, LC_MESSAGES or LANG, and before it LANGUAGE where that locale is not C (gettext's
/// manual, "Locale Environment Variables"). A locale without UTF-8 is English: its terminal cannot show the rest.
/// A word that names no language of this build is a usage error.
Result<std::string> language_for(std::string_view asked);

/// The word of --lang on a command line; "" where it has none. Before the line is parsed: its errors are texts, too.
std::string language_word(const std::vector<std::string>& words);

}  // namespace stapkill
