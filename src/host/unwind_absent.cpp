// For a build without libdw.
#include "host/unwind.h"

namespace stapkill {

bool can_unwind() {
  return false;
}

std::vector<Frame> unwind(const UserStack& stack, const std::vector<Fd>& /*files*/, const FetchDebugFile& /*fetch*/) {
  return {frame_at(stack, stack.registers[UserStack::kInstruction])};
}

}  // namespace stapkill
