#include "autopsy/messages/kernel_faults.h"

#include <algorithm>
#include <csignal>
#include <iterator>

#include "autopsy/messages/line_pattern.h"
#include "autopsy/number_text.h"
#include "base/signals.h"

namespace stapkill {
namespace {

constexpr int kMostLinesBetween = 4;

std::string hex(std::uint64_t number) {
  char digits[2 + 16];
  auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
  return "0x" + std::string(digits, end);
}

/// What a row found in its groups.
struct Fault {
  std::string_view comm, tid;
  int signal = 0;
  std::string what;  ///< " at 0x0", " (divide error)"
  std::optional<std::uint64_t> instruction;
  std::string_view rest;  ///< where " in FILE[…]" can be
};

struct Word {
  std::string_view text;
  int signal;
};

/// arch/x86/kernel/traps.c, the calls of do_trap and show_signal.
constexpr Word kTraps[] = {
    {"trap divide error", SIGFPE},
    {"trap overflow", SIGSEGV},
    {"trap bounds", SIGSEGV},
    {"trap invalid opcode", SIGILL},
    {"trap coprocessor segment overrun", SIGFPE},
    {"trap invalid TSS", SIGSEGV},
    {"trap segment not present", SIGBUS},
    {"trap stack segment", SIGBUS},
    {"trap alignment check", SIGBUS},
    {"trap int3", SIGTRAP},
    {"general protection", SIGSEGV},
    {"general protection fault", SIGSEGV},
    {"control protection", SIGSEGV},
};

/// arch/arm64/mm/fault.c, fault_info, and traps.c; of others the line does not tell the signal.
constexpr Word kArmFaults[] = {
    {"translation fault", SIGSEGV}, {"permission fault", SIGSEGV},     {"access flag fault", SIGSEGV},
    {"alignment fault", SIGBUS},    {"undefined instruction", SIGILL},
};

int trap_signal(std::string_view name) {
  for (const auto& row : kTraps) {
    if (row.text == name) return row.signal;
  }
  return 0;
}

int arm_signal(std::string_view text) {
  for (const auto& row : kArmFaults) {
    if (text.find(row.text) != std::string_view::npos) return row.signal;
  }
  return 0;
}

std::string at_address(std::string_view digits) {
  auto address = whole_hex(digits);
  return address ? " at " + hex(*address) : "";
}

int signal_in(std::string_view digits) {
  auto number = whole_number<int>(digits).value_or(0);
  return number > 0 && number <= 64 ? number : 0;
}

Fault segfault(const LineGroups& groups, std::string_view rest) {
  return {groups[1], groups[2], SIGSEGV, at_address(groups[3]), whole_hex(groups[4]), rest};
}

Fault trap(const LineGroups& groups, std::string_view rest) {
  auto name = groups[3];
  auto what = name.starts_with("trap ") ? name.substr(5) : name;
  return {groups[1], groups[2], trap_signal(name), " (" + std::string(what) + ")", whole_hex(groups[4]), rest};
}

Fault bad_frame(const LineGroups& groups, std::string_view rest) {
  return {groups[1], groups[2], SIGSEGV, " (bad frame in " + std::string(groups[3]) + ")", whole_hex(groups[4]), rest};
}

Fault arm(const LineGroups& groups, std::string_view rest) {
  auto text = groups[3];
  auto what = text.substr(0, std::min(text.find(" in "), text.size()));
  static_cast<void>(rest);
  return {groups[1],        groups[2],
          arm_signal(what), " (" + std::string(what.substr(0, 120)) + ")",
          std::nullopt,     text.substr(what.size())};
}

Fault numbered(const LineGroups& groups, std::string_view rest) {
  return {groups[1], groups[2], signal_in(groups[3]), at_address(groups[4]), whole_hex(groups[5]), rest};
}

Fault memory_failure(const LineGroups& groups, std::string_view rest) {
  static_cast<void>(rest);
  bool unmapped = groups[3].starts_with("because");
  return {groups[1], groups[2], unmapped ? SIGKILL : SIGBUS, " (hardware memory corruption)", std::nullopt, ""};
}

struct Row {
  LinePattern pattern;
  Fault (*read)(const LineGroups& groups, std::string_view rest);
};

const Row* rows(std::size_t& count) {
  static const Row table[] = {
      // arch/x86/mm/fault.c show_signal_msg: 3.10 to 7.0.
      {{"]: segfault at ", R"(^(.{0,63}?)\[(\d+)\]: segfault at ([0-9a-f]+) ip (\S+) sp \S+ error [0-9a-f]+)"},
       segfault},
      // arch/x86/kernel/traps.c show_signal, cet.c; "general protection" to 5.2, "… fault" since.
      {{" ip:",
        R"(^(?:traps: )?(.{0,63}?)\[(\d+)\] (trap [a-zA-Z0-9 ]+?|general protection(?: fault)?|control protection) )"
        R"(ip:([0-9a-f]+) sp:[0-9a-f]+ (?:ssp:[0-9a-f]+ )?error:[0-9a-f]+(?:\([a-z -]+\))?)"},
       trap},
      // arch/x86/kernel/signal.c signal_fault, arch/arm64/kernel/signal.c.
      {{" bad frame in ",
        R"(^(.{0,63}?)\[(\d+)\]:? bad frame in ([a-z0-9_ ]+?)(?::| frame:\S+ ip:([0-9a-f]+) sp:[0-9a-f]+ orax:[0-9a-f]+))"},
       bad_frame},
      // arch/arm64/kernel/traps.c arm64_show_signal, 4.18 and later.
      {{"]: unhandled exception: ", R"(^(.{0,63}?)\[(\d+)\]: unhandled exception: (.*)$)"}, arm},
      // arch/arm64/kernel/traps.c do_undefinstr, to 4.14.
      {{"]: undefined instruction: pc=", R"(^(.{0,63}?)\[(\d+)\]: (undefined instruction): pc=)"}, arm},
      // arch/arm64/mm/fault.c __do_user_fault, to 4.17.
      {{"]: unhandled ",
        R"(^(.{0,63}?)\[(\d+)\]: unhandled [a-z0-9 ()-]{1,60}? \((\d+)\) at (0x[0-9a-f]+), (?:esr|code) 0x[0-9a-f]+,?)"},
       numbered},
      // arch/riscv/kernel/traps.c do_trap; arch/powerpc/kernel/traps.c to 4.18, without "code" before the address.
      {{"]: unhandled signal ",
        R"(^(.{0,63}?)\[(\d+)\]: unhandled signal (\d+)(?: code \S+)? at ([0-9a-fx]+)(?: nip ([0-9a-f]+) lr [0-9a-f]+ code [0-9a-f]+)?)"},
       numbered},
      // arch/powerpc/kernel/traps.c show_signal_msg, 4.19 and later: "segfault (11) at …".
      {{" nip ",
        R"(^(.{0,63}?)\[(\d+)\]: [a-z ]{1,40} \((\d+)\) at ([0-9a-f]+) nip ([0-9a-f]+) lr [0-9a-f]+ code [0-9a-f]+)"},
       numbered},
      // arch/x86/mm/fault.c do_sigbus, mm/memory-failure.c kill_proc and kill_procs.
      {{"illing ", R"(^(?:MCE:?|mce:|Memory failure:) (?:0x[0-9a-f]+: )?(?:Killing|forcibly killing) (.{0,63}?):(\d+) )"
                   R"((due to hardware memory corruption|because of failure to unmap corrupted page))"},
       memory_failure},
  };
  count = std::size(table);
  return table;
}

/// show_regs() after it: "CPU: 0 PID: 963 Comm: NAME", since 6.12 with "UID: 0" before the PID, which is current->pid.
bool put_task(std::string_view line, Finding& finding) {
  static const LinePattern pattern(" Comm: ", R"(^CPU: \d+ (?:UID: (\d+) )?PID: (\d+) Comm: (.{1,15}))");
  auto found = pattern.match(line);
  if (!found) return false;
  finding.subject.tid = pid_in((*found)[2]);
  if (auto uid = whole_number<std::uint32_t>((*found)[1])) finding.subject.uid = *uid;
  return true;
}

}  // namespace

std::string fault_place(std::string_view rest, std::optional<std::uint64_t> instruction) {
  static const LinePattern pattern(
      " in ",
      R"(^ in (.{1,255})\[(?:([0-9a-f]+),)?([0-9a-f]+)\+([0-9a-f]+)\](?: likely on CPU \d+ \(core \d+, socket \d+\))?\s*$)");
  auto found = pattern.match(rest);
  if (!found) return "";
  const auto& groups = *found;
  std::string place(groups[1]);
  if (auto offset = whole_hex(groups[2])) return place + "+" + hex(*offset);
  auto start = whole_hex(groups[3]), size = whole_hex(groups[4]);
  bool inside = instruction && start && size && *instruction >= *start && *instruction - *start < *size;
  return inside ? place + "+" + hex(*instruction - *start) : place;
}

bool FaultLines::take(const LogEntry& entry, std::string_view line, std::vector<Finding>& findings) {
  if (take_fatal(entry, line, findings)) return true;
  std::size_t count = 0;
  const auto* table = rows(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto groups = table[i].pattern.match(line);
    if (!groups) continue;
    auto fault = table[i].read(*groups, line.substr((*groups)[0].size()));
    auto finding = finding_at(entry, Finding::Kind::fault);
    finding.subject.comm = fault.comm;
    finding.subject.tid = pid_in(fault.tid);
    finding.signal = fault.signal;
    finding.by_kernel = true;
    finding.reason = (fault.signal ? signal_name(fault.signal) : std::string("a fault")) + fault.what;
    if (auto place = fault_place(fault.rest, fault.instruction); !place.empty()) finding.reason += " in " + place;
    findings.push_back(std::move(finding));
    return true;
  }
  return false;
}

/// Before 6.4 without names; with kernel.print-fatal-signals alone. It is written for signals that dump core, whoever
/// sent them: no proof of a fault.
bool FaultLines::take_fatal(const LogEntry& entry, std::string_view line, std::vector<Finding>& findings) {
  static const LinePattern pattern("potentially unexpected fatal signal ",
                                   R"(^(?:(.{1,255}): (.{1,15}): )?potentially unexpected fatal signal (\d+)\.$)");
  if (fatal_) {
    bool named = put_task(line, *fatal_);
    if (named || ++lines_since_ >= kMostLinesBetween) release(findings);
    if (named) return true;
  }
  auto found = pattern.match(line);
  if (!found) return false;
  release(findings);
  auto finding = finding_at(entry, Finding::Kind::abnormal_end);
  finding.signal = signal_in((*found)[3]);
  finding.subject.comm = (*found)[2];
  finding.reason = "fatal " + signal_name(finding.signal);
  fatal_ = std::move(finding);
  lines_since_ = 0;
  return true;
}

void FaultLines::release(std::vector<Finding>& findings) {
  if (fatal_) findings.push_back(std::move(*fatal_));
  fatal_.reset();
}

}  // namespace stapkill
