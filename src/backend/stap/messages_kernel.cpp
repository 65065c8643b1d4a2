// The kernel's own messages when it refuses a module (dmesg).
#include "backend/stap/messages.h"
#include "base/phrase.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context
constexpr Message kMessages[] = {
    {"dmesg.lockdown", Level::error,
     "Lockdown: [^:]+: (unsigned module loading|use of kprobes|debugfs access|use of tracefs|unsafe use of perf|use of "
     "kcore|use of bpf).* is restricted",
     msgid("Lockdown (Secure Boot) forbids what SystemTap needs."),
     msgid("enrol a machine owner key and sign (mokutil --import), or switch Secure Boot off"), "kernel.lockdown", "",
     "security/lockdown/lockdown.c (5.4+)", false, "insert.permitted insert.other kernel.signing"},
    {"dmesg.signature", Level::error,
     "[Ll]oading of (unsigned module|module with (unavailable key|unsupported crypto)) is rejected|PKCS#7 signature "
     "not signed with a trusted key",
     msgid("module.sig_enforce or Secure Boot: the key that signed the module is not in a trusted keyring."),
     msgid("enrol the key (mokutil --import) and reboot, or switch Secure Boot or module.sig_enforce off"),
     "kernel.signing", "", "kernel/module/signing.c (5.4+; kernel/module.c before)", false,
     "insert.permitted insert.other kernel.signing"},
    {"dmesg.vermagic", Level::error, ": version magic '[^']*('|$)",
     msgid("The module was compiled with headers of another release or configuration."),
     msgid("install the headers of the running kernel, or reboot into the installed one"), "kernel.build", "",
     "kernel/module/main.c check_modinfo", false, "insert.format insert.other"},
    {"dmesg.symbol-version", Level::error, R"(: (disagrees about version of symbol |no symbol version for )\w+)",
     msgid("Symbol versions (CONFIG_MODVERSIONS) of headers and kernel differ, or the module has none (stap -g)."),
     msgid("install the headers of the running build; for a script with -g that has no symbol versions, give stap "
           "-BCONFIG_MODVERSIONS=y"),
     "kernel.build", "", "kernel/module/version.c", false, "insert.format insert.symbol-version insert.other"},
    {"dmesg.unknown-symbol", Level::error, R"(: Unknown symbol \w+( \(err -?\d+\))?)",
     msgid("The running kernel does not export that symbol."),
     msgid("install the headers of the running build, or a newer SystemTap"), "kernel.build", "",
     "kernel/module/main.c simplify_symbols", false, "insert.unknown-symbol insert.other"},
    {"dmesg.module-layout", Level::error,
     R"((\.gnu\.linkonce\.this_module section size must match|x86/modules: Skipping invalid relocation target|failed to validate module \[.*\] BTF: -))",
     msgid("The module was compiled for another build or with another compiler configuration."),
     msgid("install the headers of the running build and the compiler that built it"), "kernel.build", "",
     "kernel/module/main.c, arch/x86/kernel/module.c", false, "insert.format insert.other"},
    {"dmesg.relay-memory", Level::error, R"(Not enough free\+buffered memo)",
     msgid("-s asks for more buffer than there is free memory (it is per CPU)."), msgid("ask for a smaller buffer"), "",
     "-s4", "runtime/transport/relay_v2.c:321 (4.8)", false},
    {"dmesg.runtime", Level::error, R"(Systemtap Error at \w+:\d+ )",
     msgid("The runtime could not make its debugfs/procfs files or buffers; the text follows."),
     msgid("mount debugfs, and remove what a killed run left: staprun -d NAME"), "fs.tracefs", "",
     "runtime/linux/debug.h:20 errk() (4.8)", false},
    {"dmesg.stuck", Level::warning, R"(context\[\d+\] stuck: |overriding stuck context to allow module shutdown)",
     msgid("A probe handler did not come back when the module was being unloaded."),
     msgid("wait; reboot if the module stays"), "", "", "runtime/linux/runtime_context.h:158,184 (4.8)", false},
    {"dmesg.taint", Level::warning, "module verification failed: signature and/or",
     msgid("Harmless by itself: an unsigned module was loaded. If the machine also hangs or refuses the module, "
           "headers and "
           "running kernel are different builds."),
     msgid("ignore it; if the machine hangs or refuses the module, reboot into the installed kernel"), "kernel.signing",
     "", "kernel/module/main.c (pr_notice_once; two blanks in 3.10 to 4.4)", false},
};

}  // namespace

std::span<const Message> kernel_messages() {
  return kMessages;
}

}  // namespace stapkill
