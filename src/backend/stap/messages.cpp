#include "backend/stap/messages.h"

#include <string>

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

struct Row {
  std::string_view text;  ///< a part of the message that does not vary
  Level level;
  std::string_view id, remedy;
};

// The untranslated texts of SystemTap 4.8 and 5.1 (runtime/, staprun/, the translator); the first that fits counts.
constexpr Row kRows[] = {
    {"transport failures", Level::warning, "stap.transport", "give the module a larger buffer: --stap-arg=-s64"},
    {"Number of errors", Level::warning, "stap.skipped",
     "events were lost inside SystemTap; the stream's loss records have the numbers"},
    {"Skipped too many probes", Level::error, "stap.overload",
     "the machine is too busy for the probes: narrow the targets"},
    {"probe overhead", Level::error, "stap.overload", "the machine is too busy for the probes: narrow the targets"},
    {"MAXACTION exceeded", Level::error, "stap.maxaction", "--stap-arg=-DMAXACTION=102400"},
    {"Array overflow", Level::error, "stap.maxmapentries", "--stap-arg=-DMAXMAPENTRIES=102400"},
    {"Key was rejected by service", Level::error, "kernel.signing",
     "Secure Boot refuses unsigned modules: enrol a machine owner key for SystemTap (mokutil --import), or switch "
     "Secure Boot off"},
    {"Required key not available", Level::error, "kernel.signing",
     "the kernel wants signed modules: enrol a machine owner key (mokutil --import), or boot without "
     "module.sig_enforce"},
    {"Invalid module format", Level::error, "kernel.build",
     "the headers are of another build than the running kernel: install its own, or reboot into the installed kernel"},
    {"Unknown symbol in module", Level::error, "kernel.build",
     "the headers are of another build than the running kernel: install its own, or reboot into the installed kernel"},
    {"Couldn't insert module", Level::error, "kernel.modules",
     "run as root outside containers, on a kernel that is not locked down; dmesg says more"},
    {"The effective user ID of staprun must be set to the root user", Level::error, "stap.staprun",
     "reinstall the package with staprun, or run as root"},
    {"You are trying to run systemtap as a normal user", Level::error, "user.privilege",
     "run it with sudo, or join the groups stapdev and stapusr"},
    {"Your privilege credentials", Level::error, "user.privilege",
     "run it with sudo, or join the groups stapdev and stapusr"},
    {"module version mismatch", Level::error, "kernel.build",
     "install the headers of the running kernel, or reboot into the installed one"},
    {"Build-id mismatch", Level::error, "kernel.debuginfo.match",
     "install the debuginfo of the running kernel's very build"},
    {"is not a zombie systemtap module", Level::warning, "stap.zombie", ""},
    {"unable to find member", Level::error, "stap.runtime",
     "this SystemTap does not know this kernel: a newer SystemTap is needed"},
    {"no match (similar functions", Level::error, "stap.probe",
     "the kernel has no such function; the message names those that come near"},
    {"kernel/module debuginfo", Level::error, "kernel.debuginfo", "install the kernel's debuginfo package"},
    {"kbuild exited with status", Level::error, "stap.runtime",
     "the module did not compile: this SystemTap does not fit this kernel; -v shows the compiler's words"},
    {"Checking \"", Level::error, "kernel.build", "install the headers (kernel-devel) of the running kernel"},
    {"user-space process-tracking facilities not available", Level::error, "kernel.config",
     "the kernel lacks CONFIG_UPROBES"},
    {"No space left on device", Level::error, "fs.space",
     "free some space in the cache directory, or name another with STAPKILL_CACHE"},
    {"Kernel function symbol table missing", Level::warning, "kernel.symbols",
     "SystemTap finds no System.map; stapkill's own probes do without, scripts of yours may not"},
    {"ERROR: ", Level::error, "stap.error", ""},
    {"semantic error", Level::error, "stap.pass2", "-v shows all that stap said"},
};

}  // namespace

std::optional<DiagnosticRecord> explain_message(std::string_view line) {
  for (const auto& row : kRows) {
    if (line.find(row.text) == std::string_view::npos) continue;
    DiagnosticRecord record;
    record.level = row.level;
    record.id = row.id;
    record.message = line;
    record.remedy = row.remedy;
    return record;
  }
  return std::nullopt;
}

}  // namespace stapkill
