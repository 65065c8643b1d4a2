#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace stapkill {

/// A system call that sends a signal, as audit records it.
struct AuditCall {
  std::string_view name;     ///< "kill"
  int signal_argument = 1;   ///< a1 or a2
  int thread_argument = -1;  ///< where it names a thread: a0 or a1
};

/// By the fields "arch" (AUDIT_ARCH_*, include/uapi/linux/audit.h) and "syscall"; none for another call.
std::optional<AuditCall> audit_call(std::string_view arch, std::string_view number);
/// By name.
std::optional<AuditCall> audit_call(std::string_view name);

}  // namespace stapkill
