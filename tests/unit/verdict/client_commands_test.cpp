#include "verdict/client_commands.h"

#include <sstream>

#include "catch.h"

using namespace stapkill;
using Ends = ClientCommand::Ends;
using Words = std::vector<std::string>;

namespace {

std::optional<ClientCommand> command(const std::string& line, std::string exe = "") {
  Process process;
  std::istringstream in(line);
  process.argv.emplace();
  for (std::string word; in >> word;) process.argv->push_back(word);
  if (!exe.empty()) process.exe = std::move(exe);
  return client_command(process);
}

Ends ends(const std::string& line) {
  auto found = command(line);
  REQUIRE(found.has_value());
  return found->ends;
}

}  // namespace

TEST_CASE("client commands: verbs that end what they name", "[client_commands]") {
  for (const char* line :
       {"systemctl stop nginx", "systemctl --no-block --job-mode replace restart nginx",
        "/usr/bin/docker stop -t 5 web", "docker -H unix:///run/docker.sock kill web", "docker container rm -f web",
        "podman --log-level debug stop web", "crictl stopp 4c", "ctr -n k8s.io task kill web", "nerdctl rm -f web"}) {
    INFO(line);
    CHECK(ends(line) == Ends::named);
  }
  CHECK(command("docker --context far stop -t 5 web db")->names == Words{"5", "web", "db"});
  CHECK(command("systemctl stop nginx --now")->names == Words{"nginx"});
}

TEST_CASE("client commands: verbs that end more than they name", "[client_commands]") {
  for (const char* line :
       {"systemctl poweroff", "shutdown -h now", "/sbin/reboot", "docker compose -f a.yml down", "docker-compose down",
        "loginctl terminate-user alice", "pm2 kill", "supervisorctl shutdown"}) {
    INFO(line);
    CHECK(ends(line) == Ends::everything);
  }
}

TEST_CASE("client commands: a call on the bus", "[client_commands]") {
  auto found = command(
      "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StopUnit ss "
      "nginx.service replace");
  CHECK(found->ends == Ends::named);
  CHECK(found->names == Words{"ss", "nginx.service", "replace"});
  CHECK(ends("gdbus call --system --method org.freedesktop.systemd1.Manager.RestartUnit nginx.service replace") ==
        Ends::named);
  CHECK(ends("busctl call org.freedesktop.systemd1 / org.freedesktop.systemd1.Manager ListUnits") == Ends::nothing);
}

TEST_CASE("client commands: a start can end others (Conflicts=)", "[client_commands]") {
  CHECK(ends("systemctl start other") == Ends::others);
}

TEST_CASE("client commands: the others end nothing", "[client_commands]") {
  for (const char* line :
       {"systemctl status nginx", "systemctl is-active stop", "docker ps", "docker run -d image stop",
        "docker exec web kill 5", "docker", "systemctl", "docker --help", "ctr images ls"}) {
    INFO(line);
    CHECK(ends(line) == Ends::nothing);
  }
}

TEST_CASE("client commands: a client that is a script", "[client_commands]") {
  auto found = command("/usr/bin/python3 /usr/bin/supervisorctl -c /etc/s.conf stop web", "/usr/bin/python3.11");
  REQUIRE(found.has_value());
  CHECK(found->ends == Ends::named);
  CHECK(found->names == Words{"web"});
}

TEST_CASE("client commands: another program, and one without known arguments", "[client_commands]") {
  CHECK_FALSE(command("curl --unix-socket /run/docker.sock -X POST http://x/containers/web/stop").has_value());
  CHECK_FALSE(command("vim systemctl").has_value());
  CHECK_FALSE(client_command(Process()).has_value());
  Process empty;
  empty.argv.emplace();
  CHECK_FALSE(client_command(empty).has_value());
}
