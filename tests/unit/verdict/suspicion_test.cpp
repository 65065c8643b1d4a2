#include "verdict/suspicion.h"

#include "catch.h"
#include "host/package_files.h"
#include "host/procfs.h"
#include "sys/file.h"

using namespace stapkill;

namespace {

using Words = std::vector<std::string>;

/// A machine whose packages have all below /usr/bin but one file, and on which nothing was replaced.
const FileQuestions kFiles = {
    [](const std::string& path) { return path.starts_with("/usr/") && path != "/usr/bin/vGhyM0"; },
    [](const std::string& path) { return path == "/usr/sbin/upgraded"; }};

Process make_process(std::string comm, std::optional<std::string> exe, std::optional<Words> argv = std::nullopt) {
  Process process;
  process.pid = 1234;
  process.comm = std::move(comm);
  process.exe = std::move(exe);
  process.argv = std::move(argv);
  return process;
}

Words flags(std::string comm, std::optional<std::string> exe, std::optional<Words> argv = std::nullopt) {
  return suspicions(make_process(std::move(comm), std::move(exe), std::move(argv)), kFiles);
}

}  // namespace

TEST_CASE("suspicion: a deleted program", "[suspicion]") {
  CHECK(flags("app", "/usr/bin/app (deleted)") == Words{"deleted-exe"});
  CHECK(flags("app", "/srv/app (deleted)") == Words{"deleted-exe"});
  CHECK(flags("app", "/usr/bin/app(deleted)") == Words{});
  CHECK(flags("app", "/usr/bin/app (deleted)x") == Words{});
  // An upgrade puts the new one in its place.
  CHECK(flags("upgraded", "/usr/sbin/upgraded (deleted)") == Words{});
}

TEST_CASE("suspicion: a program that exists only in memory", "[suspicion]") {
  CHECK(flags("3", "/memfd:thief (deleted)") == Words{"memfd-exe"});
  CHECK(flags("3", "/memfd: (deleted)") == Words{"memfd-exe"});
  CHECK(flags("3", "/memfd:/tmp/x (deleted)") == Words{"memfd-exe"});
  CHECK(flags("x", "/memfd:x") == Words{});  // a file of that name
  CHECK(flags("x", "/srv/memfd:x (deleted)") == Words{"deleted-exe"});
}

TEST_CASE("suspicion: a program in a directory for temporary files", "[suspicion]") {
  CHECK(flags("x", "/tmp/x") == Words{"temporary-exe"});
  CHECK(flags("x", "/var/tmp/a/x") == Words{"temporary-exe"});
  CHECK(flags("x", "/dev/shm/x (deleted)") == Words{"deleted-exe", "temporary-exe"});
  for (const char* exe : {"/tmpx", "/usr/tmp/x", "/srv/tmp/x", "/dev/shmx", "tmp/x", "/var/lib/x"}) {
    CHECK(flags("x", exe) == Words{});
  }
}

TEST_CASE("suspicion: a program in a hidden place", "[suspicion]") {
  CHECK(flags("x", "/home/a/.cache/x") == Words{"hidden-exe"});
  CHECK(flags("x", "/usr/bin/.x") == Words{"hidden-exe"});
  CHECK(flags("x", "/var/tmp/.../x") == Words{"temporary-exe", "hidden-exe"});
  CHECK(flags("x", "/srv/app.d/x.y") == Words{});
  CHECK(flags(".x-wrapped", "/nix/store/abc-x-1.0/bin/.x-wrapped") == Words{});
  CHECK(flags(".x-real", "/gnu/store/abc-x-1.0/bin/.x-real") == Words{});
}

