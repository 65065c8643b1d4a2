#pragma once

#include <span>
#include <string_view>

#include "autopsy/finding.h"

namespace stapkill {

/// What a kind of finding is for the question who ended a process.
enum class Bearing {
  end,       ///< a process, container or unit ended
  decision,  ///< somebody decided to end it
  detail,    ///< belongs to an end, and shows none itself
  machine,   ///< about the whole machine
  context    ///< who was there
};

/// The words for a kind of finding.
struct KindWords {
  Finding::Kind kind;
  std::string_view name;  ///< in JSON: "oom-kill"
  Bearing bearing;
  std::string_view proves;  ///< completes "this proves that …"
  std::string_view lacks;   ///< what it leaves open; "" for nothing
};

const KindWords& words_of(Finding::Kind kind);
std::span<const KindWords> kind_words();

}  // namespace stapkill
