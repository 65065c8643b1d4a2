#include "autopsy/messages/entries.h"
#include "autopsy/messages/readers.h"
#include "autopsy/messages/shown_command.h"
#include "catch.h"

using namespace stapkill;

namespace {

using Kind = Finding::Kind;

std::vector<Finding> read(const std::vector<TestEntry>& entries) {
  return read_all(login_messages_reader(), entries);
}

Finding said(const std::string& program, const std::string& message) {
  INFO(message);
  auto findings = read({line(program, 500, message)});
  REQUIRE(findings.size() == 1);
  return findings[0];
}

}  // namespace

TEST_CASE("logins: sudo", "[autopsy]") {
  auto found =
      said("sudo", "   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/systemctl restart nginx");
  CHECK(found.kind == Kind::command);
  CHECK(found.actor.user == "alice");
  CHECK(found.actor.tty == "pts/0");
  CHECK(found.actor.pid == 500);
  CHECK(found.reason == "sudo: /usr/bin/systemctl restart nginx");
  found =
      said("sudo", "alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/mysql --password=hunter22 -pgeheim99 db");
  CHECK(found.reason.find("hunter22") == std::string::npos);
  CHECK(found.quote.find("hunter22") == std::string::npos);
  CHECK(found.quote.find("geheim99") == std::string::npos);
  // It ran nothing.
  found = said("sudo", "alice : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/kill 1");
  CHECK(found.kind == Kind::note);
  CHECK(found.quote.find("/bin/kill") == std::string::npos);
  CHECK(said("sudo", "bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/kill 1").kind ==
        Kind::note);
  // A directory with the words in its name.
  found =
      said("sudo", "alice : TTY=pts/0 ; PWD=/tmp/x ; USER=root ; COMMAND=/bin/kill 1 ; USER=root ; COMMAND=/bin/ls");
  CHECK(found.reason == "sudo: a command");
}

TEST_CASE("logins: others", "[autopsy]") {
  auto found = said("su", "(to root) alice on pts/1");
  CHECK(found.kind == Kind::login);
  CHECK(found.actor.user == "alice");
  CHECK(said("su", "+ /dev/pts/2 alice:root").reason == "su to root");
  found = said("sshd", "Accepted publickey for alice from 192.0.2.7 port 40000 ssh2: ED25519 SHA256:abc");
  CHECK(found.kind == Kind::login);
  CHECK(found.actor.user == "alice");
  CHECK(found.reason == "ssh from 192.0.2.7 (publickey)");
  CHECK(said("sshd-session", "Disconnected from user alice 192.0.2.7 port 40000").actor.user == "alice");
  CHECK(said("sshd", "pam_unix(sshd:session): session closed for user alice").reason == "session closed by sshd");
  CHECK(said("sudo", "pam_unix(sudo:session): session opened for user root(uid=0) by alice(uid=1000)").actor.user ==
        "root");
  found = said("CRON", "(root) CMD (   /usr/local/bin/backup --all)");
  CHECK(found.quote.ends_with("--all)"));
  CHECK(found.kind == Kind::job);
  CHECK(found.actor.user == "root");
  CHECK(found.reason == "cron: /usr/local/bin/backup --all");
  CHECK(said("CROND", "(alice) CMD (/bin/true)").actor.user == "alice");  // cronie
  CHECK(said("cron", "(root) CMD ([77] /bin/true)").actor.pid == 77);
  CHECK(said("atd", "Starting job 3 (a0000301b2c3d4) for user 'alice' (1000)").kind == Kind::job);
  CHECK(read({line("sshd", 1, "(root) CMD (x)")}).empty());
  CHECK(read({line("nginx", 1, "(root) CMD (x)")}).empty());
}

TEST_CASE("logins: who wrote it", "[autopsy]") {
  const std::string message = "alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/kill 1";
  auto count = [&](Fields fields) {
    fields.insert({{"_PID", "500"}, {"_TRANSPORT", "syslog"}});
    return read({journal("sudo", 500, message, fields)}).size();
  };
  CHECK(count({{"_UID", "1000"}, {"_EXE", "/usr/bin/sudo"}}) == 1);
  CHECK(count({{"_UID", "1000"}, {"_EXE", "/usr/bin/logger"}}) == 0);
  CHECK(count({{"_UID", "1000"}}) == 0);
  CHECK(count({{"_UID", "0"}}) == 1);
  CHECK(read({journal("CRON", 500, "(root) CMD (x)", {{"_PID", "500"}, {"_UID", "0"}, {"_EXE", "/usr/sbin/cron"}})})
            .size() == 1);
}

TEST_CASE("shown_command: secrets go", "[autopsy]") {
  CHECK(shown_command("/usr/bin/systemctl restart nginx") == "/usr/bin/systemctl restart nginx");
  CHECK(shown_command("  /bin/kill   -9 1234 ") == "/bin/kill -9 1234");
  CHECK(shown_command("").empty());
  for (const char* command :
       {"curl -u alice:geheim99 http://x", "x --password geheim99", "x --password=geheim99", "env API_TOKEN=geheim99 y",
        "psql postgres://me:geheim99@db/x", "mysql -pgeheim99 db", "curl -H Authorization: Bearer geheim99",
        "x --api-key geheim99", "x ghp_geheim99abcdefghij0123456789"}) {
    INFO(command);
    CHECK(shown_command(command).find("geheim99") == std::string::npos);
  }
  CHECK(shown_command("a b c d e f g h i j k l m n") == "a b c d e f g h i j k l …");
  CHECK(shown_command(std::string(100000, 'x')).size() < 300);
}
