#include "autopsy/audit_signals.h"

#include <iterator>

#include "autopsy/number_text.h"

namespace stapkill {
namespace {

constexpr AuditCall kCalls[] = {
    {"kill", 1, -1},
    {"tkill", 1, 0},
    {"tgkill", 2, 1},
    {"rt_sigqueueinfo", 1, -1},
    {"rt_tgsigqueueinfo", 2, 1},
    {"pidfd_send_signal", 1, -1},
};
constexpr std::size_t kCallCount = std::size(kCalls);

struct Arch {
  std::uint32_t arch;
  int numbers[kCallCount];  ///< in the order of kCalls
};

/// arch/*/entry/syscalls/*.tbl, include/uapi/asm-generic/unistd.h.
constexpr Arch kArches[] = {
    {0xc000003e, {62, 200, 234, 129, 297, 424}},   // x86_64
    {0x40000003, {37, 238, 270, 178, 335, 424}},   // i386
    {0xc00000b7, {129, 130, 131, 138, 240, 424}},  // aarch64
    {0x40000028, {37, 238, 268, 178, 363, 424}},   // arm
    {0xc00000f3, {129, 130, 131, 138, 240, 424}},  // riscv64
    {0xc0000015, {37, 208, 250, 177, 322, 424}},   // ppc64le
    {0x80000016, {37, 237, 241, 178, 330, 424}},   // s390x
};

/// A call of x32 has this bit, and two have numbers of their own.
constexpr std::uint32_t kX86 = 0xc000003e;
constexpr int kX32 = 0x40000000;

int without_x32(int number) {
  if (!(number & kX32)) return number;
  number &= ~kX32;
  return number == 524 ? 129 : number == 536 ? 297 : number;
}

}  // namespace

std::optional<AuditCall> audit_call(std::string_view arch, std::string_view number) {
  auto machine = whole_hex(arch);
  auto call = whole_number<int>(number);
  if (!machine || !call) return std::nullopt;
  int searched = *machine == kX86 ? without_x32(*call) : *call;
  for (const auto& row : kArches) {
    if (row.arch != *machine) continue;
    for (std::size_t i = 0; i < kCallCount; ++i) {
      if (row.numbers[i] == searched) return kCalls[i];
    }
  }
  return std::nullopt;
}

std::optional<AuditCall> audit_call(std::string_view name) {
  for (const auto& call : kCalls) {
    if (call.name == name) return call;
  }
  return std::nullopt;
}

}  // namespace stapkill
