#include "verdict/requests.h"

#include <sstream>

#include "catch.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;
const std::string kId = std::string(60, 'a') + "bcde";

ProcessPtr made(int pid, const std::string& line, std::string cgroup = "/", std::string exe = "") {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = 100;
  std::istringstream in(line);
  process->argv.emplace();
  for (std::string word; in >> word;) process->argv->push_back(word);
  const std::string& program = process->argv->front();
  process->comm = program.substr(program.rfind('/') + 1).substr(0, 15);
  process->exe = exe.empty() ? "/usr/bin/" + process->comm : std::move(exe);
  process->cgroup = std::move(cgroup);
  return process;
}

const auto kSystemd = made(1, "systemd", "/init.scope");
const auto kShim = made(50, "containerd-shim-runc-v2 -namespace moby", "/system.slice/containerd.service");
const auto kNginx = made(812, "nginx", "/system.slice/nginx.service");
const auto kWeb = made(900, "web", "/system.slice/docker-" + kId + ".scope");

/// The requests that were seen, and what a manager did at 100 s.
struct Seen {
  Requests requests;
  Lookups lookups;

  Request& add(ProcessPtr client, std::string socket, Time boot, ProcessKey listener = {1, 100}) {
    Request request;
    request.client = std::move(client);
    request.ancestry = std::make_shared<std::vector<ProcessPtr>>();
    request.listener = listener;
    request.socket = std::move(socket);
    request.boot = boot;
    return requests.emplace_back(std::move(request));
  }
  std::vector<Asker> asked(const ProcessPtr& actor, const std::vector<ProcessPtr>& ancestry, const ProcessPtr& victim) {
    return who_asked({*actor, ancestry, *victim, 100 * kSecond}, requests, lookups);
  }
};

constexpr const char* kPrivate = "/run/systemd/private";

}  // namespace

TEST_CASE("requests: the command that names the unit is certain, whatever else asks", "[requests]") {
  Seen seen;
  seen.add(made(20, "systemctl stop nginx"), kPrivate, 60 * kSecond);  // polkit asked for a password
  seen.add(made(21, "systemctl restart redis"), kPrivate, 100 * kSecond);
  seen.add(made(22, "systemctl status nginx"), kPrivate, 100 * kSecond);
  auto asked = seen.asked(kSystemd, {}, kNginx);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].request->client->pid == 20);
  CHECK(asked[0].certain);
}

TEST_CASE("requests: a command that names another unit is only near in time", "[requests]") {
  Seen seen;
  seen.add(made(21, "systemctl restart redis"), kPrivate, 99 * kSecond);  // nginx may depend on it
  auto asked = seen.asked(kSystemd, {}, kNginx);
  REQUIRE(asked.size() == 1);
  CHECK_FALSE(asked[0].certain);
  seen.requests.clear();
  seen.add(made(21, "systemctl restart redis"), kPrivate, 92 * kSecond);  // it waits for the end of redis
  CHECK(seen.asked(kSystemd, {}, kNginx).size() == 1);
  seen.requests.back().client_ended = 99 * kSecond;
  CHECK(seen.asked(kSystemd, {}, kNginx).empty());
  seen.requests.clear();
  seen.add(made(21, "systemctl restart redis"), kPrivate, 80 * kSecond);
  CHECK(seen.asked(kSystemd, {}, kNginx).empty());
}

TEST_CASE("requests: who only looks, comes later or is long gone did not ask", "[requests]") {
  Seen seen;
  seen.add(made(22, "systemctl status nginx"), kPrivate, 100 * kSecond);
  seen.add(made(23, "systemctl stop nginx"), kPrivate, 101 * kSecond);
  seen.add(made(24, "systemctl stop nginx"), kPrivate, 50 * kSecond).client_ended = 60 * kSecond;
  CHECK(seen.asked(kSystemd, {}, kNginx).empty());
}

TEST_CASE("requests: two that fit are both named, and neither is certain", "[requests]") {
  Seen seen;
  seen.add(made(20, "systemctl stop nginx"), kPrivate, 99 * kSecond);
  seen.add(made(21, "systemctl restart nginx.service"), kPrivate, 99 * kSecond);
  auto asked = seen.asked(kSystemd, {}, kNginx);
  REQUIRE(asked.size() == 2);
  CHECK_FALSE(asked[0].certain);
  CHECK_FALSE(asked[1].certain);
}

TEST_CASE("requests: one client that connects twice is named once", "[requests]") {
  Seen seen;
  auto client = made(20, "systemctl stop nginx");
  seen.add(client, kPrivate, 99 * kSecond);
  seen.add(client, kPrivate, 99 * kSecond + 1);
  CHECK(seen.asked(kSystemd, {}, kNginx).size() == 1);
}

TEST_CASE("requests: to end everything is to end each unit, also a minute later", "[requests]") {
  Seen seen;
  seen.add(made(20, "systemctl poweroff"), kPrivate, 40 * kSecond).client_ended = 99 * kSecond;
  CHECK(seen.asked(kSystemd, {}, kNginx).size() == 1);
}

