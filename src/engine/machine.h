#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/containers.h"
#include "model/machine_facts.h"
#include "model/process.h"

namespace stapkill {

/// All that an engine asks of the machine: of this one, or of the one on which a recording was made. The answers are
/// part of a recording; what is not asked here cannot differ between a watch and its replay.
class Machine {
 public:
  virtual ~Machine() = default;
  virtual MachineFacts facts() = 0;
  /// The pid of stapkill itself, which no pattern means; 0: not known.
  virtual int own_pid() = 0;
  /// With `exec_cwd` where a process still shows in which directory the relative path of its script is.
  virtual std::optional<ProcEntry> read_process(int pid) = 0;
  /// Those that the first thread of a process has forked and that live, as far as the kernel lists them
  /// (proc(5), /proc/PID/task/TID/children).
  virtual std::vector<int> children_of(int pid) = 0;
  virtual void for_each_process(const std::function<void(ProcEntry)>& visit) = 0;
  /// The name of a local user.
  virtual std::optional<std::string> user_name(std::int64_t uid) = 0;
  virtual std::optional<std::string> tcp_peer(const Process& process) = 0;
  /// The file of a job of at(1), by the shell that runs it; remembered, for it ends with the job (host/machine.h).
  virtual std::optional<std::string> at_job(const Process& process) = 0;
  virtual bool has_unit_file(const std::string& name) = 0;
  /// Whether a package owns a file, and whether a file that was deleted has been replaced (host/package_files.h).
  virtual bool has_package(const std::string& path) = 0;
  virtual bool is_replaced(const std::string& path) = 0;
  /// "NAMESPACE/NAME" of a Kubernetes pod by its uid, where this node's kubelet knows it.
  virtual std::optional<std::string> pod_name(const std::string& uid) = 0;
  /// How often the kubelet says that pod's containers were started, by the pod's uid.
  virtual PodRuns pod_runs(const std::string& uid) = 0;
};

}  // namespace stapkill
