#include "cli/why/living.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "base/text.h"
#include "cli/times.h"
#include "cli/why/query.h"
#include "host/pods.h"
#include "host/procfs.h"
#include "host/stored_names.h"
#include "model/cgroup_names.h"
#include "model/containers.h"
#include "sys/clock.h"
#include "verdict/process_words.h"

namespace stapkill {
namespace {

/// Names of containers and pods, each looked up once.
class Names {
 public:
  explicit Names(std::string root) : node_{std::move(root), {}} {}

  std::optional<std::string> container(const std::string& id) {
    if (!stored_) stored_ = stored_names(node_.root);
    auto at = std::find_if(stored_->begin(), stored_->end(), [&](const StoredName& one) { return one.id == id; });
    return at == stored_->end() || at->name.empty() ? std::nullopt : std::optional(at->name);
  }
  std::optional<std::string> pod(const std::string& uid) {
    auto at = pods_.find(uid);
    if (at == pods_.end()) at = pods_.emplace(uid, pod_name_of(node_, uid)).first;
    return at->second;
  }

 private:
  Node node_;
  std::optional<std::vector<StoredName>> stored_;
  std::map<std::string, std::optional<std::string>> pods_;
};

Place place_of(const Process& process, Names& names) {
  Place place{process.comm, process.exe, unit_of(process.cgroup), {}, {}, {}};
  if (auto container = container_of(process.cgroup)) {
    place.container = container->id;
    place.name = names.container(container->id);
    if (!container->pod_uid.empty()) place.pod = names.pod(container->pod_uid);
  }
  return place;
}

bool fits(const DeathQuery& query, const Process& process) {
  if (query.pid && *query.pid != process.pid) return false;
  if (query.comm && *query.comm != process.comm) return false;
  if (query.uid && query.uid != process.uid) return false;
  if (!query.cmdline) return true;
  return process.argv && shell_words(*process.argv).find(*query.cmdline) != std::string::npos;
}

/// A process and those that started it.
std::set<int> with_ancestors(int pid, const std::string& proc) {
  std::set<int> pids;
  while (pid > 0 && pids.insert(pid).second) {
    auto entry = read_process(pid, proc);
    pid = entry ? entry->parent : 0;
  }
  return pids;
}

}  // namespace

LivingHost this_host() {
  return {"", wall_of_boot(0), ::getpid()};
}

std::optional<Living> find_living(const DeathQuery& query, const LivingHost& host) {
  if (!names_something(query)) return std::nullopt;
  auto proc = host.root + "/proc";
  std::set<int> left_out = query.cmdline ? with_ancestors(host.own_pid, proc) : std::set<int>{host.own_pid};
  Names names(host.root);
  std::optional<Living> found;
  auto take = [&](const ProcEntry& entry) {
    if (entry.kernel_thread || entry.ending || left_out.count(entry.process.pid)) return;
    if (!fits(query, entry.process)) return;
    auto place = place_of(entry.process, names);
    if (!fits(query, place)) return;
    auto others = found ? found->others + 1 : 0;
    if (!found || entry.process.start < found->process.start) found = Living{entry.process, std::move(place), 0};
    found->others = others;
  };
  if (query.pid) {
    auto entry = read_process(*query.pid, proc);
    if (entry && entry->process.pid == *query.pid) take(*entry);  // a thread's id is no process's
  } else {
    for_each_process(take, proc);
  }
  if (found) found->process.started = time_of_start(found->process.start, host.booted);
  return found;
}

Phrase living_text(const Living& living) {
  return phrase("{} is alive since {}{}", name_and_pid(living.process), date_and_time(living.process.started),
                living.others ? phrase(", and {} more like it", living.others) : Phrase());
}

}  // namespace stapkill
