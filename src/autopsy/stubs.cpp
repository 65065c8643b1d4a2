#include "autopsy/logs/read_logs.h"
#include "autopsy/messages/readers.h"
#include "autopsy/records/read_records.h"
namespace stapkill {
namespace { struct None : MessageReader { bool take(const LogEntry&, std::vector<Finding>&) override { return false; } }; }
#define R(n) std::unique_ptr<MessageReader> n() { return std::make_unique<None>(); }
R(kernel_messages_reader) R(systemd_messages_reader) R(daemon_messages_reader) R(login_messages_reader) R(audit_messages_reader)
void read_text_logs(const Scope&, const TakeEntry&, std::vector<SourceNote>&) {}
void read_kernel_buffer(const Scope&, const TakeEntry&, std::vector<SourceNote>&) {}
void read_journal(const Scope&, const TakeEntry&, std::vector<SourceNote>&) {}
void read_log_file(const std::string&, const Scope&, const TakeEntry&, std::vector<SourceNote>&) {}
bool looks_like_log(std::string_view) { return false; }
#define S(n) Reading n(const Scope&) { return {}; }
S(read_audit) S(read_accounting) S(read_cores) S(read_sessions) S(read_containers) S(read_cgroups)
#define B(n) Reading n(std::string_view, const std::string&) { return {}; }
B(read_audit_text) B(read_accounting_file) B(read_crash_report) B(read_wtmp_file) B(read_docker_inspect) B(read_crictl_inspect) B(read_kubectl_describe) B(read_systemctl_show)
Reading read_core_file(const std::string&, const std::string&) { return {}; }
#define L(n) bool n(std::string_view) { return false; }
L(looks_like_audit) L(looks_like_accounting) L(looks_like_core) L(looks_like_crash_report) L(looks_like_wtmp) L(looks_like_docker_inspect) L(looks_like_crictl_inspect) L(looks_like_kubectl_describe) L(looks_like_systemctl_show)
}