TEST_CASE("suspicion: a daemon's name, another program", "[suspicion]") {
  CHECK(flags("sshd", "/usr/bin/perl5.36", Words{"perl", "/home/a/bot.pl"}) == Words{"false-name"});
  CHECK(flags("sshd", "/usr/bin/ss") == Words{"false-name"});
  CHECK(flags("crond", "/srv/xmrig") == Words{"false-name"});
  CHECK(flags("systemd-logind", "/srv/miner") == Words{"false-name"});
  CHECK(flags("systemd", "/srv/miner (deleted)") == Words{"deleted-exe", "false-name"});
  CHECK(flags("nginx", "/usr/bin/python3.11", Words{"nginx"}) == Words{"false-name"});
  CHECK(flags("init", "/srv/x") == Words{"false-name"});
}

TEST_CASE("suspicion: a daemon's name that is its own", "[suspicion]") {
  CHECK(flags("sshd", std::nullopt) == Words{});
  CHECK(flags("sshd", "") == Words{});
  CHECK(flags("sshd", "/usr/lib/openssh/sshd-session") == Words{});
  CHECK(flags("sshd", "/usr/sbin/upgraded/sshd") == Words{});
  CHECK(flags("nginx", "/usr/sbin/nginx-debug") == Words{});
  CHECK(flags("crond", "/usr/sbin/cron") == Words{});
  CHECK(flags("httpd", "/bin/busybox", Words{"httpd", "-f"}) == Words{});
  CHECK(flags("nginx", "/usr/libexec/qemu-binfmt/qemu-aarch64-static") == Words{});
  CHECK(flags("init", "/usr/bin/dash", Words{"/bin/sh", "/init"}) == Words{});
  CHECK(flags("systemd-sysv-in", "/usr/bin/dash", Words{"sh", "/lib/systemd/systemd-sysv-install", "enable"}) ==
        Words{});
  CHECK(flags("myapp", "/srv/other") == Words{});  // nobody well known
}

TEST_CASE("suspicion: a false kernel thread", "[suspicion]") {
  const Words flagged = {"false-kernel-thread"};
  CHECK(flags("kworker/0:1", "/srv/x") == flagged);
  CHECK(flags("kworkerds", "/srv/x") == flagged);
  CHECK(flags("kdevtmpfsi", "/srv/x") == flagged);
  CHECK(flags("kthreadd", "/srv/x") == flagged);
  CHECK(flags("rcu_sched", "/srv/x") == flagged);
  CHECK(flags("[kswapd0]", "/srv/x") == flagged);
  CHECK(flags("[kworker/0:1]", "/usr/bin/perl") == flagged);
  CHECK(flags("x", "/srv/x", Words{"[kworker/0:1]"}) == flagged);
  CHECK(flags("x", "/srv/x", Words{"[anything]"}) == flagged);
  CHECK(flags("x", "/srv/x", Words{"kswapd0", "-c"}) == flagged);
  CHECK(flags("kswapd0", "/srv/x (deleted)") == Words{"deleted-exe", "false-kernel-thread"});
}

TEST_CASE("suspicion: no false kernel thread", "[suspicion]") {
  for (const char* comm : {"kthreadd", "kworker/u8:1-ev", "ksoftirqd/0", "jbd2/vda1-8", "rcu_preempt"}) {
    CHECK(flags(comm, std::nullopt) == Words{});  // a real one
  }
  CHECK(flags("[celery beat]", "/usr/bin/python3") == Words{});
  CHECK(flags("[", "/usr/bin/[", Words{"[", "a", "]"}) == Words{});
  CHECK(flags("x", "/usr/bin/x", Words{"[]"}) == Words{});
  CHECK(flags("celery", "/usr/bin/celery", Words{"[celery beat worker]"}) == Words{});
  CHECK(flags("(sd-pam)", "/usr/lib/systemd/systemd", Words{"(sd-pam)"}) == Words{});
  CHECK(flags("kded5", "/usr/bin/kded5") == Words{});
  CHECK(flags("iou-wrk-12", "/usr/bin/x") == Words{});
  CHECK(flags("watchdog", "/usr/sbin/watchdog", Words{}) == Words{});
}

