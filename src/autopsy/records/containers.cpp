#include "autopsy/records/cri_state.h"
#include "autopsy/records/crio_state.h"
#include "autopsy/records/docker_state.h"
#include "autopsy/records/podman_state.h"
#include "autopsy/records/pods.h"
#include "autopsy/records/read_records.h"

namespace stapkill {

Reading read_containers(const Scope& scope) {
  Reading reading;
  for (auto* read : {read_docker, read_containerd, read_crio, read_podman, read_pod_logs}) read(scope, reading);
  return reading;
}

}  // namespace stapkill
