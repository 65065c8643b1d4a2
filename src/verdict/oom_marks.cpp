#include "verdict/oom_marks.h"

namespace stapkill {
namespace {

bool is_below(const std::string& path, const std::string& parent) {
  return path == parent || (path.starts_with(parent) && path[parent.size()] == '/');
}

}  // namespace

bool is_mark_of(const OomMark& mark, const Process& process, const SignalRecord* killed) {
  if (mark.victim) return mark.victim->pid == process.pid && mark.victim->start == process.start;
  return mark.tid == process.pid || (killed && mark.tid == killed->target_tid);
}

bool is_for_some_limit(const OomMark& mark) {
  return mark.seen && mark.seen->in({"mem_cgroup_out_of_memory", "mem_cgroup_oom_synchronize"});
}

bool is_for_limit_of(const OomMark& mark, const std::string& limited) {
  if (!limited.starts_with('/') || !mark.victim || !mark.victim->cgroup) return false;  // its cgroup is not known
  if (!is_below(*mark.victim->cgroup, limited)) return false;
  if (!mark.seen || mark.seen->stack.empty()) return true;
  if (mark.seen->in({"oom_kill_memcg_member"})) return true;  // memory.oom.group: killed with its group, by any limit
  return is_for_some_limit(mark) && (!mark.seen->memory || limited_path(*mark.victim, *mark.seen->memory) == limited);
}

std::string limited_path(const Process& process, const Circumstances::Memory& memory) {
  if (process.cgroup) {
    std::string_view path = *process.cgroup;
    for (int level = 0; level < memory.level && path.size() > 1; ++level) path = path.substr(0, path.rfind('/'));
    if (path.substr(path.rfind('/') + 1) == memory.group) return std::string(path);
  }
  return memory.group;  // it has moved since its cgroup was read
}

}  // namespace stapkill
