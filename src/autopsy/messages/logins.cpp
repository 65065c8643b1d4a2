#include <algorithm>
#include <string>

#include "autopsy/messages/patterns.h"
#include "autopsy/messages/readers.h"
#include "autopsy/messages/shown_command.h"
#include "autopsy/messages/writer.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;

/// Who was there, by what a program writes. Groups: 0 none.
struct Row {
  const char* programs;  ///< with blanks around each
  const char* pattern;
  Kind kind;
  const char* reason;
  struct Where {
    int user = 0, tty = 0, command = 0, pid = 0;
  } where = {};
};
constexpr const char* kSshd = " sshd sshd-session ";
constexpr const char* kCron = " CRON cron crond CROND ";
constexpr Row kRows[] = {
    // sudo, lib/eventlog/eventlog.c (logging.c before 1.9): with words between the user and TTY it ran nothing.
    {" sudo ",
     R"(\s*([^ ]{1,256}) : (?:HOST=[^ ]{1,255} ; )?TTY=([^ ]{1,64}) ; .*? ; COMMAND=(.*))",
     Kind::command,
     "sudo: ",
     {.user = 1, .tty = 2, .command = 3}},
    {" sudo ",
     R"(\s*([^ ]{1,256}) : (.{1,80}?) ; (?:HOST=[^ ]{1,255} ; )?TTY=([^ ]{1,64}) ; .*)",
     Kind::note,
     "sudo did not run a command: $2",
     {.user = 1, .tty = 3}},
    {" doas ",
     R"(([^ ]{1,256}) ran command (.*?) as [^ ]{1,256} from .*)",
     Kind::command,
     "doas: ",
     {.user = 1, .command = 2}},
    // util-linux, login-utils/su-common.c: "(to root) user on pts/0"; shadow's su before Debian 10: "+ /dev/pts/0
    // user:root".
    {" su runuser ",
     R"(\(to ([^ ()]{1,256})\) ([^ ]{1,256}) on ([^ ]{1,64}))",
     Kind::login,
     "su to $1",
     {.user = 2, .tty = 3}},
    {" su ",
     R"(\+ (?:/dev/)?([^ ]{1,64}) ([^ :]{1,256}):([^ ]{1,256}))",
     Kind::login,
     "su to $3",
     {.user = 2, .tty = 1}},
    // openssh, auth.c, monitor.c, session.c
    {kSshd,
     R"(Accepted ([a-z/-]{1,40}) for ([^ ]{1,256}) from ([0-9a-fA-F.:%a-z]{1,64}) port \d{1,5}.*)",
     Kind::login,
     "ssh from $3 ($1)",
     {.user = 2}},
    {kSshd, R"(Received disconnect from ([0-9a-fA-F.:%a-z]{1,64}) port \d{1,5}:\d{1,3}: .*)", Kind::login,
     "ssh from $1 disconnects"},
    {kSshd,
     R"(Disconnected from user ([^ ]{1,256}) ([0-9a-fA-F.:%a-z]{1,64}) port \d{1,5})",
     Kind::login,
     "ssh from $2 disconnected",
     {.user = 1}},
    // Linux-PAM, modules/pam_unix/pam_unix_sess.c; 1.4 and later have the uid.
    {" sshd sshd-session login su sudo ",
     R"(pam_unix\((sshd|login|su|su-l|sudo|sudo-i):session\): session (opened|closed) for user ([^ (]{1,256})(?:\(uid=\d{1,10}\))?.*)",
     Kind::login,
     "session $2 by $1",
     {.user = 3}},
    // Debian's cron, database.c/do_command.c, and cronie, src/do_command.c: "(root) CMD (…)".
    {kCron,
     R"(\(([^ ()]{1,256})\) CMD \((?:\[(\d{1,10})\] )?(.*)\))",
     Kind::job,
     "cron: ",
     {.user = 1, .command = 3, .pid = 2}},
    {" anacron ", R"(Job `([^']{1,200})' (started|terminated).*)", Kind::job, "anacron: job $1 $2"},
    {" atd ",
     R"(Starting job (\d{1,10}) \([0-9a-z]{1,40}\) for user '([^']{1,256})' \(\d{1,10}\))",
     Kind::job,
     "at: job $1",
     {.user = 2}},
    {" unattended-upgrade unattended-upgrades ", R"((?:INFO |Packages that will be upgraded: ).{0,400})",
     Kind::packages, "unattended-upgrades"},
    {" needrestart ", R"(.*(?:[Rr]estarting|needs restart).{0,400})", Kind::packages, "needrestart"},
};

