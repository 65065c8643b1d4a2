#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/phrase.h"

namespace stapkill {

/// Appends a text as TEXT of stapkill-stream(5): a string where it is the same in every language, else an array of
/// strings and of messages with their values.
void append_phrase(std::string& out, const Phrase& phrase);

/// The text of a TEXT; empty where it is none. Values nest eight deep at most.
Phrase phrase_in(const nlohmann::json& json);

/// The text that TEXT `json` holds, if its English is `english`; else `english` itself: what people read in another
/// language is what the stream says.
Phrase phrase_in(const nlohmann::json& json, const std::string& english);

}  // namespace stapkill
