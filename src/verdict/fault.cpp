#include "verdict/fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "base/signals.h"
#include "verdict/evidence.h"
#include "verdict/relay.h"

namespace stapkill {
namespace {

constexpr int kKernel = 0x80;                   // SI_KERNEL
constexpr int kNotMapped = 1, kNotAllowed = 2;  // SEGV_MAPERR, SEGV_ACCERR (sigaction(2))
constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB;
constexpr std::uint64_t kBelow = 64 * kKiB;  // an access this far below the stack pointer is to the stack
constexpr std::uint64_t kAbove = kMiB;       // one function's variables are above it
constexpr Time kAbortNear = 1'000'000'000;

/// The stack pointer alone is enough: no dangling pointer points there, because used stack stays mapped.
bool next_to_stack_pointer(const Circumstances& seen) {
  return seen.stack_pointer > kAbove && seen.address + kBelow >= seen.stack_pointer &&
         seen.address < seen.stack_pointer + kAbove;
}

/// The kernel lets the first stack grow to its limit (mm/mmap.c, acct_stack_growth); arguments and environment, at most
/// a quarter of it (fs/exec.c), are above its beginning.
bool at_its_limit(const Circumstances& seen) {
  if (seen.stack_limit == Circumstances::kUnlimited || seen.address >= seen.stack_top) return false;
  auto used = seen.stack_top - seen.address;
  return used + kBelow >= seen.stack_limit / 4 * 3 && used <= seen.stack_limit + 2 * kAbove;
}

/// ", in server+0x1139". One program at a time can look for the file on a CPU (bpf_find_vma, kernel/bpf/task_iter.c:
/// EBUSY). Beside another one, such as a recorder's, only the stack may name it.
Phrase place_text(const Clues& clues) {
  const Circumstances& seen = clues.seen;
  if (!seen.file.empty()) return phrase(", in {}", fmt::format("{}+{:#x}", seen.file, seen.place));
  const auto& frames = clues.signal.frames;
  bool is_named = !frames.empty() && frames[0].address == seen.instruction && !frames[0].module.empty() &&
                  frames[0].module[0] != '[';
  return is_named ? phrase(", in {}", fmt::format("{}+{:#x}", frames[0].module, frames[0].offset))
                  : phrase(", in code at {}", fmt::format("{:#x}", seen.instruction));
}

Phrase stack_text(const Clues& clues) {
  bool first = clues.signal.target_tid == clues.death.process.pid;
  if (!first) return phrase(", at the end of the stack of its thread {}", clues.signal.target_tid);
  return phrase(": its stack of {} was used up (RLIMIT_STACK)", size_text(clues.seen.stack_limit));
}

}  // namespace

bool used_up_its_stack(const Clues& clues) {
  const Circumstances& seen = clues.seen;
  if (clues.signal.number != SIGSEGV || !seen.instruction || !next_to_stack_pointer(seen)) return false;
  bool first = clues.signal.target_tid == clues.death.process.pid;
  if (first) return clues.signal.code == kNotMapped && at_its_limit(seen);
  // The guard of a thread's stack is mapped without access; since glibc 2.42 on Linux 6.13 it is a guard region
  // (madvise(2), MADV_GUARD_INSTALL), where a fault has the code of what is not mapped. The stack itself is then above;
  // a stack pointer that is wrong has nothing there.
  bool in_guard_region =
      clues.signal.code == kNotMapped && seen.stack_above && seen.address < seen.stack_pointer + kBelow;
  return clues.signal.code == kNotAllowed || in_guard_region;
}

Phrase fault_text(const Clues& clues) {
  Phrase text = phrase(": a fault of its own ({})", signal_code_name(clues.signal.number, clues.signal.code));
  if (!clues.seen.instruction) return text;
  if (used_up_its_stack(clues)) text += stack_text(clues);
  // The CPU gives no address for a general protection fault (exc_general_protection, arch/x86/kernel/traps.c).
  if (clues.signal.code != kKernel) text += phrase(" at address {}", fmt::format("{:#x}", clues.seen.address));
  return text + place_text(clues);
}

Phrase abort_text(const Death& death, const SignalHistory& history, const SignalRecord& fatal) {
  if (fatal.number != SIGSEGV || fatal.code != kKernel || death.own_pid != 1) return {};
  // The C library can block the signal while it sends it (glibc 2.31 both times, 2.41 the second time): the kernel then
  // drops it when it is let in (get_signal, kernel/signal.c).
  auto dropped = std::count_if(history.earlier().begin(), history.earlier().end(), [&](const SignalRecord& record) {
    bool ignored = record.result == SignalResult::ignored ||
                   (record.result == SignalResult::delivered && record.blocked && !record.handled);
    return record.number == SIGABRT && ignored && raised_by_itself(record) && record.boot <= fatal.boot &&
           fatal.boot - record.boot < kAbortNear;
  });
  if (dropped == 0) return {};
  if (dropped == 1) {
    return phrase(
        "; it had called abort(3): its SIGABRT was dropped, because it is pid 1 of its container and has no handler "
        "for SIGABRT");
  }
  return phrase(
      "; it had called abort(3): its {} SIGABRTs were dropped, because it is pid 1 of its container and has no handler "
      "for SIGABRT",
      dropped);
}

}  // namespace stapkill
