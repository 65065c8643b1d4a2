#include "cli/container_targets.h"

#include <algorithm>

#include "host/pods.h"
#include "host/procfs.h"
#include "host/runtime_states.h"
#include "host/runtimes.h"

namespace stapkill {
namespace {

using Warn = std::function<void(const Phrase&)>;

/// A container whose cgroup does not show that it is one, as ctr, runc and crun make them under a name: its processes
/// are those of its cgroup. That must bear its name: another is not the container's own.
bool find_by_state(const Node& node, const std::string& word, TargetOptions& targets, const Warn& warn) {
  std::string name = word.starts_with('/') ? word.substr(1) : word;
  auto state = runtime_state(node.root, name);
  auto entry = state ? read_process(state->pid, node.root + "/proc") : std::nullopt;
  const auto* cgroup = entry && entry->process.cgroup ? &*entry->process.cgroup : nullptr;
  if (!cgroup || cgroup->substr(cgroup->rfind('/') + 1) != name) return false;
  warn(phrase("container {} of {} is watched by its cgroup, {}", name, state->runtime, *cgroup));
  targets.cgroups.push_back(*cgroup);
  return true;
}

Result<void> find_one(const Node& node, const std::string& word, TargetOptions& targets,
                      std::vector<ContainerRecord>& known, const Warn& warn) {
  auto found = find_container(node, word);
  if (!found) {
    if (found.error().kind == ErrorKind::not_found && find_by_state(node, word, targets, warn)) return {};
    bool may_come = found.error().kind == ErrorKind::not_found && (targets.wait || is_container_id(word));
    if (!may_come) return tl::unexpected(found.error());
    warn(is_container_id(word)
             ? phrase("{}; it is watched when it appears", found.error().message)
             : phrase("{}; it is watched when it appears, if its id begins with that or LXC has that name for it",
                      found.error().message));
    targets.container_ids.push_back(word);
    return {};
  }
  for (const auto& remark : found->remarks) warn(remark);
  if (found->processes == 0)
    warn(phrase("container {} ({}) does not run now; it is watched when it starts", word, found->id.substr(0, 12)));
  targets.container_ids.push_back(found->id);
  ContainerRecord record;
  record.container.id = found->id;
  record.container.pod_uid = found->pod_uid;
  record.name = found->name;
  known.push_back(std::move(record));
  return {};
}

/// How the previous container of that name ended.
const PodContainer* last_run(const PodStatus& status, const PodContainer& one) {
  auto at = std::find_if(status.containers.begin(), status.containers.end(), [&](const PodContainer& other) {
    return other.name == one.name && other.id != one.id && other.restart < one.restart && other.exit_code;
  });
  return at == status.containers.end() ? nullptr : &*at;
}

Result<void> find_pod_of(const Node& node, const std::string& word, TargetOptions& targets,
                         std::vector<ContainerRecord>& known, const Warn& warn) {
  auto pod = find_pod(node, word);
  if (!pod) {
    if (pod.error().kind != ErrorKind::not_found || !targets.wait) return tl::unexpected(pod.error());
    warn(phrase("{}; it is watched when it appears", pod.error().message));
    return {};
  }
  targets.pod_uids.insert(targets.pod_uids.end(), pod->uids.begin(), pod->uids.end());
  auto status = pod_status(node, *pod);
  ContainerRecord record;
  record.pod = pod->name_space + '/' + pod->name;
  for (const auto& one : status.containers) {
    record.container.id = one.id;
    record.name = one.name;
    const auto* last = one.exit_code ? &one : last_run(status, one);
    record.what = one.exit_code ? ContainerRecord::What::ended : ContainerRecord::What::present;
    record.last_status = last ? std::optional(static_cast<int>(*last->exit_code)) : std::nullopt;
    record.last_reason = last ? last->reason : "";
    known.push_back(record);
  }
  for (const auto& uid : pod->uids) {  // the pod's name, for containers that the runtime does not name
    record = {};
    record.container.pod_uid = uid;
    record.pod = pod->name_space + '/' + pod->name;
    known.push_back(record);
  }
  if (!status.why.empty())
    warn(phrase("how earlier containers of pod {} ended is unknown: {}", record.pod, status.why));
  return {};
}

}  // namespace

Result<std::vector<ContainerRecord>> find_containers(const Node& node, TargetOptions& targets, const Warn& warn) {
  std::vector<ContainerRecord> known;
  for (const auto& word : targets.containers) {
    TRY(find_one(node, word, targets, known, warn));
  }
  for (const auto& word : targets.pods) {
    TRY(find_pod_of(node, word, targets, known, warn));
  }
  return known;
}

}  // namespace stapkill
