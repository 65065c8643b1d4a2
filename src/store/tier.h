#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace stapkill {

/// What kind of death it is: each has files of its own and its own share of the limit, so that a machine with many
/// short-lived processes does not push out the one death that matters.
enum class Tier {
  deaths,  ///< by a signal, with a status other than 0, or at somebody's wish
  ends,    ///< other ends of main processes of units and containers, and of what lived for a minute
  brief    ///< clean ends of short-lived helpers
};

/// The rules of one tier.
struct TierRules {
  Tier tier;
  std::string_view name;     ///< in names of files
  std::uint64_t share;       ///< of the limit, in sixteenths
  std::uint64_t pieces;      ///< a file takes this part of the share: the oldest goes as a whole
  std::optional<Time> most;  ///< ns after which a new file begins
  std::optional<int> files;  ///< so many at most; none: only the share counts
  bool indexed;              ///< looked up by index; a tier without is small
};

constexpr Time kBriefFile = Time{300} * 1'000'000'000;

inline constexpr std::array<TierRules, 3> kTiers = {{
    {Tier::deaths, "deaths", 14, 32, std::nullopt, std::nullopt, true},
    {Tier::ends, "ends", 1, 8, std::nullopt, std::nullopt, true},
    {Tier::brief, "brief", 1, 4, kBriefFile, 3, false},
}};

constexpr const TierRules& rules_of(Tier tier) {
  return kTiers[static_cast<std::size_t>(tier)];
}

}  // namespace stapkill
