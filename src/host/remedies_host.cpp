// Other remedies: privileges, the kernel's state, containers and file systems.
#include "host/remedy_rows.h"

namespace stapkill {
namespace {

// Makes a key, asks the firmware's shim to trust it (mokutil(1)), and signs modules with the kernel's own program
// (Documentation/admin-guide/module-signing.rst). The kernel uses a module's last signature.
constexpr std::string_view kSign =
    "openssl req -new -x509 -newkey rsa:2048 -nodes -sha256 -days 3650 -subj /CN=stapkill/ -keyout /root/stapkill.key "
    "-outform DER -out /root/stapkill.der\n"
    "mokutil --import /root/stapkill.der\n"
    "systemctl reboot\n"
    "stapkill watch --prepare\n"
    "for module in {cache}/modules/*/stapkill_*.ko; do /lib/modules/{release}/build/scripts/sign-file sha256 "
    "/root/stapkill.key /root/stapkill.der \"$module\"; done";

// remedies_tools.cpp explains the {words}.
constexpr RemedyRow kRows[] = {
    {"privilege", {}, msgid("run it as root:"), "sudo stapkill doctor", false, true},
    {"capability",
     {},
     msgid("root of a container or of a service with a bounded set of capabilities cannot load modules: run it on the "
           "host itself, or with CAP_SYS_MODULE"),
     ""},
    {"modules-disabled",
     {},
     msgid("kernel.modules_disabled cannot be switched off again: see what sets it (/etc/sysctl.d), and reboot"),
     "",
     true},
    {"signing-secure-boot",
     {.ids = kImages},
     msgid("use stapkill watch --backend bpf: it needs no module and works with Secure Boot"),
     ""},
    {"signing-secure-boot",
     {},
     msgid("sign what stapkill compiles with a machine owner key: make one, enrol it (mokutil asks for a password, and "
           "the console asks for it again at the next boot), then sign, and again after each update of the kernel or "
           "of stapkill (docs/doctor.md, Secure Boot); stap --sign-module of SystemTap 4.7 and later does so for "
           "scripts of your own. Or stapkill watch --backend bpf, which needs no module; or switch Secure Boot off in "
           "the firmware:"),
     kSign,
     true,
     true},
    {"signing",
     {},
     msgid("boot without module.sig_enforce and lockdown= (a kernel with CONFIG_MODULE_SIG_FORCE: another kernel), or "
           "sign with a key that it trusts"),
     "",
     true},
    {"lockdown-integrity",
     {},
     msgid("lockdown comes with Secure Boot or lockdown= on the kernel's command line: sign what stapkill compiles "
           "(docs/doctor.md, Secure Boot; with SystemTap 4.4 or later, which needs no debugfs), or switch it off in "
           "the firmware or on the command line; or use the bpf backend, which works with it"),
     "",
     true},
    {"lockdown-confidentiality",
     {},
     msgid("lockdown comes with Secure Boot or lockdown= on the kernel's command line: switch it off in the firmware "
           "or on the command line; nothing can trace in this mode"),
     "",
     true},
    {"container",
     {},
     msgid("run it on the host; or in a container that has what it needs:"),
     "docker run --privileged --pid=host -v /lib/modules:/lib/modules:ro -v /usr/src:/usr/src:ro -v "
     "/sys/kernel/debug:/sys/kernel/debug IMAGE",
     false,
     true},
    {"tracefs",
     {},
     msgid("to mount them now:"),
     "mount -t debugfs debugfs /sys/kernel/debug\nmount -t tracefs tracefs /sys/kernel/tracing"},
    {"securityfs", {}, msgid("to mount it now:"), "mount -t securityfs securityfs /sys/kernel/security"},
    {"space",
     {},
     msgid("free some; modules can be kept elsewhere (STAPKILL_CACHE=DIR); to see what is in the cache:"),
     "du -sh {cache}",
     false,
     true},
    {"bpf-capability", {}, msgid("run it with sudo, or as a user with CAP_BPF and CAP_PERFMON"), ""},
    {"bpf-capability-container",
     {},
     msgid("run it on the host, or give the container CAP_BPF and CAP_PERFMON (in a pod: "
           "securityContext.capabilities.add [BPF, PERFMON], and hostPID: true):"),
     "docker run --cap-add BPF --cap-add PERFMON --pid=host IMAGE",
     false,
     true},
    {"bpf-user-namespace",
     {},
     msgid("run it as root of the machine (sudo, on the host), not as root of a user namespace, as in a rootless "
           "container"),
     ""},
    {"bpf-forbidden",
     {},
     msgid("a seccomp filter or a security module forbids it: run it on the host itself or in a privileged container "
           "(in a pod: securityContext.privileged: true, and hostPID: true):"),
     "docker run --privileged --pid=host IMAGE",
     false,
     true},
    {"pid-namespace",
     {},
     msgid("run it on the host, or in a container with the host's process ids (in a pod: hostPID: true):"),
     "docker run --pid=host IMAGE",
     false,
     true},
    {"smoke",
     {},
     msgid("stapkill watch --prepare -v --keep shows and keeps all that stap said; stapkill explain --log FILE says "
           "what it means"),
     ""},
};

}  // namespace

std::span<const RemedyRow> host_remedies() {
  return kRows;
}

}  // namespace stapkill
