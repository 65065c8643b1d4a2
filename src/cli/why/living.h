#pragma once

#include <optional>
#include <string>

#include "base/phrase.h"
#include "cli/why/place.h"
#include "model/process.h"

namespace stapkill {

/// A process that lives now and fits a query.
struct Living {
  Process process;
  Place place;
  std::size_t others = 0;  ///< how many more fit
};

/// Where living processes are looked up.
struct LivingHost {
  std::string root;  ///< "", or that of a made-up host: its /proc and its runtimes' files are read
  Time booted = 0;   ///< wall time
  int own_pid = 0;   ///< left out; for a command line its ancestors too, which can hold the same words (sudo)
};

/// This machine and this process.
LivingHost this_host();

/// The oldest process that lives, is no thread of the kernel, and fits what a query names; none where it names nothing.
/// Without root it may miss the names of containers.
std::optional<Living> find_living(const DeathQuery& query, const LivingHost& host);

/// "nginx(1300) is alive since 2026-11-30 12:00:00, and 3 more like it".
Phrase living_text(const Living& living);

}  // namespace stapkill
