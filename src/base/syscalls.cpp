#include "base/syscalls.h"

#include <sys/syscall.h>

namespace stapkill {
namespace {

struct Row {
  std::string_view name;
  int number;
  int compat;  // arch/x86/entry/syscalls/syscall_32.tbl
};
constexpr Row kRows[] = {
    {"kill", SYS_kill, 37},
    {"tkill", SYS_tkill, 238},
    {"tgkill", SYS_tgkill, 270},
    {"rt_sigqueueinfo", SYS_rt_sigqueueinfo, 178},
    {"rt_tgsigqueueinfo", SYS_rt_tgsigqueueinfo, 335},
    {"pidfd_send_signal", SYS_pidfd_send_signal, 424},
};

}  // namespace

std::string_view sending_syscall(int number, bool compat) {
  for (const auto& row : kRows) {
    if ((compat ? row.compat : row.number) == number) return row.name;
  }
  return {};
}

}  // namespace stapkill
