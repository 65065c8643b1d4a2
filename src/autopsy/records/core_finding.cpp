#include "autopsy/records/core_finding.h"

#include <fmt/format.h>

#include <csignal>
#include <string_view>

#include "base/signals.h"

namespace stapkill {
namespace {

constexpr int kFromKernel = 0x80;  // SI_KERNEL
constexpr int kFromTimer = -2, kFromThread = -6;

/// "libc.so.6+0x2a1b0"; "" where the thread ran in no file.
std::string place_in_code(const CoreFacts& facts) {
  if (facts.module.empty()) return {};
  auto slash = facts.module.rfind('/');
  auto file = slash == std::string::npos ? facts.module : facts.module.substr(slash + 1);
  return fmt::format(" in {}+{:#x}", file, facts.offset);
}

/// A fault of the processor or of memory, whose siginfo has an address (sigaction(2)).
bool is_fault(int signal) {
  return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE || signal == SIGTRAP;
}

/// A signal of the kernel for what the process did itself, sent as if by the process: mm/filemap.c
/// (generic_write_check_limits).
bool is_size_limit(const CoreFacts& facts) {
  const auto& sent = *facts.sent;
  return sent.number == SIGXFSZ && sent.code == 0 && sent.pid == facts.pid;
}

std::string kernels_reason(const CoreFacts& facts) {
  const auto& sent = *facts.sent;
  auto name = signal_name(sent.number);
  if (sent.number == SIGXFSZ) return name + ": it wrote beyond its limit of file size";
  if (sent.number == SIGSYS && sent.code == 1) return fmt::format("SIGSYS: seccomp refused system call {}", sent.call);
  if (sent.number == SIGQUIT) return "SIGQUIT from its terminal";  // drivers/tty/n_tty.c: no other part sends it
  if (sent.number == SIGXCPU) return "SIGXCPU: it used up its limit of CPU time";
  if (sent.code == kFromKernel || !is_fault(sent.number)) return name + place_in_code(facts);
  auto code = sent.number == SIGSEGV && sent.code == 1 ? "" : " (" + signal_code_name(sent.number, sent.code) + ")";
  return fmt::format("{}{} at {:#x}{}", name, code, sent.address, place_in_code(facts));
}

void tell_sender(const CoreFacts& facts, bool host_numbers, Finding& finding) {
  const auto& sent = *facts.sent;
  auto name = signal_name(sent.number);
  bool real = sent.code == 0 || sent.code == kFromThread;
  if (real && sent.pid == facts.pid) {
    finding.self = true;
    finding.reason = name + ", sent by itself," + place_in_code(facts);
    if (facts.module.empty()) finding.reason.pop_back();
  } else if (real && sent.pid == 0) {
    finding.reason = name + ", sent from outside its pid namespace";
  } else if (real) {
    if (host_numbers) {
      finding.actor.pid = sent.pid;
      finding.actor.uid = sent.uid;
    }
    finding.reason =
        fmt::format("{}, sent by process {}{}", name, sent.pid, host_numbers ? "" : " of its pid namespace");
  } else if (sent.code == kFromTimer) {
    finding.reason = name + " of a timer";
  } else {
    finding.reason =
        fmt::format("{} ({}): who sent it is what the sender wrote", name, signal_code_name(sent.number, sent.code));
  }
}

void tell_signal(const CoreFacts& facts, bool host_numbers, Finding& finding) {
  finding.signal = facts.signal;
  if (!facts.sent || facts.sent->number != facts.signal) {  // before Linux 3.8, or not the kernel's
    finding.reason = signal_name(facts.signal) + place_in_code(facts);
    return;
  }
  finding.by_kernel = facts.sent->code > 0 || is_size_limit(facts);
  if (finding.by_kernel)
    finding.reason = kernels_reason(facts);
  else
    tell_sender(facts, host_numbers, finding);
}

std::string quote_of(const Finding& finding, const CoreFacts& facts) {
  auto quote = fmt::format("signal {}", facts.signal);
  if (facts.sent && facts.sent->number == facts.signal) {
    const auto& sent = *facts.sent;
    quote += fmt::format(", si_code {}", signal_code_name(sent.number, sent.code));
    if (finding.by_kernel && is_fault(sent.number)) quote += fmt::format(", si_addr {:#x}", sent.address);
    if (!finding.by_kernel) quote += fmt::format(", si_pid {}, si_uid {}", sent.pid, sent.uid);
  }
  quote += fmt::format(", pid {}, {}", facts.pid, facts.comm);
  return quote.substr(0, kLongestQuote);
}

}  // namespace

Finding core_finding(const CoreOrigin& origin, const CoreFacts* facts) {
  Finding finding;
  finding.kind = Finding::Kind::core;
  finding.source = "core";
  finding.place = origin.place;
  finding.time = origin.time;
  finding.doubt = origin.doubt;
  finding.boot_id = origin.boot_id;
  finding.signal = origin.signal;
  auto& subject = finding.subject;
  subject.pid = origin.pid;
  subject.comm = origin.comm;
  subject.exe = origin.exe;
  subject.uid = origin.uid;
  if (!facts) {
    if (origin.signal) finding.reason = signal_name(origin.signal);
    return finding;
  }
  bool host_numbers = origin.pid == 0 || origin.pid == facts->pid;
  tell_signal(*facts, host_numbers, finding);
  if (origin.signal) finding.signal = origin.signal;
  if (origin.pid == 0) subject.pid = facts->pid;
  if (host_numbers) {
    subject.tid = facts->tid;
    subject.parent = facts->parent;
  }
  if (subject.comm.empty()) subject.comm = facts->comm;
  if (subject.exe.empty()) subject.exe = facts->exe;
  if (!subject.uid) subject.uid = facts->uid;
  subject.cmdline = facts->arguments;
  finding.quote = quote_of(finding, *facts);
  if (facts->truncated) finding.reason += " (its core is truncated)";
  return finding;
}

}  // namespace stapkill