/// Programs whose process may be another: cron's child is CRON in its log, sshd's is named for its part.
std::string_view binary_of(std::string_view program) {
  if (program == "CRON") return "cron";
  if (program == "CROND") return "crond";
  return program;
}

/// sudo writes with its user's uid, cron's child with root's: its program is the journal's proof. Where a process had
/// ended before the journal looked, only root's is taken.
bool may_be_its(const LogEntry& entry) {
  bool looked = !entry.value("_EXE").empty() || !entry.value("_COMM").empty();
  if (!looked || entry.program.starts_with("unattended") || entry.program == "needrestart") return may_be_roots(entry);
  auto program = binary_of(entry.program);
  return may_be_program(entry, program) || (program == "sshd" && may_be_program(entry, "sshd-session")) ||
         (program == "sudo" && may_be_program(entry, "sudo-rs"));
}

bool is_of(const Row& row, std::string_view program) {
  auto word = " " + std::string(program) + " ";
  return std::string_view(row.programs).find(word) != std::string_view::npos;
}

bool is_known(std::string_view program) {
  return program.size() < 40 && program.find(' ') == std::string_view::npos && !program.empty() &&
         std::any_of(std::begin(kRows), std::end(kRows), [&](const Row& row) { return is_of(row, program); });
}

/// Where a directory's or a command's name repeats sudo's own words, which of them is the command is not known.
bool is_ambiguous(std::string_view message) {
  constexpr std::string_view words = " ; COMMAND=";
  auto first = message.find(words);
  return first != std::string_view::npos && message.find(words, first + 1) != std::string_view::npos;
}

class LoginsReader : public MessageReader {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) override {
    static const Patterns patterns = patterns_of(kRows);
    if (!is_known(entry.program) || !may_be_its(entry)) return false;
    auto message = first_line(entry.message);
    auto match = patterns.match(message);
    if (!match || !is_of(kRows[match->row], entry.program)) return false;
    const auto& row = kRows[match->row];
    auto group = [&](int number) {
      return number > 0 ? (*match)[static_cast<std::size_t>(number)] : std::string_view();
    };
    auto finding = finding_at(entry, row.kind);
    finding.through = entry.program;
    finding.actor.user = group(row.where.user);
    finding.actor.tty = group(row.where.tty);
    auto child = pid_in(group(row.where.pid));
    finding.actor.pid = child > 0 ? child : entry.pid;
    finding.reason = with_groups(row.reason, *match);
    if (row.where.command > 0) {
      auto command = is_ambiguous(message) ? std::string("a command") : shown_command(group(row.where.command));
      finding.reason += command;
      // The words themselves may hold secrets.
      finding.quote = message.substr(0, static_cast<std::size_t>(group(row.where.command).data() - message.data()));
      finding.quote = finding.quote.substr(0, kLongestQuote - std::min(kLongestQuote, command.size())) + command;
      if (row.kind == Kind::job) finding.quote += ")";
    } else {
      finding.quote = finding.quote.substr(0, finding.quote.find(" ; COMMAND="));
    }
    findings.push_back(std::move(finding));
    return true;
  }
};

}  // namespace

std::unique_ptr<MessageReader> login_messages_reader() {
  return std::make_unique<LoginsReader>();
}

}  // namespace stapkill
