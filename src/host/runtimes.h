#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/tools.h"

namespace stapkill {

/// A container that a word of the command line means.
struct KnownContainer {
  std::string runtime;        ///< as in Container; empty where neither its cgroup nor its runtime's tool says it
  std::string id;             ///< as in Container: what container_of() tells of its processes
  std::string name;           ///< empty where nothing told it
  std::string pod_uid;        ///< empty: none, or not known
  std::size_t processes = 0;  ///< that it has now; 0: it does not run
  /// What was strange on the way, for a warning: a tool whose answer was not one.
  std::vector<std::string> remarks;
};

/// Which container is meant: by an id, the first digits of one, or a name.
///
/// What lives is known from /proc: an id or 12 of its digits are enough, and nobody is asked. Else the tools of docker,
/// podman, nerdctl, CRI and LXC are asked for all that they have, at the same time; the word itself is never handed to
/// any of them. What lives counts more than what does not, of a pod's container that was started again the last counts.
///
/// Errors, each with what was tried and what each tool said: "container.unknown", ErrorKind::not_found (with the names
/// that are near; a whole id may still come to life: the caller decides), "container.ambiguous" (lists all that the
/// word fits), ErrorKind::usage for what can be neither an id nor a name.
Result<KnownContainer> find_container(const Node& node, const std::string& word);

/// All containers that live or that a runtime's tool names, one for each name: for completion. As long as `node.limit`
/// at the most.
std::vector<KnownContainer> known_containers(const Node& node);

}  // namespace stapkill
