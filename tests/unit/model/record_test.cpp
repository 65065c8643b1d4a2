#include "model/record.h"

#include <csignal>

#include "catch.h"

using namespace stapkill;

namespace {

ProcessPtr make(int pid) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = 5;
  return process;
}

const ProcessPtr kOne = make(100), kOther = make(200);

std::string name(int number, int code, const char* stack, const ProcessPtr& sender = kOther, By by = By::kernel) {
  SignalRecord record;
  record.number = number;
  record.code = code;
  record.by = by;
  record.sender = sender;
  record.target = kOne;
  if (stack) {
    auto seen = std::make_shared<Circumstances>();
    seen->stack = stack_names(stack);
    record.seen = std::move(seen);
  }
  return code_name(record);
}

}  // namespace

TEST_CASE("code_name: codes of a child's end and of a file follow from what sent the signal", "[record]") {
  constexpr char child[] = "__send_signal_locked,do_notify_parent,exit_notify,do_exit";
  constexpr char file[] = "do_send_sig_info,send_sigio_to_task,send_sigio,kill_fasync";
  CHECK(name(SIGSEGV, 1, child) == "CLD_EXITED");
  CHECK(name(SIGKILL, 2, child) == "CLD_KILLED");
  CHECK(name(SIGTERM, 1, file) == "POLL_IN");
  CHECK(name(SIGTERM, 5, file, kOne) == "POLL_PRI");
  CHECK(name(SIGSEGV, 0, child) == "SI_USER");
  CHECK(name(SIGSEGV, 0x80, child) == "SI_KERNEL");
}

TEST_CASE("code_name: a fault is a process's own", "[record]") {
  CHECK(name(SIGSEGV, 1, "force_sig_fault,exc_page_fault", kOne) == "SEGV_MAPERR");
  for (const char* no_stack : {static_cast<const char*>(nullptr), ""}) {
    CHECK(name(SIGSEGV, 1, no_stack, kOne) == "SEGV_MAPERR");
    CHECK(name(SIGSEGV, 1, no_stack) == "1");
    CHECK(name(SIGCHLD, 1, no_stack) == "CLD_EXITED");
    CHECK(name(SIGIO, 1, no_stack) == "POLL_IN");
    CHECK(name(SIGKILL, 0x80, no_stack) == "SI_KERNEL");
    CHECK(name(SIGTERM, -1, no_stack) == "SI_QUEUE");
  }
  CHECK(name(SIGBUS, 5, "send_sig_info,memory_failure") == "BUS_MCEERR_AO");
  CHECK(name(SIGSEGV, 1, nullptr, kOther, By::process) == "SEGV_MAPERR");  // what a sender says it is
}
