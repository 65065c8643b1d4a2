#include "sys/fd.h"

#include <cerrno>

namespace stapkill {

void Fd::reset() noexcept {
  if (fd_ < 0) return;
  int error = errno;
  ::close(release());
  errno = error;
}

}  // namespace stapkill
