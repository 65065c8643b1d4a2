#include "session/blind_spots.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/phrase.h"
#include "host/unwind.h"
#include "session/journal.h"

namespace stapkill {
namespace {

bool has_probe(const Sight& sight, std::string_view words) {
  return std::any_of(sight.probes.begin(), sight.probes.end(),
                     [&](const std::string& probe) { return probe.find(words) != std::string::npos; });
}

struct Row {
  bool (*is_blind)(const Sight&);
  std::string_view words;
};

constexpr Row kRows[] = {
    {[](const Sight& sight) { return !sight.root; }, msgid("it does not run as root: programs, directories and scripts "
                                                           "of other users can be unknown, and containers have no "
                                                           "names")},
    // security/security.c; src/backend/bpf/watch.bpf.c
    {[](const Sight& sight) {
       return sight.backend == "bpf" && !has_probe(sight, "security_unix_stream_connect") &&
              !has_probe(sight, "sys_exit");
     },
     msgid("this kernel lets no program see connections to sockets: which client asked systemd or docker is unknown")},
    {[](const Sight& sight) { return !sight.logins; },
     msgid("this kernel keeps no logins (no CONFIG_AUDIT): which person logged in is unknown")},
    {[](const Sight& sight) { return !sight.journal; },
     msgid("there is no journalctl: the reasons that systemd and the kubelet write down are unknown")},
    {[](const Sight& sight) { return !sight.stacks; },
     msgid("this build lacks libdw: the calls of a program that faults are unknown")},
};

}  // namespace

Sight sight_here(std::string backend, std::vector<std::string> probes) {
  return {std::move(backend),
          std::move(probes),
          ::geteuid() == 0,
          ::access("/proc/self/loginuid", F_OK) == 0,
          !Journal::installed().empty(),
          can_unwind()};
}

std::vector<std::string> blind_spots(const Sight& sight) {
  std::vector<std::string> lines;
  for (const auto& row : kRows) {
    if (row.is_blind(sight)) lines.emplace_back(tr_from(row.words));
  }
  return lines;
}

}  // namespace stapkill
