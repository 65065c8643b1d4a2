#include "verdict/poses.h"

#include <algorithm>
#include <iterator>

#include "verdict/process_words.h"

namespace stapkill {
namespace {

constexpr std::size_t kLongestComm = 15;  // TASK_COMM_LEN less its NUL

struct Daemon {
  std::string_view comm;   ///< "systemd-" matches all names that begin with it
  std::string_view other;  ///< other names of its program, between spaces
};
constexpr Daemon kDaemons[] = {
    {"acpid", ""},
    {"agetty", ""},
    {"anacron", ""},
    {"apache2", " httpd "},
    {"atd", ""},
    {"auditd", ""},
    {"avahi-daemon", ""},
    {"chronyd", ""},
    {"containerd", " k3s rke2 "},
    {"containerd-shim", " k3s rke2 "},
    {"cron", ""},
    {"crond", ""},
    {"cupsd", ""},
    {"dbus-broker", ""},
    {"dbus-daemon", ""},
    {"dnsmasq", ""},
    {"dockerd", ""},
    {"etcd", " k3s "},
    {"haproxy", ""},
    {"httpd", " apache2 "},
    {"inetd", ""},
    {"init",  // what /sbin/init links to, and first processes of containers
     " systemd upstart runit openrc-init s6-svscan s6-linux-init dinit finit shepherd tini dumb-init catatonit "},
    {"irqbalance", ""},
    {"kube-apiserver", " hyperkube k3s rke2 "},
    {"kube-proxy", " hyperkube k3s rke2 "},
    {"kubelet", " hyperkube k3s rke2 kubelite "},
    {"memcached", ""},
    {"mongod", ""},
    {"mysqld", " mariadbd "},
    {"named", ""},
    {"nginx", " openresty angie "},
    {"nmbd", ""},
    {"ntpd", " chronyd "},
    {"php-fpm", ""},
    {"polkitd", ""},
    {"postgres", ""},
    {"postmaster", " postgres "},
    {"redis-server", " redis-check-rdb redis-check-aof valkey-server "},  // Debian's is a link to redis-check-rdb
    {"rpcbind", ""},
    {"rsyslogd", ""},
    {"smartd", ""},
    {"smbd", ""},
    {"snmpd", ""},
    {"sshd", ""},
    {"syslogd", " rsyslogd syslog-ng "},
    {"systemd", ""},
    {"systemd-", " udevadm "},  // systemd-udevd is a link to it
    {"udevd", " udevadm "},
    {"vsftpd", ""},
    {"xinetd", ""},
};

/// These run a program under any name.
constexpr std::string_view kRunners[] = {"busybox", "toybox", "qemu-", "box64", "rosetta"};

/// Beginnings of kernel threads' names that no distribution's program has.
constexpr std::string_view kKernelThreads[] = {
    "kworker", "ksoftirqd", "kthreadd",    "migration/", "cpuhp/",     "rcu_",        "rcuop/",     "rcuob/",
    "rcuos/",  "kswapd",    "jbd2/",       "kdevtmpfs",  "kauditd",    "khungtaskd",  "oom_reaper", "kcompactd",
    "kblockd", "khugepage", "irq/",        "watchdog/",  "scsi_eh_",   "kintegrityd", "kthrotld",   "xfsaild/",
    "kcryptd", "ext4-rsv-", "idle_inject", "kpsmoused",  "kondemand/",
};

bool has_kernel_threads_name(std::string_view name) {
  if (name == "ksmd" || name == "pdflush" || name == "kstrp") return true;
  return std::any_of(std::begin(kKernelThreads), std::end(kKernelThreads),
                     [&](auto beginning) { return name.starts_with(beginning); });
}

/// Also as ps writes it, in brackets.
bool looks_like_kernel_thread(std::string_view name) {
  bool bracketed = name.size() > 2 && name.starts_with('[') && name.ends_with(']');
  // No kernel thread has a space in its name; titles like "[celery beat worker]" do.
  return bracketed ? name.find(' ') == std::string_view::npos : has_kernel_threads_name(name);
}

const Daemon* daemon_of(std::string_view comm) {
  const auto* at = std::find_if(std::begin(kDaemons), std::end(kDaemons), [&](const auto& row) {
    return row.comm == comm || (row.comm.ends_with('-') && comm.starts_with(row.comm));
  });
  return at == std::end(kDaemons) ? nullptr : at;
}

bool may_be(const Daemon& daemon, std::string_view comm, std::string_view program) {
  if (program.empty() || program.find(daemon.comm) != std::string_view::npos) return true;
  constexpr std::size_t short_name = 3;  // "ss" is the beginning of "sshd" by chance
  if (program.size() > short_name && comm.starts_with(program)) return true;
  std::string word = ' ' + std::string(program) + ' ';
  return daemon.other.find(word) != std::string_view::npos;
}

}  // namespace

bool poses_as_daemon(const Process& process, std::string_view program) {
  const Daemon* daemon = daemon_of(process.comm);
  if (!daemon || may_be(*daemon, process.comm, program)) return false;
  bool runner = std::any_of(std::begin(kRunners), std::end(kRunners),
                            [&](auto beginning) { return program.starts_with(beginning); });
  if (runner) return false;
  std::string script = script_of(process);
  return script.substr(script.rfind('/') + 1).substr(0, kLongestComm) != process.comm;
}

bool poses_as_kernel_thread(const Process& process) {
  if (looks_like_kernel_thread(process.comm)) return true;
  return process.argv && !process.argv->empty() && looks_like_kernel_thread(process.argv->front());
}

}  // namespace stapkill
