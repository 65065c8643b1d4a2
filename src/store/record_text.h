#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace stapkill {

/// Takes the processes out of a record's JSON: each is replaced by the number that `number_of` gives for its own JSON.
/// A record names the same parents again and again, and a store has each once. A text that is no JSON stays.
std::string without_processes(const std::string& record,
                              const std::function<std::int64_t(const std::string&)>& number_of);

/// The record as it was; `process_of` gives the JSON of a number, "" for one that is not known.
std::string with_processes(const std::string& record, const std::function<std::string(std::int64_t)>& process_of);

/// The verdict's summary in a record; "": it has none.
std::string summary_in(const std::string& record);

}  // namespace stapkill
