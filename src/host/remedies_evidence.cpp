// Remedies: what to switch on so that the next death leaves evidence (`why`).
#include "host/remedy_rows.h"

namespace stapkill {
namespace {

// auditctl(8): one rule for each system call that sends a signal. pidfd_send_signal is left out: auditctl before 3.0
// does not know its name.
constexpr std::string_view kAuditRule =
    "auditctl -a always,exit -F arch=b64 -S kill,tkill,tgkill,rt_sigqueueinfo,rt_tgsigqueueinfo -k who-killed";

constexpr RemedyRow kRows[] = {
    {"next-recorder",
     {.managers = "apk emerge"},
     msgid("let the recorder keep every death of this host; start it with the host:"),
     "stapkill record",
     false,
     true},
    {"next-recorder",
     {},
     msgid("let the recorder keep every death of this host, with the sender:"),
     "systemctl enable --now stapkill"},
    {"next-audit",
     {.managers = "apt-get"},
     msgid("let audit log who sends signals:"),
     "{install} auditd\n"
     "auditctl -a always,exit -F arch=b64 -S kill,tkill,tgkill,rt_sigqueueinfo,rt_tgsigqueueinfo -k who-killed"},
    {"next-audit",
     {.managers = "dnf yum tdnf zypper pacman apk"},
     msgid("let audit log who sends signals:"),
     "{install} audit\n"
     "auditctl -a always,exit -F arch=b64 -S kill,tkill,tgkill,rt_sigqueueinfo,rt_tgsigqueueinfo -k who-killed"},
    {"next-audit", {}, msgid("let audit log who sends signals (its daemon must run):"), kAuditRule},
    {"next-core",
     {.managers = "apt-get zypper"},
     msgid("keep core dumps: a core names the sender of its signal:"),
     "{install} systemd-coredump"},
    {"next-core",
     {.ids = kElIds, .until = "8"},
     msgid("keep core dumps: a core names the sender of its signal:"),
     "{install} abrt-addon-ccpp abrt-cli\nsystemctl enable --now abrtd abrt-ccpp"},
    {"next-core",
     {},
     msgid("keep core dumps: a core names the sender of its signal; for a service, LimitCORE=infinity in its unit:"),
     "ulimit -c unlimited",
     false,
     true},
    {"next-journal",
     {},
     msgid("keep the journal over a reboot:"),
     "mkdir -p /var/log/journal\nsystemctl restart systemd-journald"},
    {"next-root", {}, msgid("let root read what this user may not:"), "sudo stapkill why", false, true},
};

}  // namespace

std::span<const RemedyRow> evidence_remedies() {
  return kRows;
}

}  // namespace stapkill
