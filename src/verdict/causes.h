#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "model/record.h"
#include "verdict/advice.h"

namespace stapkill {

/// The words for a cause (docs/causes.md), in verdicts and in `explain`: messages of the catalogue.
struct CauseText {
  Cause cause;
  std::string_view because;        ///< completes the sentence "the process ended because …"
  std::string_view sender;         ///< who sends the signal
  std::string_view recognised_by;  ///< the evidence that distinguishes it from other causes
  Steps next;                      ///< what to do now
  std::span<const int> signals;    ///< the signals it ends a process with, the usual one first; none for an exit
};

const CauseText& text_of(Cause cause);

/// All of them, in the order of the enum.
std::span<const CauseText> cause_texts();

/// Parses "oom-memcg", in upper or lower case; none when it is no cause.
std::optional<Cause> parse_cause(std::string_view name);

}  // namespace stapkill
