#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// A container as its manager keeps it on disk.
struct StoredName {
  std::string runtime;  ///< "docker"; empty where the file does not say which
  std::string id, name;
  std::string pod_uid;       ///< empty: none, or not known
  std::int64_t attempt = 0;  ///< how many starts came before, where the kubelet counts them
};

/// A file in /var/log/containers: POD_NAMESPACE_CONTAINER-ID.log (kubernetes 1.28, pkg/kubelet/kuberuntime,
/// legacyLogSymlink); no name has a '_'. The kubelet cuts a name that is too long for a file.
struct ContainerLog {
  std::string pod, name_space, container, id;
};

/// The parts of such a file's name; none where it is no such name, or is cut within the id.
std::optional<ContainerLog> container_log(std::string_view file);

/// The names of containers in the files of docker (config.v2.json), podman and CRI-O (containers.json), nerdctl, and
/// the kubelet
/// (/var/log/containers), below `root`. Only root can read most of them; what cannot be read is left out. Bounded in
/// files and bytes.
std::vector<StoredName> stored_names(const std::string& root);

}  // namespace stapkill
