#include <algorithm>

#include "host/unwind.h"

namespace stapkill {

Frame frame_at(const UserStack& stack, std::uint64_t address) {
  Frame frame;
  frame.address = address;
  auto at = std::find_if(stack.code.begin(), stack.code.end(),
                         [&](const CodeMapping& one) { return address >= one.start && address < one.end; });
  if (at == stack.code.end()) return frame;
  frame.module = at->inode == 0 ? "[anon]" : at->path.substr(at->path.rfind('/') + 1);
  frame.offset = address - at->start + at->offset;
  return frame;
}

}  // namespace stapkill
