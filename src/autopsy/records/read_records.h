#pragma once

#include <string>
#include <string_view>

#include "autopsy/finding.h"
#include "autopsy/scope.h"

namespace stapkill {

// Sources that are no log of lines for people: each reads its files below the scope, in the scope's time. A file that
// is missing, closed to this user or broken is a note.

/// /var/log/audit/audit.log and its rotated ones, raw or enriched (auditd.conf(5), log_format), and LAUREL's JSON below
/// /var/log/laurel.
Reading read_audit(const Scope& scope);

/// Process accounting: /var/log/account/pacct (Debian), /var/account/pacct (EL) and rotated ones (acct(5), version 3).
Reading read_accounting(const Scope& scope);

/// Core dumps as files: systemd-coredump's directory with its extended attributes, apport's /var/crash, abrt's
/// /var/spool/abrt and /var/tmp/abrt, plain cores where kernel.core_pattern puts them.
Reading read_cores(const Scope& scope);

/// wtmp (boots, shutdowns, logins) and apt's, dnf's, zypper's logs: context.
Reading read_sessions(const Scope& scope);

/// State files of docker, containerd (CRI), CRI-O, podman, and the kubelet's /var/log/pods, without asking a daemon.
Reading read_containers(const Scope& scope);

/// Counters of memory and pids of cgroups that still live (memory.events, memory.oom_control, pids.events), and
/// `systemctl show` of failed units of this machine.
Reading read_cgroups(const Scope& scope);

// The same sources as one file that a colleague sent. `bytes`: its content, as far as it was read.
Reading read_audit_text(std::string_view bytes, const std::string& name);
Reading read_accounting_file(std::string_view bytes, const std::string& name);
Reading read_core_file(const std::string& path, const std::string& name);
Reading read_crash_report(std::string_view bytes, const std::string& name);  ///< apport's
Reading read_wtmp_file(std::string_view bytes, const std::string& name);
Reading read_docker_inspect(std::string_view bytes, const std::string& name);  ///< also config.v2.json, podman's
Reading read_crictl_inspect(std::string_view bytes, const std::string& name);
Reading read_kubectl_describe(std::string_view bytes,
                              const std::string& name);  ///< also `kubectl get pod -o yaml|json`
Reading read_systemctl_show(std::string_view bytes, const std::string& name);

// Whether the first bytes of a file look like one.
bool looks_like_audit(std::string_view head);
bool looks_like_accounting(std::string_view head);
bool looks_like_core(std::string_view head);
bool looks_like_crash_report(std::string_view head);
bool looks_like_wtmp(std::string_view head);
bool looks_like_docker_inspect(std::string_view head);
bool looks_like_crictl_inspect(std::string_view head);
bool looks_like_kubectl_describe(std::string_view head);
bool looks_like_systemctl_show(std::string_view head);

}  // namespace stapkill
