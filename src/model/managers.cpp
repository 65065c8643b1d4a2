#include "model/managers.h"

#include <algorithm>
#include <iterator>

namespace stapkill {
namespace {

// systemd.special(7), dockerd(8), containerd's and CRI-O's default configuration, podman-system-service(1),
// supervisord's [unix_http_server], pm2's constants.js, lxd's and incus' documentation.
constexpr ManagerSocket kSockets[] = {
    {"private", Manager::systemd, true, "systemd"},
    {"system_bus_socket", Manager::systemd, false, "D-Bus"},
    {"bus", Manager::systemd, false, "D-Bus"},
    {"docker.sock", Manager::docker, false, "docker.sock"},
    {"containerd.sock", Manager::containerd, false, "containerd.sock"},
    {"podman.sock", Manager::podman, false, "podman.sock"},
    {"crio.sock", Manager::crio, false, "crio.sock"},
    {"supervisor.sock", Manager::supervisor, false, "supervisor.sock"},
    {"rpc.sock", Manager::pm2, false, "rpc.sock"},
    {"unix.socket", Manager::lxd, true, "unix.socket"},
};

constexpr ManagerDaemon kDaemons[] = {
    {"systemd", Manager::systemd, false},
    {"dockerd", Manager::docker, true},
    {"containerd", Manager::containerd, true},
    {"crio", Manager::crio, true},
    {"supervisord", Manager::supervisor, true},
    {"lxd", Manager::lxd, false},
    {"incusd", Manager::lxd, false},
};

// The unit files of kubernetes' packages, k3s, microk8s and k0s; k0s runs a kubelet as its child.
constexpr KubeletProgram kKubelets[] = {
    {"kubelet", "kubelet.service"},     {"k3s-server", "k3s.service"},
    {"k3s-agent", "k3s-agent.service"}, {"kubelite", "snap.microk8s.daemon-kubelite.service"},
    {"k0s", "k0sworker.service"},       {"k0s", "k0scontroller.service"},
};

template <typename Rows>
constexpr bool all_fit(const Rows& rows, std::size_t size, auto name) {
  return std::all_of(std::begin(rows), std::end(rows), [&](const auto& row) { return name(row).size() < size; });
}
static_assert(all_fit(kSockets, kSocketNameSize, [](const ManagerSocket& row) { return row.name; }));
static_assert(all_fit(kDaemons, kDaemonNameSize, [](const ManagerDaemon& row) { return row.comm; }));

}  // namespace

std::span<const ManagerSocket> manager_sockets() {
  return kSockets;
}

std::span<const ManagerDaemon> manager_daemons() {
  return kDaemons;
}

std::span<const KubeletProgram> kubelet_programs() {
  return kKubelets;
}

const ManagerSocket* manager_socket(std::string_view path) {
  auto name = path.substr(path.rfind('/') + 1);
  const auto* row = std::find_if(std::begin(kSockets), std::end(kSockets),
                                 [&](const ManagerSocket& one) { return one.name == name; });
  return row == std::end(kSockets) ? nullptr : row;
}

}  // namespace stapkill
