#pragma once

#include <string>
#include <vector>

namespace stapkill {

/// A container as its manager keeps it on disk.
struct StoredName {
  std::string runtime;  ///< "docker"; empty where the file does not say which
  std::string id, name;
  std::string pod_uid;       ///< empty: none, or not known
  std::int64_t attempt = 0;  ///< how many starts came before, where the kubelet counts them
};

/// The names of containers in the files of docker (config.v2.json), podman and CRI-O (containers.json), nerdctl, and
/// the kubelet
/// (/var/log/containers), below `root`. Only root can read most of them; what cannot be read is left out. Bounded in
/// files and bytes.
std::vector<StoredName> stored_names(const std::string& root);

}  // namespace stapkill