TEST_CASE("suspicion: a random name that no package has", "[suspicion]") {
  CHECK(flags("vGhyM0", "/usr/bin/vGhyM0") == Words{"random-name"});
  CHECK(flags("vGhyM0", std::nullopt) == Words{"random-name"});
  CHECK(flags("x", "/srv/vGhyM0") == Words{"random-name"});
  CHECK(flags("vGhyM0", "/srv/x") == Words{"random-name"});
  CHECK(flags("vGhyM0", "/usr/bin/vGhyM0 (deleted)") == Words{"deleted-exe", "random-name"});
  CHECK(flags("vGhyM0", "/tmp/vGhyM0") == Words{"temporary-exe", "random-name"});
  CHECK(flags("xkqhzrptlw", "/usr/bin/xkqhzrptlw") == Words{});  // a package's
  CHECK(flags("vGhyM0", "/usr/bin/perl5.36") == Words{});
}

TEST_CASE("suspicion: packages are asked of random names alone, for a path", "[suspicion]") {
  int asked = 0;
  FileQuestions files = {[&](const std::string& path) { return ++asked, path == "/usr/bin/vGhyM0"; },
                         [&](const std::string&) { return ++asked, true; }};
  CHECK(suspicions(make_process("sleep", "/usr/bin/sleep"), files).empty());
  CHECK(suspicions(make_process("vGhyM0", std::nullopt), files).size() == 1);
  CHECK(asked == 0);
  CHECK(suspicions(make_process("vGhyM0", "/usr/bin/vGhyM0"), files).empty());
  CHECK(asked == 1);
}

TEST_CASE("suspicion: bytes of any kind", "[suspicion]") {
  const std::string junk("\xff\0\n/\x1b[\xc2", 7);
  CHECK(flags(junk, junk, Words{junk, ""}) == Words{});
  CHECK(flags("", "", Words{}) == Words{});
  CHECK(flags("", "/", Words{""}) == Words{});
  CHECK(flags("", " (deleted)", Words{"["}) == Words{"deleted-exe"});
  CHECK(flags("", "/memfd: (deleted)", Words{"]"}) == Words{"memfd-exe"});
  auto text = reason_of("false-name", make_process("{exe}", "{comm}"));
  CHECK(text == "it calls itself {exe}, but its program is {comm}");
}

TEST_CASE("suspicion: the reasons", "[suspicion]") {
  auto process = make_process("vGhyM0", "/usr/bin/vGhyM0 (deleted)");
  CHECK(reason_of("random-name", process) == "its name looks random, and no package is known to have /usr/bin/vGhyM0");
  CHECK(reason_of("deleted-exe", process) == "its program /usr/bin/vGhyM0 has been deleted");
  process.exe.reset();
  CHECK(reason_of("random-name", process) == "its name looks random, and no package is known to have its program");
  CHECK(reason_of("of another version", process) == "");
}

TEST_CASE("suspicion: each reason is a message whose holes all have values", "[suspicion]") {
  auto process = make_process("sshd", "/tmp/x");
  for (const auto& rule : suspicion_rules()) {
    INFO(rule.flag);
    auto reason = reason_of(rule.flag, process);
    CHECK(reason.has_message());
    CHECK(reason.english().find_first_of("{}") == std::string::npos);
    CHECK(reason.english().find("/tmp/x") != std::string::npos);
  }
}

TEST_CASE("suspicion: every rule is documented with its false positives", "[suspicion]") {
  auto text = read_file(STAPKILL_SOURCES "/docs/suspicion.md");
  REQUIRE(text);
  for (const auto& rule : suspicion_rules()) {
    INFO(rule.flag);
    auto at = text->find("| `" + std::string(rule.flag) + "` |");
    REQUIRE(at != std::string::npos);
    auto row = text->substr(at, text->find('\n', at) - at);
    CHECK(row.find(rule.false_positives) != std::string::npos);
  }
}

