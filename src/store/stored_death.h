#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "store/tier.h"

namespace stapkill {

/// A death as the recorder keeps it: what it is looked up by, and its record as JSON (stapkill-stream(5)).
struct StoredDeath {
  Tier tier = Tier::deaths;
  Time time = 0;
  int pid = 0;
  Time start = 0;  ///< of the process
  std::string comm;
  std::optional<std::string> exe, cmdline;
  std::optional<std::int64_t> uid;
  std::optional<std::string> unit;       ///< innermost
  std::optional<std::string> container;  ///< its id
  std::optional<std::string> name;       ///< of the container
  std::optional<std::string> pod;        ///< "NAMESPACE/NAME"
  std::string cause;
  int signal = 0;         ///< 0: it exited
  std::string initiator;  ///< "systemctl(812)"; "": nobody asked
  std::string summary;    ///< the verdict's, as the record has it
  std::string record;  ///< one JSON object; in a history a shorter one (session/verdict_texts.h, session/brief_death.h)
};

/// An interval in which the recorder did not see everything, or did not keep it.
struct BlindInterval {
  enum class Why {
    not_armed,  ///< the recorder was stopped
    crashed,    ///< it ended without saying so
    booted,     ///< the machine was rebooted
    suspended,  ///< the machine slept
    stepped,    ///< the clock was set
    lost,       ///< events were lost
    counted,    ///< brief ends were only counted
    dropped     ///< deaths were removed to keep the limit
  };
  Time since = 0, until = 0;
  Why why = Why::not_armed;
  std::uint64_t count = 0;  ///< of what was lost, counted or dropped

  bool operator==(const BlindInterval&) const = default;
};

}  // namespace stapkill
