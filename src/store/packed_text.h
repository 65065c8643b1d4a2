#pragma once

#include <string>
#include <string_view>

namespace stapkill {

/// A record's or a process's JSON, deflated with the words that all of them have in common (zlib's preset dictionary).
std::string packed(std::string_view text);

/// The text; "" for what is damaged, or longer than a record can be.
std::string unpacked(std::string_view bytes);

}  // namespace stapkill
