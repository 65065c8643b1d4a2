#include "base/syscalls.h"

#include "base/kernel_numbers.h"

namespace stapkill {
namespace {

struct Row {
  std::string_view name;
  int number;
  int compat;
};
#define ROW(name, number, compat) {#name, number, compat},
constexpr Row kRows[] = {SK_SENDING_CALLS(ROW)};
#undef ROW

}  // namespace

std::string_view sending_syscall(int number, bool compat) {
  for (const auto& row : kRows) {
    if ((compat ? row.compat : row.number) == number) return row.name;
  }
  return {};
}

}  // namespace stapkill
