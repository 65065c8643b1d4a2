#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace stapkill {

/// Whether the "texts" of a verdict (stapkill-stream(5)) say in English what its summary and its evidence say.
bool texts_agree(const nlohmann::ordered_json& verdict);

/// A death's record as a history keeps it: its sentences once. Where "texts" of the verdict agrees, they take the place
/// of the summary and the evidence. Any other text stays as it is.
std::string with_sentences_once(const std::string& record);

/// The record of stapkill-stream(5) that was given to with_sentences_once().
std::string with_all_sentences(const std::string& record);

}  // namespace stapkill
