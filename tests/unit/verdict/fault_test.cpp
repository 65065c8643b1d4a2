#include "verdict/fault.h"

#include <csignal>

#include "catch.h"
#include "verdict/verdict.h"

using namespace stapkill;

namespace {

constexpr int kNotMapped = 1, kNotAllowed = 2, kKernel = 0x80;
constexpr std::uint64_t kTop = 0x7ffd00000000, kLimit = 8 << 20;

ProcessPtr make_process(int pid) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = 5;
  process->comm = "server";
  return process;
}

const ProcessPtr kServer = make_process(100);

/// A fault of the first thread at the end of its stack, changed by a case.
struct Fault {
  SignalRecord signal;
  Circumstances seen;
  Surroundings around;

  Fault() {
    signal.number = SIGSEGV;
    signal.code = kNotMapped;
    signal.sender = signal.target = kServer;
    signal.target_tid = kServer->pid;
    seen.stack = stack_names("exc_page_fault");
    seen.instruction = 0x401139;
    seen.file = "server";
    seen.place = 0x1139;
    seen.stack_top = kTop;
    seen.stack_limit = kLimit;
    seen.stack_pointer = kTop - kLimit + 40;
    seen.address = seen.stack_pointer - 8;
  }
  bool used_up() {
    Death death{*kServer, SIGSEGV};
    return used_up_its_stack({death, signal, seen, around});
  }
  std::string text() {
    Death death{*kServer, SIGSEGV};
    return fault_text({death, signal, seen, around});
  }
};

}  // namespace

TEST_CASE("fault: a stack that grew to its limit", "[fault]") {
  Fault fault;
  CHECK(fault.used_up());
  CHECK(
      fault.text() ==
      ": a fault of its own (SEGV_MAPERR): its stack of 8.0 MiB was used up (RLIMIT_STACK) at address 0x7ffcff800020, "
      "in server+0x1139");
  fault.seen.address = fault.seen.stack_pointer + 4000;  // a variable of the function that came last
  CHECK(fault.used_up());
}

TEST_CASE("fault: where no file was seen, the stack names it", "[fault]") {
  Fault fault;
  fault.seen.address = 0x10;
  fault.seen.file.clear();
  std::string without = ": a fault of its own (SEGV_MAPERR) at address 0x10, in ";
  CHECK(fault.text() == without + "code at 0x401139");
  fault.signal.frames = {{0x401139, "libc.so.6", 0x1139, {}, {}, {}, {}}};
  CHECK(fault.text() == without + "libc.so.6+0x1139");
  fault.signal.frames[0].module = "[anon]";
  CHECK(fault.text() == without + "code at 0x401139");
  fault.signal.frames[0] = {0x500000, "libc.so.6", 1, {}, {}, {}, {}};  // of another place
  CHECK(fault.text() == without + "code at 0x401139");
}

TEST_CASE("fault: an access away from the stack's end is no overflow", "[fault]") {
  Fault null;
  null.seen.address = 0x10;
  CHECK_FALSE(null.used_up());
  CHECK(null.text() == ": a fault of its own (SEGV_MAPERR) at address 0x10, in server+0x1139");
  Fault high;  // a stack that is hardly used
  high.seen.stack_pointer = kTop - 4096;
  high.seen.address = high.seen.stack_pointer - 8;
  CHECK_FALSE(high.used_up());
  Fault wild;  // its stack pointer itself is wrong
  wild.seen.stack_pointer = 0x5000;
  wild.seen.address = 0x4ff8;
  CHECK_FALSE(wild.used_up());
  Fault unlimited;
  unlimited.seen.stack_limit = Circumstances::kUnlimited;
  CHECK_FALSE(unlimited.used_up());
  Fault not_told;  // as of an older recording
  not_told.seen.stack_pointer = not_told.seen.stack_top = 0;
  CHECK_FALSE(not_told.used_up());
  Fault bus;
  bus.signal.number = SIGBUS;
  CHECK_FALSE(bus.used_up());
}

TEST_CASE("fault: another thread's stack ends at its guard page", "[fault]") {
  Fault fault;
  fault.signal.target_tid = 107;
  CHECK_FALSE(fault.used_up());  // nothing is mapped there: the stack pointer may be wrong
  fault.signal.code = kNotAllowed;
  CHECK(fault.used_up());
  CHECK(fault.text().find(", at the end of the stack of its thread 107 at address") != std::string::npos);
  fault.seen.address -= 1 << 20;
  CHECK_FALSE(fault.used_up());
}

TEST_CASE("fault: a guard region at the end of another thread's stack", "[fault]") {
  Fault fault;
  fault.signal.target_tid = 107;
  fault.seen.stack_above = true;
  CHECK(fault.used_up());
  fault.seen.address = fault.seen.stack_pointer + (64 << 10);
  CHECK_FALSE(fault.used_up());
}

TEST_CASE("fault: abort(3) of pid 1 of a container", "[fault]") {
  SignalRecord abort;
  abort.number = SIGABRT;
  abort.code = -6;
  abort.by = By::process;
  abort.result = SignalResult::ignored;
  abort.sender = abort.target = kServer;
  abort.syscall = Syscall{"tgkill", 0};
  abort.boot = abort.time = 1'000'000'000;
  SignalRecord fault = Fault().signal;
  fault.code = kKernel;
  fault.by = By::kernel;
  fault.boot = fault.time = abort.boot + 1'000'000;
  auto seen = std::make_shared<Circumstances>();
  seen->stack = stack_names("exc_general_protection");
  fault.seen = seen;
  SignalHistory history;
  history.add(abort, true);
  history.add(abort, true);
  history.add(fault, true);
  auto verdict = judge({*kServer, SIGSEGV, 0, fault.time, 1, fault.boot}, history, {});
  CHECK(verdict.cause == Cause::fault);
  CHECK(
      verdict.summary ==
      "server(100) was killed by SIGSEGV: a fault of its own (SI_KERNEL); it had called abort(3): its 2 SIGABRTs were "
      "dropped, because it is pid 1 of its container and has no handler for SIGABRT.");
  // Debian 11's C library blocks the signal while it sends it.
  SignalRecord blocked = abort;
  blocked.result = SignalResult::delivered;
  blocked.blocked = true;
  SignalHistory other;
  other.add(blocked, true);
  other.add(fault, true);
  CHECK(judge({*kServer, SIGSEGV, 0, fault.time, 1, fault.boot}, other, {})
            .summary.english()
            .find("it had called abort(3): its SIGABRT was dropped") != std::string::npos);
  auto outside = judge({*kServer, SIGSEGV, 0, fault.time, 100, fault.boot}, history, {});
  CHECK(outside.summary == "server(100) was killed by SIGSEGV: a fault of its own (SI_KERNEL).");
}
