#pragma once

#include <functional>
#include <optional>
#include <string>

#include "model/process.h"

namespace stapkill {

/// Reads /proc/PID (of another root with `proc`); none when there is no such process. A thread's id gives its process.
/// Fields that this user may not read stay empty.
std::optional<ProcEntry> read_process(int pid, const std::string& proc = "/proc");

/// Children forked by a process's first thread; empty where the kernel has no such list (proc(5),
/// CONFIG_PROC_CHILDREN).
std::vector<int> children_of(int pid, const std::string& proc = "/proc");

/// Whether that process, with that start time, lives and is not ending.
bool process_lives(int pid, std::uint64_t start, const std::string& proc = "/proc");

/// Calls `visit` for every process of /proc, in no order.
void for_each_process(const std::function<void(ProcEntry)>& visit, const std::string& proc = "/proc");

/// This boot's id, "" when unknown.
std::string boot_id();

}  // namespace stapkill
