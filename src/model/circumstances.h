#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// The kernel's state when it generated a signal that no system call asked for, all read at that moment.
struct Circumstances {
  static constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};  ///< RLIM_INFINITY

  int target_tid = 0, signal = 0;  ///< of the signal that it belongs to
  std::vector<std::string> stack;  ///< the kernel's functions, innermost first, without offsets; empty: not known
  std::uint64_t address = 0;       ///< of a fault
  std::uint64_t instruction = 0;   ///< at which the process left its own code; 0: not known
  std::string file;                ///< name of the file mapped there, without its path; empty: not known
  std::uint64_t place = 0;         ///< the instruction's offset in it
  std::uint64_t cpu_ns = 0;        ///< CPU time of the target, where something made the kernel count it
  std::uint64_t cpu_soft = 0, cpu_hard = 0;  ///< RLIMIT_CPU in seconds; kUnlimited: none
  std::uint64_t file_size = 0;               ///< RLIMIT_FSIZE in bytes; kUnlimited: none
  std::uint64_t core_size = 0;               ///< RLIMIT_CORE in bytes; kUnlimited: none
  std::uint64_t stack_pointer = 0;           ///< of the process at a fault; 0: not known
  bool stack_above = false;                  ///< memory is in use SK_STACK_ABOVE bytes above it; false: not known
  std::uint64_t stack_top = 0;               ///< where the first thread's stack begins; it grows down
  std::uint64_t stack_limit = kUnlimited;    ///< RLIMIT_STACK in bytes
  /// The memory cgroup with the least room left, among the target's own and those above it.
  struct Memory {
    int level = 0;                       ///< how many levels above the target's own
    std::uint64_t usage = 0, limit = 0;  ///< pages of 4 KiB
    std::string group;                   ///< the last component of its path
  };
  std::optional<Memory> memory;  ///< none where no limit is set
  /// The target's memory by kind, in pages of 4 KiB, from the kernel's counters (get_mm_counter).
  struct Held {
    std::uint64_t total = 0, anon = 0, file = 0, shmem = 0, swap = 0;  ///< total: of address space
    std::uint64_t tables = 0;                                          ///< bytes of page tables; 0: not known
  };
  std::optional<Held> held;  ///< only for victims of the out-of-memory killer; none: not known
  int oom_score_adj = 0;
  int pdeath_signal = 0;     ///< set by the target with PR_SET_PDEATHSIG; 0: none
  std::uint64_t ptrace = 0;  ///< how the target is traced (PT_* flags, include/linux/ptrace.h); 0: it is not
  int threads = 0;           ///< of the sender that stay alive; 0 where all of them end
  std::string tty;           ///< name of the target's terminal ("pts0"); empty: none

  /// Whether one of these functions is on the stack, whatever suffix a compiler gave it (".isra.0").
  bool in(std::initializer_list<std::string_view> functions) const;
};

/// Reads "function,function,…" into names, without compilers' suffixes, modules and bare addresses.
std::vector<std::string> stack_names(std::string_view text);

}  // namespace stapkill
