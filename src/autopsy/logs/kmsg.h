#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace stapkill {

/// A record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg). The views point into it.
struct KernelRecord {
  Time since_boot = 0;  ///< ns
  /// "kernel"; for what a program wrote into the buffer, the name that it gave itself, else "kmsg".
  std::string_view program;
  int pid = 0;
  std::string_view message;  ///< one line, with the kernel's escapes ("\x0a")
};

/// Splits "6,339,5140900,-;message" and what follows its newline (" KEY=value" lines). False for another text.
bool split_kernel_record(std::string_view text, KernelRecord& record);

/// Puts the bytes back that the kernel writes as "\xNN" (kernel/printk/printk.c, append_char and msg_add_ext_text).
void append_unescaped(std::string_view message, std::string& out);

}  // namespace stapkill
