#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "model/circumstances.h"
#include "model/kernel_event.h"
#include "model/record.h"
#include "model/user_stack.h"
#include "verdict/lineage.h"

namespace stapkill {

/// Makes a signal's record from its event and the circumstances that came right before it from the same CPU.
class SignalReader {
 public:
  explicit SignalReader(Lineage& lineage) : lineage_(lineage) {}

  void circumstances(int cpu, const kernel::Around& around) { seen_[cpu] = around.seen; }
  void code(int cpu, const kernel::Code& code);
  void memory(int cpu, const kernel::Memory& memory);
  void stack(int cpu, const kernel::Stack& stack);

  /// The stack with which a process called exit_group(2); none where it is not known. Forgets it.
  std::optional<UserStack> stack_at_exit(const ProcessKey& process);
  /// The stack of who sent this signal from that CPU; none where it is not known. Forgets it.
  std::optional<UserStack> stack_of(int cpu, const kernel::Signal& signal);

  /// The record of a signal event from that CPU, at that moment; without a sequence number and the result of the
  /// sender's call.
  SignalRecord read(const kernel::Signal& signal, int cpu, Time boot, Time time);

 private:
  Lineage& lineage_;
  static constexpr std::size_t kMostMemory = 64;  ///< parts
  static constexpr std::size_t kMostCode = 1024;  ///< mappings; a program can have any number
  struct Parts {
    std::shared_ptr<const UserStack> top;
    std::vector<CodeMapping> code;
    std::vector<kernel::Memory> memory;
  };
  static UserStack whole(Parts parts);
  std::map<int, std::shared_ptr<const Circumstances>> seen_;  ///< by CPU: those of its next signal
  std::map<int, Parts> stacks_;                               ///< the same
  static constexpr std::size_t kMostExits = 64;
  std::map<ProcessKey, UserStack> exits_;
};

}  // namespace stapkill
