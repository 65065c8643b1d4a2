#pragma once

#include <map>
#include <string>

#include "autopsy/finding.h"
#include "autopsy/scope.h"

namespace stapkill {

/// Names of pods' containers by their id, from the links in /var/log/containers and the directories in /var/log/pods.
/// Where two pods of one name left directories, the uid is unknown.
struct KubeName {
  std::string container_name, pod, pod_uid;
};
using KubeNames = std::map<std::string, KubeName>;
KubeNames kube_names(const Scope& scope);

/// Completes the names of a container of which only the id is known.
void add_names(const KubeNames& names, Party& party);

/// When each start of each pod's container wrote its last line: a `note` each, without what it wrote, which can hold
/// secrets. From /var/log/pods/NAMESPACE_NAME_UID/CONTAINER/N.log.
void read_pod_logs(const Scope& scope, Reading& reading);

/// The time of the last whole line of a container's log, from its end; 0 where it has none. CRI's form (kubernetes,
/// pkg/kubelet/kuberuntime/logs: "TIME stdout F …") and docker's json-file ("time":"…").
Time last_line_time(std::string_view end_of_log);

}  // namespace stapkill
