#include <algorithm>

#include "autopsy/messages/kernel_faults.h"
#include "autopsy/messages/kernel_oom.h"
#include "autopsy/messages/kernel_others.h"
#include "autopsy/messages/readers.h"

namespace stapkill {
namespace {

/// With CONFIG_PRINTK_CALLER a line has its task or CPU before it: "[ T1234] ", "[    C0] " (kernel/printk/printk.c).
std::string_view without_caller(std::string_view line) {
  auto close = line.find(']');
  if (!line.starts_with('[') || close == std::string_view::npos || close > 12) return line;
  auto inside = line.substr(1, close - 1);
  inside.remove_prefix(std::min(inside.find_first_not_of(' '), inside.size()));
  bool caller = inside.size() > 1 && (inside[0] == 'T' || inside[0] == 'C') &&
                inside.find_first_not_of("0123456789", 1) == std::string_view::npos;
  if (!caller) return line;
  line.remove_prefix(close + 1);
  if (line.starts_with(' ')) line.remove_prefix(1);
  return line;
}

/// In the journal any program can call itself "kernel"; only the transport is the journal's own word
/// (systemd.journal-fields(7)).
bool may_be_the_kernels(const LogEntry& entry) {
  if (!entry.program.empty() && entry.program != "kernel") return false;
  auto transport = entry.value("_TRANSPORT");
  return !entry.pid && (transport.empty() || transport == "kernel");
}

class KernelMessages : public MessageReader {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) override {
    if (!may_be_the_kernels(entry)) return false;
    auto line = without_caller(entry.message);
    return oom_.take(entry, line, findings) || faults_.take(entry, line, findings) ||
           take_other_kernel_line(entry, line, !entry.program.empty(), findings);
  }

  void finish(std::vector<Finding>& findings) override {
    oom_.finish(findings);
    faults_.finish(findings);
  }

 private:
  OomReports oom_;
  FaultLines faults_;
};

}  // namespace

std::unique_ptr<MessageReader> kernel_messages_reader() {
  return std::make_unique<KernelMessages>();
}

}  // namespace stapkill