TEST_CASE("requests: a unit's ExecStop is asked for by who asked systemd, its other processes are not", "[requests]") {
  Seen seen;
  seen.add(made(20, "systemctl stop nginx"), kPrivate, 99 * kSecond);
  auto stop = std::make_shared<Process>(*made(30, "start-stop-daemon --stop", "/system.slice/nginx.service"));
  stop->start = 9950;
  auto asked = seen.asked(stop, {kSystemd}, kNginx);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].certain);
  stop->start = 500;  // it has run since long before the request
  CHECK(seen.asked(stop, {kSystemd}, kNginx).empty());
  CHECK(seen.asked(made(31, "kill", "/user.slice"), {kSystemd}, kNginx).empty());
}

TEST_CASE("requests: docker's client by the container's name or id, through runc and the shim", "[requests]") {
  auto runc = made(60, "runc kill " + kId, "/system.slice/containerd.service");
  for (const char* line : {"docker stop web", "docker rm -f /web", "docker kill aaaaaaaaaaaa"}) {
    INFO(line);
    Seen seen;
    seen.lookups.container_name = [](const std::string& id) { return id == kId ? std::optional("web") : std::nullopt; };
    seen.add(made(20, line), "/run/docker.sock", 99 * kSecond);
    seen.add(made(21, "docker stop db"), "/run/docker.sock", 99 * kSecond);
    auto asked = seen.asked(runc, {kShim, kSystemd}, kWeb);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].request->client->pid == 20);
    CHECK(asked[0].certain);
    CHECK(seen.asked(runc, {kShim, kSystemd}, kNginx).size() <= 2);
  }
}

TEST_CASE("requests: a program that is no known client is only near in time", "[requests]") {
  auto runc = made(60, "runc kill " + kId, "/system.slice/containerd.service");
  Seen seen;
  seen.add(made(20, "curl --unix-socket /run/docker.sock http://x/containers/web/stop"), "/run/docker.sock",
           99 * kSecond);
  auto asked = seen.asked(runc, {kShim, kSystemd}, kWeb);
  REQUIRE(asked.size() == 1);
  CHECK_FALSE(asked[0].certain);
}

TEST_CASE("requests: what asks again and again looks", "[requests]") {
  auto runc = made(60, "runc kill " + kId, "/system.slice/containerd.service");
  Seen seen;
  auto monitor = made(20, "telegraf");
  for (Time at : {70, 80, 90, 99}) seen.add(monitor, "/run/docker.sock", at * kSecond);
  CHECK(seen.asked(runc, {kShim, kSystemd}, kWeb).empty());
}

TEST_CASE("requests: on the bus is everybody; an unknown client counts only in a login", "[requests]") {
  Seen seen;
  auto client = std::make_shared<Process>(*made(20, "python3 restart.py"));
  client->login = Login{-1, -1};
  seen.add(client, "/run/dbus/system_bus_socket", 99 * kSecond);
  CHECK(seen.asked(kSystemd, {}, kNginx).empty());
  client->login = Login{1000, 3};
  CHECK(seen.asked(kSystemd, {}, kNginx).size() == 1);
}

TEST_CASE("requests: docker's socket is no socket of systemd, also where systemd listens for docker", "[requests]") {
  Seen seen;
  seen.add(made(20, "docker stop web"), "/run/docker.sock", 99 * kSecond, {1, 100});
  CHECK(seen.asked(kSystemd, {}, kNginx).empty());
}

TEST_CASE("requests: a user's bus leads to that user's manager alone", "[requests]") {
  Seen seen;
  seen.add(made(20, "systemctl --user stop nginx"), "/run/user/1000/bus", 99 * kSecond, {700, 100});
  CHECK(seen.asked(kSystemd, {}, kNginx).empty());
  auto users = made(700, "systemd --user", "/user.slice/user-1000.slice/user@1000.service/init.scope");
  auto app = made(812, "nginx", "/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service");
  CHECK(seen.asked(users, {kSystemd}, app).size() == 1);
}

TEST_CASE("requests: a manager that listens itself, as supervisord does", "[requests]") {
  Seen seen;
  auto supervisord = made(40, "/usr/bin/python3 /usr/bin/supervisord", "/", "/usr/bin/python3.11");
  seen.add(made(20, "/usr/bin/python3 /usr/bin/supervisorctl stop web", "/", "/usr/bin/python3.11"),
           "/run/supervisor.sock.40", 99 * kSecond, {40, 100});
  auto asked = seen.asked(supervisord, {kSystemd}, kNginx);
  REQUIRE(asked.size() == 1);
  CHECK(through_of(*asked[0].request) == "supervisor.sock");
  // As a service it is in one unit with what it runs.
  auto service = std::make_shared<Process>(*supervisord), child = std::make_shared<Process>(*kNginx);
  service->cgroup = child->cgroup = "/system.slice/supervisor.service";
  CHECK(seen.asked(service, {kSystemd}, child).size() == 1);
  CHECK(seen.asked(made(41, "supervisord"), {}, kNginx).empty());
}

TEST_CASE("requests: a process in a container that kills another acts for itself", "[requests]") {
  Seen seen;
  seen.add(made(20, "docker stop web"), "/run/docker.sock", 99 * kSecond);
  auto inside = made(61, "kill 5", *kWeb->cgroup);
  CHECK(seen.asked(inside, {kShim, kSystemd}, kWeb).empty());
}
