#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "event/record.h"
#include "host/machine.h"
#include "host/pods.h"
#include "host/procfs.h"

namespace stapkill {

/// All that a session asks of the machine besides its backend: of this one, or of the one on which a recording was
/// made. What it does not ask here cannot differ between watching and judging a recording again.
class MachineView {
 public:
  virtual ~MachineView() = default;
  /// Whether it is this machine, on which time passes by itself and commands can be started. Otherwise time is what the
  /// recording has come to.
  virtual bool is_live() const = 0;
  virtual Time boot_now() = 0;
  virtual Time wall_now() = 0;
  /// Wall time of a moment given by CLOCK_BOOTTIME.
  virtual Time wall_of_boot(Time boot) = 0;
  /// When the machine booted, by the wall clock as it was when this was made.
  virtual Time boot_time() = 0;
  virtual MachineFacts facts() = 0;
  /// The session's own process, whom nobody means by a pattern; 0: not known.
  virtual int own_pid() = 0;
  /// With `exec_cwd` where a process still shows in which directory the relative path of its script is.
  virtual std::optional<ProcEntry> read_process(int pid) = 0;
  /// Those that the first thread of a process has forked and that live, as far as the kernel lists them
  /// (proc(5), /proc/PID/task/TID/children).
  virtual std::vector<int> children_of(int pid) = 0;
  virtual void for_each_process(const std::function<void(ProcEntry)>& visit) = 0;
  virtual bool process_lives(int pid, std::uint64_t start) = 0;
  virtual std::optional<std::string> tcp_peer(const Process& process) = 0;
  /// The file of a job of at(1), by the shell that runs it; remembered, for it ends with the job (host/machine.h).
  virtual std::optional<std::string> at_job(const Process& process) = 0;
  virtual bool has_unit_file(const std::string& name) = 0;
  /// Whether a package owns a file, and whether a file that was deleted has been replaced (host/package_files.h).
  virtual bool has_package(const std::string& path) = 0;
  virtual bool is_replaced(const std::string& path) = 0;
  /// "NAMESPACE/NAME" of a Kubernetes pod by its uid, where this node's kubelet knows it.
  virtual std::optional<std::string> pod_name(const std::string& uid) = 0;

  /// As host/pods.h tells them of that pod, by its uid.
  virtual PodRuns pod_runs(const std::string& uid) = 0;

  /// What the session does of itself and a recording must hold, for no event says it: it started its command; it found
  /// that a target had ended unseen.
  virtual void command_started(int pid) = 0;
  /// So many records left because their time was over.
  virtual void flushed(std::size_t count) = 0;
  /// Whether a recording says when that was (Backend::Callbacks::flushed): else it is by the times of its events.
  virtual bool tells_flushes() const = 0;
  virtual void ended_unseen(const Subject& who, const std::string& why) = 0;
};

/// This machine; of the kubelet's directories those below `node.root`.
std::unique_ptr<MachineView> live_machine(const Node& node = {});

}  // namespace stapkill
