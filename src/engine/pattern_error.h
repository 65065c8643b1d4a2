#pragma once

#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace stapkill {

/// What is wrong with a pattern that did not compile, and at which of its characters (counted from 1, as a person
/// counts them in UTF-8). `option` is what it was given to, without its dashes.
std::string pattern_error(std::string_view option, const std::string& word, const re2::RE2& pattern);

}  // namespace stapkill
