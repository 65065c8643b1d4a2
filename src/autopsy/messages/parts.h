#pragma once

#include <memory>
#include <vector>

#include "autopsy/log_entry.h"

namespace stapkill {

/// Readers as one: an entry goes to the first that recognises it.
std::unique_ptr<MessageReader> first_of(std::vector<std::unique_ptr<MessageReader>> readers);

// Parts of systemd_messages_reader().
std::unique_ptr<MessageReader> systemd_units_reader();     ///< pid 1 and users' managers: units
std::unique_ptr<MessageReader> systemd_coredump_reader();  ///< systemd-coredump
std::unique_ptr<MessageReader> systemd_machine_reader();   ///< logind, systemd-sleep, systemd-shutdown

// Parts of daemon_messages_reader().
std::unique_ptr<MessageReader> kubelet_messages_reader();
std::unique_ptr<MessageReader> container_daemons_reader();  ///< dockerd, containerd, CRI-O
std::unique_ptr<MessageReader> podman_messages_reader();    ///< podman and conmon
std::unique_ptr<MessageReader> openrc_messages_reader();    ///< supervise-daemon
std::unique_ptr<MessageReader> memory_killers_reader();     ///< systemd-oomd, earlyoom, nohang

}  // namespace stapkill
