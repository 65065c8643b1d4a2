#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/tools.h"

namespace stapkill {

/// A container that a word of the command line means.
struct KnownContainer {
  std::string runtime;        ///< as in Container; empty where neither its cgroup nor a tool shows it
  std::string id;             ///< as in Container, from container_of()
  std::string name;           ///< empty where not known
  std::string pod_uid;        ///< empty: none, or not known
  std::size_t processes = 0;  ///< it has now; 0: it does not run
  /// Problems on the way, for a warning: a tool with a wrong answer.
  std::vector<Phrase> remarks;
};

/// Finds a container by its id, the first digits of it, or its name.
///
/// /proc shows living containers: an id or 12 of its digits are enough, and no tool is asked. Nor is one if the files
/// of docker, podman, CRI-O or the kubelet have the name of a living container. Else the tools of docker, podman,
/// nerdctl, CRI and LXC list all their containers, at the same time; none of them gets the word itself. A living
/// container comes before one that does not run; of a pod's restarted container the last start counts.
///
/// Errors, each with what was tried and what each tool said: "container.unknown", ErrorKind::not_found (with the names
/// that are near; a whole id may still come to life: the caller decides), "container.ambiguous" (lists all that the
/// word fits), ErrorKind::usage for what can be neither an id nor a name.
Result<KnownContainer> find_container(const Node& node, const std::string& word);

/// All containers that live or that a tool names, one for each name: for completion. Takes at most `node.limit`.
std::vector<KnownContainer> known_containers(const Node& node);

}  // namespace stapkill
