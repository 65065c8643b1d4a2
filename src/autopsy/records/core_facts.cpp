#include "autopsy/records/core_facts.h"

#include <string>

#include "sys/unpack.h"

namespace stapkill {

Result<CoreFacts> core_facts(int file, bool compressed) {
  constexpr std::size_t kUnpacked = 4 << 20;
  if (!compressed) return read_core_notes(file);
  std::string head;
  auto why = unpack_file(file, [&](std::string_view piece) {
    head += piece.substr(0, kUnpacked - head.size());
    return head.size() < kUnpacked;
  });
  if (head.empty()) return fail(why.empty() ? "empty" : why);
  return read_core_notes(head);
}

}  // namespace stapkill
