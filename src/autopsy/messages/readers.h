#pragma once

#include <memory>

#include "autopsy/log_entry.h"

namespace stapkill {

/// The kernel's messages: out of memory, faults, SysRq, seccomp, hung tasks, … (program "kernel", or none).
std::unique_ptr<MessageReader> kernel_messages_reader();

/// What systemd (pid 1 and user managers), systemd-coredump and systemd-logind write: by MESSAGE_ID and fields in the
/// journal, by its words in a text.
std::unique_ptr<MessageReader> systemd_messages_reader();

/// What dockerd, containerd, CRI-O, podman and the kubelet write, and the killers in user space: systemd-oomd,
/// earlyoom, nohang.
std::unique_ptr<MessageReader> daemon_messages_reader();

/// Who was there: sudo, su, sshd, cron, atd. Context alone.
std::unique_ptr<MessageReader> login_messages_reader();

/// Audit's records where they are in a log: "audit: type=1326 …", "audit[123]: ANOM_ABEND …".
std::unique_ptr<MessageReader> audit_messages_reader();

}  // namespace stapkill
