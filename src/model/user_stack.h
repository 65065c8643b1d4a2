#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stapkill {

/// Executable memory of a process, as it was mapped then.
struct CodeMapping {
  std::uint64_t start = 0, end = 0;
  std::uint64_t offset = 0;  ///< of `start` in the file, in bytes
  std::uint64_t inode = 0;   ///< of the file; 0: memory without a file
  std::uint32_t device = 0;  ///< of the file's file system, as the kernel numbers it (major << 20 | minor)
  std::string path;          ///< of the file, below the root of its process or of its mount; empty: not known
  bool operator==(const CodeMapping&) const = default;
};

/// What a thread ran in user space, as it was at a signal: enough to follow its calls back. It holds memory of another
/// process: it is never written to a file.
struct UserStack {
  static constexpr std::size_t kRegisters = 17;  ///< by their DWARF numbers (x86-64 psABI, figure 3.36)
  static constexpr std::size_t kInstruction = 16, kStackPointer = 7;

  int pid = 0, tid = 0;
  std::uint64_t process_start = 0;  ///< of pid, clock ticks since boot
  std::array<std::uint64_t, kRegisters> registers{};
  std::uint64_t from = 0;  ///< address of the first byte of `memory`
  std::string memory;      ///< the top of the stack
  std::vector<CodeMapping> code;
  bool operator==(const UserStack&) const = default;
};

/// A call that had not returned (FRAME in stapkill-stream(5)).
struct Frame {
  std::uint64_t address = 0;
  std::string module;                   ///< name of the mapped file; "[anon]": memory without one; empty: not mapped
  std::uint64_t offset = 0;             ///< of the address in that file, or in that memory
  std::optional<std::string> function;  ///< as its source calls it, with the types of its arguments
  std::optional<std::string> file;      ///< its source
  std::optional<int> line;
  std::optional<std::string> build_id;  ///< of the module, in hex
  bool operator==(const Frame&) const = default;
};

/// "Config::load" of "Config::load(std::string const&)".
std::string short_function(const std::string& function);

}  // namespace stapkill
