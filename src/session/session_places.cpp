// Session's part about the units and cgroups that were asked for: which process each of them lives for.
#include <sys/wait.h>

#include <algorithm>
#include <string_view>

#include "session/session.h"

namespace stapkill {
namespace {

/// Where systemd runs a service's start and stop commands when the service manages its cgroup itself
/// (systemd.service(5), Delegate=; src/core/service.c).
bool is_of_a_command(const Process& process) {
  return process.cgroup && process.cgroup->ends_with("/.control");
}

}  // namespace

void Session::enter_places(const ProcessPtr& process) {
  if (is_of_a_command(*process)) return;
  for (const auto& place : targets_.places_of(*process)) mains_.try_emplace(place, Key{process->pid, process->start});
}

/// The eldest of those that are watched there.
std::optional<Session::Key> Session::eldest_of(const std::string& place) const {
  std::optional<Key> eldest;
  lineage_.for_each_living([&](const Process& process) {
    Key key{process.pid, process.start};
    if (!watched_.count(key) || is_of_a_command(process)) return;
    auto places = targets_.places_of(process);
    bool there = std::find(places.begin(), places.end(), place) != places.end();
    if (there && (!eldest || key.second < eldest->second)) eldest = key;
  });
  return eldest;
}

/// A service that forks into the background lives on in its child: what it began with exits with 0 and leaves others.
void Session::leave_places(Watched& watched, const DeathRecord& death) {
  Key key{death.process->pid, death.process->start};
  for (auto at = mains_.begin(); at != mains_.end();) {
    if (at->second != key) {
      ++at;
      continue;
    }
    auto heir = eldest_of(at->first);
    bool went_on = heir && watched.from_birth && death.wait_status == 0 && death.verdict.chain.empty();
    watched.main = watched.main || !went_on;
    if (heir) {
      at->second = *heir;
      ++at;
    } else {
      at = mains_.erase(at);
    }
  }
}

}  // namespace stapkill
