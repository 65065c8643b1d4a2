#include "autopsy/logs/journalctl.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <utility>

#include "autopsy/logs/journal_export.h"
#include "autopsy/logs/journal_json.h"
#include "autopsy/logs/take.h"
#include "sys/child.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr int kWithFields = 236;  // systemd's NEWS: --output-fields came with it
constexpr std::size_t kMostTrouble = 400;

// What readers ask for. The export format has __CURSOR, both __ times and _BOOT_ID without being asked.
constexpr std::string_view kFields =
    "MESSAGE,MESSAGE_ID,PRIORITY,SYSLOG_IDENTIFIER,SYSLOG_PID,_COMM,_PID,_UID,_EXE,_CMDLINE,_SYSTEMD_UNIT,"
    "_SYSTEMD_USER_UNIT,_SYSTEMD_CGROUP,_BOOT_ID,_TRANSPORT,_SOURCE_REALTIME_TIMESTAMP,_SOURCE_MONOTONIC_TIMESTAMP,"
    "UNIT,USER_UNIT,INVOCATION_ID,USER_INVOCATION_ID,JOB_TYPE,JOB_RESULT,JOB_ID,EXIT_CODE,EXIT_STATUS,COMMAND,"
    "UNIT_RESULT,CODE_FUNC,COREDUMP_PID,COREDUMP_UID,COREDUMP_GID,COREDUMP_SIGNAL,COREDUMP_SIGNAL_NAME,COREDUMP_COMM,"
    "COREDUMP_TID,COREDUMP_TRUNCATED,COREDUMP_EXE,COREDUMP_CMDLINE,COREDUMP_UNIT,COREDUMP_USER_UNIT,COREDUMP_CGROUP,"
    "COREDUMP_TIMESTAMP,"
    "COREDUMP_RLIMIT,COREDUMP_FILENAME,COREDUMP_PACKAGE_JSON,COREDUMP_CONTAINER_CMDLINE,COREDUMP_HOSTNAME,"
    "MEMORY_PEAK,CPU_USAGE_NSEC,_AUDIT_LOGINUID,_AUDIT_SESSION,CONTAINER_ID,CONTAINER_ID_FULL,CONTAINER_NAME,"
    "PODMAN_EVENT,PODMAN_TYPE,PODMAN_ID,PODMAN_NAME,PODMAN_EXIT_CODE,PODMAN_OOM_KILLED,CONTAINER_EXIT_CODE,_HOSTNAME,"
    "LEADER,SESSION_ID,USER_ID,_AUDIT_ID,_SYSTEMD_OWNER_UID,_SYSTEMD_SESSION";

// Fields that are ORed. Matches of several fields cost a look-up each for every entry.
constexpr std::string_view kMatches[] = {
    "_TRANSPORT=kernel", "_TRANSPORT=audit", "_PID=1", "_COMM=systemd",
    "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1"};  // sd-messages.h, SD_MESSAGE_COREDUMP
// Those that the readers in messages/ know.
constexpr std::string_view kWriters[] = {"kernel",
                                         "systemd",
                                         "systemd-coredump",
                                         "systemd-oomd",
                                         "systemd-logind",
                                         "earlyoom",
                                         "nohang",
                                         "kubelet",
                                         "kubenswrapper",
                                         "hyperkube",
                                         "atomic-openshift-node",
                                         "k3s",
                                         "k3s-agent",
                                         "rke2",
                                         "kubelite",
                                         "microk8s.daemon-kubelite",
                                         "k0s",
                                         "dockerd",
                                         "dockerd-current",
                                         "docker",
                                         "docker-containerd",
                                         "microk8s.daemon-containerd",
                                         "containerd",
                                         "crio",
                                         "cri-o",
                                         "podman",
                                         "conmon",
                                         "sudo",
                                         "doas",
                                         "su",
                                         "runuser",
                                         "login",
                                         "sshd",
                                         "sshd-session",
                                         "CRON",
                                         "cron",
                                         "crond",
                                         "CROND",
                                         "anacron",
                                         "atd",
                                         "unattended-upgrade",
                                         "unattended-upgrades",
                                         "needrestart",
                                         "audit",
                                         "auditd"};

ChildOptions options_for(std::vector<std::string> argv) {
  ChildOptions options;
  options.argv = std::move(argv);
  options.only_environment = true;
  options.environment = {{"LC_ALL", "C"}, {"PATH", "/usr/bin:/bin"}, {"TZ", "UTC0"}, {"SYSTEMD_PAGER", ""}};
  options.directory = "/";
  options.parent_death_signal = SIGKILL;
  return options;
}

