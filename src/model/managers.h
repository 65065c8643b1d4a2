#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace stapkill {

/// Programs that end processes because somebody asks them to, over a socket.
enum class Manager { systemd, docker, containerd, podman, crio, supervisor, pm2, lxd };

/// A socket at which a manager, or a bus in front of it, takes requests.
struct ManagerSocket {
  std::string_view name;     ///< last component of its path
  Manager manager;           ///< who acts on what is asked there
  bool of_daemon;            ///< the name alone is too common: only where a row of manager_daemons() listens
  std::string_view through;  ///< how a report names it
};
std::span<const ManagerSocket> manager_sockets();

/// A daemon, by its comm, and whether each of its sockets takes requests, also one that is not in the table above.
struct ManagerDaemon {
  std::string_view comm;
  Manager manager;
  bool every_socket;
};
std::span<const ManagerDaemon> manager_daemons();

/// The longest names in these tables, as the kernel's side of a backend keeps them, with a NUL.
inline constexpr std::size_t kSocketNameSize = 32, kDaemonNameSize = 16;

/// A program that is a node's kubelet, or holds one, and the unit whose journal it writes to.
struct KubeletProgram {
  std::string_view comm, unit;
};
std::span<const KubeletProgram> kubelet_programs();

/// The row for a socket's path; null: none.
const ManagerSocket* manager_socket(std::string_view path);

}  // namespace stapkill
