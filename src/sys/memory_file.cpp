#include "sys/memory_file.h"

#include <sys/mman.h>

namespace stapkill {

Fd file_in_memory(const char* name, std::string_view text) {
  Fd file(::memfd_create(name, MFD_CLOEXEC));
  for (std::size_t at = 0; file && at < text.size();) {
    auto written = ::pwrite(file.get(), text.data() + at, text.size() - at, static_cast<off_t>(at));
    if (written <= 0) return Fd();
    at += static_cast<std::size_t>(written);
  }
  return file;
}

}  // namespace stapkill
