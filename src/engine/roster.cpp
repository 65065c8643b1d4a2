#include "engine/roster.h"

#include <sys/wait.h>

#include <algorithm>

namespace stapkill {
namespace {

/// Where systemd runs a service's start and stop commands when the service manages its cgroup itself
/// (systemd.service(5), Delegate=; src/core/service.c).
bool is_of_a_command(const Process& process) {
  return process.cgroup && process.cgroup->ends_with("/.control");
}

}  // namespace

kernel::Task task_of(const ProcessKey& key) {
  kernel::Task task;
  task.pid = key.pid;
  task.start = key.start;
  return task;
}

bool ends_what_is_awaited(const Roster::Watched& watched, int wait_status) {
  return watched.named && (watched.named_directly || watched.was_main || WIFSIGNALED(wait_status));
}

Roster::Watched* Roster::find(const ProcessKey& key) {
  auto at = watched_.find(key);
  return at == watched_.end() ? nullptr : &at->second;
}

bool Roster::has_pid(int pid) const {
  auto at = watched_.lower_bound({pid, 0});
  return at != watched_.end() && at->first.pid == pid;
}

Roster::Watched* Roster::join(const Process& process, bool named, bool from_birth) {
  bool directly = named && targets_.matches_itself(process);
  if (named) targets_.forget_pid(process.pid);
  auto [at, fresh] = watched_.try_emplace(key_of(process));
  if (!fresh) return nullptr;
  at->second.named = named;
  at->second.named_directly = directly;
  at->second.from_birth = from_birth;
  enter_places(process);
  return &at->second;
}

void Roster::look_again(Watched& watched, const Process& process) {
  watched.named_directly = watched.named_directly || targets_.matches_itself(process);
  watched.named = watched.named || targets_.matches(process);
  enter_places(process);
}

bool Roster::is_expected(const Process& process) const {
  auto at = expected_.find(process.pid);
  return at == expected_.end() || at->second == process.start;
}

bool Roster::is_main(const ProcessKey& key) const {
  return std::any_of(mains_.begin(), mains_.end(), [&](const auto& one) { return one.second == key; });
}

void Roster::enter_places(const Process& process) {
  if (is_of_a_command(process)) return;
  for (const auto& place : targets_.places_of(process)) mains_.try_emplace(place, key_of(process));
}

std::optional<ProcessKey> Roster::eldest_of(const std::string& place, const Lineage& lineage) const {
  std::optional<ProcessKey> eldest;
  lineage.for_each_living([&](const Process& process) {
    auto key = key_of(process);
    if (!has(key) || is_of_a_command(process)) return;
    auto places = targets_.places_of(process);
    bool there = std::find(places.begin(), places.end(), place) != places.end();
    if (there && (!eldest || key.start < eldest->start)) eldest = key;
  });
  return eldest;
}

void Roster::leave_places(Watched& watched, const DeathRecord& death, const Lineage& lineage) {
  auto key = key_of(*death.process);
  for (auto at = mains_.begin(); at != mains_.end();) {
    if (at->second != key) {
      ++at;
      continue;
    }
    auto heir = eldest_of(at->first, lineage);
    bool went_on = heir && watched.from_birth && death.wait_status == 0 && death.verdict.chain.empty();
    watched.was_main = watched.was_main || !went_on;
    if (heir) {
      at->second = *heir;
      ++at;
    } else {
      at = mains_.erase(at);
    }
  }
}

}  // namespace stapkill
