#include "autopsy/inquest/boots.h"

#include "sys/clock.h"

namespace stapkill {

std::vector<Boot> known_boots(const Scope& scope) {
  if (!scope.live()) return {};
  int error = 0;
  auto id = scope.files.read("/proc/sys/kernel/random/boot_id", 64, error).value_or("");
  std::erase_if(id, [](char one) { return one == '-' || one == '\n'; });
  return {{wall_of_boot(0), id}};
}

}  // namespace stapkill
