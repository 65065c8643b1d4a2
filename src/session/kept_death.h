#pragma once

#include <functional>
#include <optional>
#include <string>

#include "model/record.h"
#include "store/stored_death.h"

namespace stapkill {

/// A death that the recorder has just kept, for those who pass it on. Its texts are without secrets.
struct KeptDeath {
  const StoredDeath& stored;
  int status = 0;         ///< exit status; 0 where a signal ended it
  bool asked = false;     ///< a process, or a limit that somebody set, began it: the verdict has a chain
  bool by_own = false;    ///< it is a child of the recorder, or something that the recorder started brought it about
  bool is_main = false;   ///< its parent is in another cgroup: the first process of a unit or a container
  bool of_login = false;  ///< it belongs to a person's login or to a user's own systemd (below user.slice)
  /// The unit of the machine's own systemd: a container's or a user's own systemd has units below it.
  std::optional<std::string> system_unit;

  /// Whether others hear of it: it was not clean (status 0 that nobody asked for), nor the recorder's own doing. Ends
  /// that helpers and workers have every day count only for the first process of a unit or container: SIGPIPE, a status
  /// that nobody asked for, status 0 at a request.
  bool is_news() const;
};

using OnKeptDeath = std::function<void(const KeptDeath&)>;

/// What is to be known of a death beside what is stored. `own_pid`: the recorder's.
KeptDeath kept_death(const StoredDeath& stored, const DeathRecord& record, int own_pid);

}  // namespace stapkill
