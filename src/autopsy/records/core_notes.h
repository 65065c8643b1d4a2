#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stapkill {

/// NT_SIGINFO: the signal that a process died of.
struct CoreSignal {
  int number = 0, code = 0;
  int pid = 0;                ///< of the sender, as the dumped process's pid namespace has it
  std::int64_t uid = 0;       ///< of the sender, as the dumped process's user namespace has it
  std::uint64_t address = 0;  ///< of a fault
  int call = 0;               ///< SIGSYS: the system call
  bool operator==(const CoreSignal&) const = default;
};

/// What the notes of a core file say. Numbers are those of the process's own namespaces (fs/binfmt_elf.c,
/// fill_psinfo: task_pid_vnr, from_kuid_munged).
struct CoreFacts {
  std::string comm;
  std::string arguments;  ///< at most 79 bytes
  std::string exe;        ///< the mapped file that holds its program headers; "" where not known
  int pid = 0, parent = 0, tid = 0;
  std::optional<std::int64_t> uid;
  int signal = 0;  ///< pr_cursig of the thread that dumped
  std::optional<CoreSignal> sent;
  std::string module;        ///< path of the mapped file that the thread ran in; "" for none
  std::uint64_t offset = 0;  ///< in that file
  /// The kernel writes a thread's status first; debuggers (gdb's gcore) write the process's first, of one that lives.
  bool by_kernel = true;
  bool truncated = false;  ///< the file is shorter than its headers say: RLIMIT_CORE, a full disk
};

/// Reads the notes of an open core file (ELF; x86-64, aarch64, i386). Reads its headers and at most 8 MiB of notes,
/// however large it is. Errors: no core file, no process's core, another processor, damaged.
/// Source: fs/binfmt_elf.c (elf_core_dump, fill_note_info), include/linux/elfcore.h, Linux 3.8 to 6.12.
Result<CoreFacts> read_core_notes(int file);

/// The same from the first bytes of one, as unpacking gives them: the kernel puts the notes right behind the headers.
Result<CoreFacts> read_core_notes(std::string_view head);

}  // namespace stapkill
