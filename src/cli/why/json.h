#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/why/host_answer.h"
#include "cli/why/living.h"
#include "store/stored_death.h"

namespace stapkill {

/// What why knows, as data.
struct WhyAnswer {
  std::vector<StoredDeath> deaths;  ///< the latest first; each record is JSON
  std::vector<BlindInterval> blind;
  std::optional<std::pair<Time, Time>> covered;
  std::optional<Living> living;
  const HostAnswer* host = nullptr;  ///< null: the host was not asked
};

/// One document: the JSON of stapkill-why(1), with its newline.
std::string why_json(const WhyAnswer& answer);

}  // namespace stapkill
