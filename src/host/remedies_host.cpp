// Remedies for all else: who may do what, how the kernel runs, where it is done.
#include "host/remedy_rows.h"

namespace stapkill {
namespace {

// A key of one's own, which the firmware's shim is asked to trust (mokutil(1)), and the kernel's own program to sign a
// module with it (Documentation/admin-guide/module-signing.rst). The kernel takes the last signature of a module.
constexpr std::string_view kSign =
    "openssl req -new -x509 -newkey rsa:2048 -nodes -sha256 -days 3650 -subj /CN=stapkill/ -keyout /root/stapkill.key "
    "-outform DER -out /root/stapkill.der\n"
    "mokutil --import /root/stapkill.der\n"
    "systemctl reboot\n"
    "stapkill watch --prepare\n"
    "for module in {cache}/modules/*/stapkill_*.ko; do /lib/modules/{release}/build/scripts/sign-file sha256 "
    "/root/stapkill.key /root/stapkill.der \"$module\"; done";

// remedies_tools.cpp says what the words are.
constexpr RemedyRow kRows[] = {
    {"privilege", {}, "run it as root:", "sudo stapkill doctor", false, true},
    {"capability",
     {},
     "root of a container or of a service with a bounded set of capabilities cannot load modules: run "
     "it on the host itself, or with CAP_SYS_MODULE",
     ""},
    {"modules-disabled",
     {},
     "kernel.modules_disabled cannot be taken back: see who sets it (/etc/sysctl.d), and reboot",
     "",
     true},
    {"signing-secure-boot",
     {.ids = kImages},
     "stapkill watch --backend bpf needs no module, and Secure Boot does not mind it",
     ""},
    {"signing-secure-boot",
     {},
     "sign what stapkill compiles with a machine owner key: make one, enrol it (mokutil asks for a password, and the "
     "console for the same one at the next boot), then sign, again after each update of the kernel or of stapkill "
     "(docs/doctor.md, Secure Boot); stap --sign-module of SystemTap 4.7 and later does so for scripts of your own. Or "
     "stapkill watch --backend bpf, which needs no module; or switch Secure Boot off in the firmware:",
     kSign,
     true,
     true},
    {"signing",
     {},
     "boot without module.sig_enforce and lockdown= (a kernel with CONFIG_MODULE_SIG_FORCE: another kernel), or sign "
     "with a key that it trusts",
     "",
     true},
    {"lockdown-integrity",
     {},
     "lockdown comes with Secure Boot or lockdown= on the kernel's command line: sign what stapkill compiles "
     "(docs/doctor.md, Secure Boot; with SystemTap 4.4 or later, which does without debugfs), or switch it off in the "
     "firmware or there; the bpf backend does not mind it",
     "",
     true},
    {"lockdown-confidentiality",
     {},
     "lockdown comes with Secure Boot or lockdown= on the kernel's command line: switch it off in the firmware or "
     "there; nothing can trace in this mode",
     "",
     true},
    {"container",
     {},
     "run it on the host; or in a container that has what it needs:",
     "docker run --privileged --pid=host -v /lib/modules:/lib/modules:ro -v /usr/src:/usr/src:ro -v "
     "/sys/kernel/debug:/sys/kernel/debug IMAGE",
     false,
     true},
    {"tracefs",
     {},
     "to mount them now:",
     "mount -t debugfs debugfs /sys/kernel/debug\nmount -t tracefs tracefs /sys/kernel/tracing"},
    {"securityfs", {}, "to mount it now:", "mount -t securityfs securityfs /sys/kernel/security"},
    {"space",
     {},
     "free some; modules can be kept elsewhere (STAPKILL_CACHE=DIR); to see what is in the cache:",
     "du -sh {cache}",
     false,
     true},
    {"bpf-capability", {}, "run it with sudo, or as a user with CAP_BPF and CAP_PERFMON", ""},
    {"bpf-capability-container",
     {},
     "run it on the host, or give the container CAP_BPF and CAP_PERFMON (in a pod: securityContext.capabilities.add "
     "[BPF, PERFMON], and hostPID: true):",
     "docker run --cap-add BPF --cap-add PERFMON --pid=host IMAGE",
     false,
     true},
    {"bpf-user-namespace",
     {},
     "run it as root of the machine (sudo, on the host): root of a user namespace, as rootless containers have it, may "
     "not",
     ""},
    {"bpf-forbidden",
     {},
     "a seccomp filter or a security module forbids it: run it outside of what confines it, on the host itself or in a "
     "container that is privileged (in a pod: securityContext.privileged: true, and hostPID: true):",
     "docker run --privileged --pid=host IMAGE",
     false,
     true},
    {"pid-namespace",
     {},
     "run it on the host, or in a container with the host's process ids (in a pod: hostPID: true):",
     "docker run --pid=host IMAGE",
     false,
     true},
    {"smoke",
     {},
     "stapkill watch --prepare -v --keep shows and keeps all that stap said; stapkill explain --log FILE says what it "
     "means",
     ""},
};

}  // namespace

std::span<const RemedyRow> host_remedies() {
  return kRows;
}

}  // namespace stapkill