TEST_CASE("suspicion: a clean machine's daemons raise nothing", "[suspicion]") {
  struct Daemon {
    const char* comm;
    const char* exe;
    Words argv;
  };
  const Daemon daemons[] = {
      // Debian
      {"systemd", "/usr/lib/systemd/systemd", {"/sbin/init"}},
      {"init", "/usr/lib/systemd/systemd", {"/sbin/init"}},
      {"systemd", "/usr/lib/systemd/systemd", {"/lib/systemd/systemd", "--user"}},
      {"(sd-pam)", "/usr/lib/systemd/systemd", {"(sd-pam)"}},
      {"systemd-journal", "/usr/lib/systemd/systemd-journald", {"/lib/systemd/systemd-journald"}},
      {"systemd-udevd", "/usr/bin/udevadm", {"/lib/systemd/systemd-udevd"}},
      {"(udev-worker)", "/usr/bin/udevadm", {"/lib/systemd/systemd-udevd"}},
      {"systemd-timesyn", "/usr/lib/systemd/systemd-timesyncd", {"/lib/systemd/systemd-timesyncd"}},
      {"systemd-logind", "/usr/lib/systemd/systemd-logind", {"/lib/systemd/systemd-logind"}},
      {"systemd-resolve", "/usr/lib/systemd/systemd-resolved", {"/lib/systemd/systemd-resolved"}},
      {"systemd-network", "/usr/lib/systemd/systemd-networkd", {"/lib/systemd/systemd-networkd"}},
      {"systemd-executo", "/usr/lib/systemd/systemd-executor", {"/usr/lib/systemd/systemd-executor"}},
      {"dbus-daemon", "/usr/bin/dbus-daemon", {"/usr/bin/dbus-daemon", "--system"}},
      {"cron", "/usr/sbin/cron", {"/usr/sbin/cron", "-f"}},
      {"rsyslogd", "/usr/sbin/rsyslogd", {"/usr/sbin/rsyslogd", "-n", "-iNONE"}},
      {"agetty", "/usr/sbin/agetty", {"/sbin/agetty", "-o", "-p -- \\u", "--noclear", "-", "linux"}},
      {"sshd", "/usr/sbin/sshd", {"sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"}},
      {"sshd", "/usr/sbin/sshd", {"sshd: root@pts/0"}},
      {"sshd-session", "/usr/lib/openssh/sshd-session", {"sshd-session: root [priv]"}},
      {"apache2", "/usr/sbin/apache2", {"/usr/sbin/apache2", "-k", "start"}},
      {"mysqld", "/usr/sbin/mariadbd", {"/usr/sbin/mysqld"}},
      {"mariadbd", "/usr/sbin/mariadbd", {"/usr/sbin/mariadbd"}},
      {"postgres", "/usr/lib/postgresql/15/bin/postgres", {"postgres: 15/main: checkpointer "}},
      {"redis-server", "/usr/bin/redis-check-rdb", {"/usr/bin/redis-server 127.0.0.1:6379"}},
      {"php-fpm8.2", "/usr/sbin/php-fpm8.2", {"php-fpm: pool www"}},
      {"exim4", "/usr/sbin/exim4", {"/usr/sbin/exim4", "-bd", "-q30m"}},
      {"unattended-upgr", "/usr/bin/python3.11", {"/usr/bin/python3", "/usr/share/unattended-upgrades/x"}},
      {"wpa_supplicant", "/usr/sbin/wpa_supplicant", {"/sbin/wpa_supplicant", "-u", "-s"}},
      {"polkitd", "/usr/lib/polkit-1/polkitd", {"/usr/lib/polkit-1/polkitd", "--no-debug"}},
      {"ModemManager", "/usr/sbin/ModemManager", {"/usr/sbin/ModemManager"}},
      // CentOS
      {"auditd", "/usr/sbin/auditd", {"/sbin/auditd"}},
      {"crond", "/usr/sbin/crond", {"/usr/sbin/crond", "-n"}},
      {"chronyd", "/usr/sbin/chronyd", {"/usr/sbin/chronyd", "-F", "2"}},
      {"tuned", "/usr/libexec/platform-python3.6", {"/usr/libexec/platform-python", "-Es", "/usr/sbin/tuned"}},
      {"firewalld", "/usr/bin/python2.7", {"/usr/bin/python2", "-Es", "/usr/sbin/firewalld", "--nofork"}},
      {"dbus-broker", "/usr/bin/dbus-broker", {"dbus-broker", "--log", "4"}},
      {"dbus-broker-lau", "/usr/bin/dbus-broker-launch", {"/usr/bin/dbus-broker-launch", "--scope", "system"}},
      {"NetworkManager", "/usr/sbin/NetworkManager", {"/usr/sbin/NetworkManager", "--no-daemon"}},
      {"httpd", "/usr/sbin/httpd", {"/usr/sbin/httpd", "-DFOREGROUND"}},
      {"lvmetad", "/usr/sbin/lvmetad", {"/usr/sbin/lvmetad", "-f"}},
      {"master", "/usr/libexec/postfix/master", {"/usr/libexec/postfix/master", "-w"}},
      {"irqbalance", "/usr/sbin/irqbalance", {"/usr/sbin/irqbalance", "--foreground"}},
      // Kubernetes nodes
      {"kubelet", "/usr/bin/kubelet", {"/usr/bin/kubelet", "--config=/var/lib/kubelet/config.yaml"}},
      {"kubelet", "/usr/local/bin/k3s", {"kubelet"}},
      {"containerd", "/var/lib/rancher/k3s/data/abc/bin/k3s", {"containerd"}},
      {"containerd", "/usr/bin/containerd", {"/usr/bin/containerd"}},
      {"containerd-shim", "/usr/bin/containerd-shim-runc-v2", {"/usr/bin/containerd-shim-runc-v2", "-id", "0a1b2c"}},
      {"dockerd", "/usr/bin/dockerd", {"/usr/bin/dockerd", "-H", "fd://"}},
      {"docker-proxy", "/usr/libexec/docker/docker-proxy", {"/usr/bin/docker-proxy", "-proto", "tcp"}},
      {"runc:[2:INIT]", "/usr/bin/runc", {"runc", "init"}},
      {"kube-proxy", "/usr/local/bin/kube-proxy", {"/usr/local/bin/kube-proxy"}},
      {"kube-apiserver", "/usr/local/bin/kube-apiserver", {"kube-apiserver"}},
      {"kube-controller", "/usr/local/bin/kube-controller-manager", {"kube-controller-manager"}},
      {"etcd", "/usr/local/bin/etcd", {"etcd"}},
      {"coredns", "/coredns", {"/coredns", "-conf", "/etc/coredns/Corefile"}},
      {"pause", "/pause", {"/pause"}},
      {"calico-node", "/usr/bin/calico-node", {"calico-node", "-felix"}},
      {"nginx", "/usr/sbin/nginx", {"nginx: worker process"}},
      {"java", "/opt/java/openjdk/bin/java", {"java", "-jar", "/app.jar"}},
      {"crio", "/usr/bin/crio", {"/usr/bin/crio"}},
      {"conmon", "/usr/bin/conmon", {"/usr/bin/conmon", "-c", "0a1b2c"}},
  };
  const FileQuestions nothing = {[](const std::string&) { return false; }, [](const std::string&) { return false; }};
  for (const auto& daemon : daemons) {
    INFO(daemon.comm << " " << daemon.exe);
    CHECK(suspicions(make_process(daemon.comm, daemon.exe, daemon.argv), nothing) == Words{});
  }
}

TEST_CASE("suspicion: what runs here from packages' files raises nothing", "[suspicion]") {
  PackageFiles packages;
  const FileQuestions files = {[&](const std::string& path) { return packages.owns(path); }, is_file_replaced};
  std::size_t looked = 0;
  for_each_process([&](const ProcEntry& entry) {
    const Process& process = entry.process;
    if (!entry.kernel_thread && (!process.exe || !files.has_package(*process.exe))) return;
    ++looked;
    INFO(process.pid << ' ' << process.comm << ' ' << process.exe.value_or("-"));
    CHECK(suspicions(process, files) == Words{});
  });
  CHECK(looked > 0);
}
