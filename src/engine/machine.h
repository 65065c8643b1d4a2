#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/containers.h"
#include "model/machine_facts.h"
#include "model/process.h"
#include "model/script_text.h"

namespace stapkill {

/// All that an engine asks of a machine: this one, or the one of a recording. A recording holds the answers, so a watch
/// and its replay see the same.
class Machine {
 public:
  virtual ~Machine() = default;
  virtual MachineFacts facts() = 0;
  /// The pid of stapkill itself, which no pattern matches; 0: not known.
  virtual int own_pid() = 0;
  /// Sets `exec_cwd` where the process still shows the directory of its script's relative path.
  virtual std::optional<ProcEntry> read_process(int pid) = 0;
  /// Living children that the process's first thread forked, as far as the kernel lists them (proc(5),
  /// /proc/PID/task/TID/children).
  virtual std::vector<int> children_of(int pid) = 0;
  virtual void for_each_process(const std::function<void(ProcEntry)>& visit) = 0;
  /// The name of a local user.
  virtual std::optional<std::string> user_name(std::int64_t uid) = 0;
  virtual std::optional<std::string> tcp_peer(const Process& process) = 0;
  /// Where the login with audit's number `session` came from: "ssh from 192.0.2.7" (host/machine.h).
  virtual std::optional<std::string> login_origin(std::int64_t session) = 0;
  /// The file of a job of at(1), from the shell that runs it; remembered, because it is gone after the job
  /// (host/machine.h).
  virtual std::optional<std::string> at_job(const Process& process) = 0;
  /// The name of the container with that id, as its runtime keeps it on disk (host/stored_names.h).
  virtual std::optional<std::string> container_name(const std::string& id) = 0;
  /// A line of the script that exactly that bash runs (host/bash.h).
  virtual std::optional<ScriptText> script_text(const Process& shell, int line) = 0;
  virtual bool has_unit_file(const std::string& name) = 0;
  /// Whether a package owns a file, and whether a file that was deleted has been replaced (host/package_files.h).
  virtual bool has_package(const std::string& path) = 0;
  virtual bool is_replaced(const std::string& path) = 0;
  /// "NAMESPACE/NAME" of the Kubernetes pod with that uid, if this node's kubelet knows it.
  virtual std::optional<std::string> pod_name(const std::string& uid) = 0;
  /// How often the kubelet has started the containers of the pod with that uid.
  virtual PodRuns pod_runs(const std::string& uid) = 0;
};

}  // namespace stapkill