int version_of(const std::string& program) {
  auto finished = run_child(options_for({program, "--version"}), 1);
  return finished ? systemd_version(finished->out) : 0;
}

/// Feeds what journalctl writes to the reader for its format.
class Listener {
 public:
  Listener(const JournalQuestion& question, bool exported, JournalAnswer& answer, const TakeEntry& take)
      : question_(question), exported_(exported), answer_(answer), take_(take) {}

  void take(std::string_view bytes) { exported_ ? export_.take(bytes) : json_.take(bytes); }
  void end() {
    if (!exported_) json_.end();
  }

 private:
  void give(const JournalRecord& record) {
    auto time = give_record(record, question_.place, question_.scope, take_);
    ++answer_.entries;
    if (time == 0) return;
    if (answer_.first == 0) answer_.first = time;
    answer_.last = std::max(answer_.last, time);
  }

  const JournalQuestion& question_;
  bool exported_;
  JournalAnswer& answer_;
  const TakeEntry& take_;
  ExportReader export_{[this](const JournalRecord& record) { give(record); }};
  JsonReader json_{[this](const JournalRecord& record) { give(record); }};
};

}  // namespace

std::string installed_journalctl() {
  for (const char* path : {"/usr/bin/journalctl", "/bin/journalctl"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  return {};
}

int systemd_version(std::string_view text) {
  constexpr std::string_view begin = "systemd ";
  int version = 0;
  if (!text.starts_with(begin)) return 0;
  text.remove_prefix(begin.size());
  return take_digits(text, 1, 4, version) ? version : 0;
}

std::vector<std::string> journal_arguments(const JournalQuestion& question, int version) {
  // Exported entries are read faster than JSON, and long values are whole. Without a choice of fields they could hold
  // core dumps: then JSON, where long ones are null.
  bool fields = version >= kWithFields;
  std::vector<std::string> words = {"--quiet", "--no-pager", fields ? "--output=export" : "--output=json"};
  if (fields) words.push_back("--output-fields=" + std::string(kFields));
  words.insert(words.end(), question.where.begin(), question.where.end());
  if (question.newest > 0) words.push_back(fmt::format("--lines={}", question.newest));
  if (question.scope) {
    // With both, --lines counts from --since on.
    if (question.newest == 0)
      words.push_back(fmt::format("--since=@{}", std::max<Time>(question.scope->since / kSecond - 1, 0)));
    words.push_back(fmt::format("--until=@{}", std::max<Time>(question.scope->until / kSecond, 0) + 2));
  }
  if (question.all) return words;
  for (auto match : kMatches) {
    words.emplace_back(match);
    words.emplace_back("+");
  }
  for (auto writer : kWriters) words.push_back(fmt::format("SYSLOG_IDENTIFIER={}", writer));
  return words;
}

JournalAnswer ask_journal(const JournalQuestion& question, const TakeEntry& take) {
  JournalAnswer answer;
  using Clock = std::chrono::steady_clock;
  auto last = question.scope ? question.scope->deadline : Clock::time_point::max();
  auto end = std::min(last, Clock::now() + question.patience);
  int version = version_of(question.program);
  auto argv = journal_arguments(question, version);
  argv.insert(argv.begin(), question.program);
  boost::asio::io_context loop;
  Listener listener(question, version >= kWithFields, answer, take);
  bool begun = false, ended = false;
  int status = 0;
  auto child = Child::start(
      loop, options_for(std::move(argv)),
      [&](std::string_view bytes) {
        if (!std::exchange(begun, true)) end = std::min(last, Clock::now() + question.limit);
        if (Clock::now() < end) {
          listener.take(bytes);
        } else {
          loop.stop();
        }
      },
      [&](std::string_view bytes) { answer.trouble += bytes.substr(0, kMostTrouble - answer.trouble.size()); },
      [&](int its_status) {
        status = its_status;
        ended = true;
      });
  if (!child) {
    answer.trouble = child.error().message;
    return answer;
  }
  while (!ended && !loop.stopped() && Clock::now() < end) loop.run_one_until(end);
  answer.late = !ended;
  if (ended) {
    listener.end();
    if (status == 0) answer.trouble.clear();
    if (status != 0 && answer.trouble.empty()) answer.trouble = "journalctl failed";
  }
  return answer;
}

}  // namespace stapkill
