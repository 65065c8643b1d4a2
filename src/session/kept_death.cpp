#include "session/kept_death.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>

#include "model/cgroup_names.h"

namespace stapkill {
namespace {

bool is_by_own(const DeathRecord& record, int own_pid) {
  auto is_own = [own_pid](const ProcessPtr& process) { return process && process->pid == own_pid; };
  return is_own(record.parent) || is_own(record.verdict.killer) ||
         std::any_of(record.ancestry->begin(), record.ancestry->end(), is_own);
}

}  // namespace

bool KeptDeath::is_news() const {
  bool exited = stored.signal == 0;
  bool clean = exited && status == 0 && !asked;
  bool every_day = stored.signal == SIGPIPE || (exited && (!asked || status == 0));
  return !clean && !by_own && (is_main || !every_day);
}

KeptDeath kept_death(const StoredDeath& stored, const DeathRecord& record, int own_pid) {
  KeptDeath death{stored};
  const auto& cgroup = record.process->cgroup;
  death.status = WIFEXITED(record.wait_status) ? WEXITSTATUS(record.wait_status) : 0;
  death.asked = !record.verdict.chain.empty();
  death.system_unit = outermost_unit_of(cgroup);
  death.by_own = is_by_own(record, own_pid);
  death.is_main = cgroup && record.parent && record.parent->cgroup && record.parent->cgroup != cgroup;
  death.of_login = !stored.container && cgroup && is_in_cgroup(*cgroup, "/user.slice");
  return death;
}

}  // namespace stapkill
