#pragma once

#include <optional>
#include <string>

#include "autopsy/finding.h"
#include "autopsy/records/core_notes.h"

namespace stapkill {

/// What is known of a core from its name, its extended attributes and its inode, with the numbers of the host's own
/// namespaces.
struct CoreOrigin {
  int pid = 0;  ///< 0: not known
  int signal = 0;
  std::optional<std::int64_t> uid;
  std::string comm, exe, hostname;
  std::optional<std::string> boot_id;
  Time time = 0, doubt = 0;
  std::string place;
};

/// A finding of kind core. What the host's numbers say goes before what the process's own namespaces say; a sender
/// that is only known by its number in another pid namespace is not named.
///
/// Signals of a positive si_code come from the kernel: nobody can send another process one (kernel/signal.c,
/// do_rt_sigqueueinfo), though a process can send itself one that says anything, as crash reporters do to raise the
/// first signal again. The pid of SI_USER and SI_TKILL is filled in by the kernel; that of SI_QUEUE and the rest is
/// what the sender wrote.
Finding core_finding(const CoreOrigin& origin, const CoreFacts* facts);

}  // namespace stapkill
