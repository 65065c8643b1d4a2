#include "engine/logins.h"

#include <map>

#include "connection.h"
#include "session/scene.h"

namespace {

Process make(int pid, std::string exe) {
  Process process;
  process.pid = pid;
  process.start = static_cast<std::uint64_t>(pid);
  process.comm = exe.substr(exe.rfind('/') + 1);
  process.exe = std::move(exe);
  return process;
}

/// Counts what it is asked.
struct Asked {
  std::map<int, std::string> peers;
  int asked = 0;
  std::map<std::int64_t, std::string> origins;
  Logins logins{[this](const Process& process) {
                  ++asked;
                  auto at = peers.find(process.pid);
                  return at == peers.end() ? std::nullopt : std::optional(at->second);
                },
                [this](std::int64_t session) {
                  auto at = origins.find(session);
                  return at == origins.end() ? std::nullopt : std::optional(at->second);
                }};
};

}  // namespace

TEST_CASE("logins: the answer of the first look is kept when the daemon has gone", "[logins]") {
  Asked machine;
  machine.peers[7] = "192.0.2.7";
  auto sshd = make(7, "/usr/sbin/sshd");
  CHECK(machine.logins.see(sshd));
  machine.peers.clear();
  CHECK(machine.logins.peer_of(sshd) == "192.0.2.7");
  auto namesake = sshd;
  namesake.start += 1;
  CHECK_FALSE(machine.logins.peer_of(namesake));
}

TEST_CASE("logins: a connection that the session opens later is not the login's", "[logins]") {
  Asked machine;
  auto sshd = make(7, "/usr/sbin/sshd");
  machine.peers[7] = "192.0.2.7";
  machine.logins.see(sshd);
  machine.peers[7] = "198.51.100.1";
  CHECK_FALSE(machine.logins.see(sshd));
  CHECK(machine.logins.peer_of(sshd) == "192.0.2.7");
}

TEST_CASE("logins: a process forked in a session has its parent's, one forked by a listener its own", "[logins]") {
  Asked machine;
  auto listener = make(6, "/usr/sbin/dropbear"), session = make(7, "/usr/sbin/dropbear");
  machine.peers[7] = "192.0.2.7";
  machine.logins.see(listener);
  machine.logins.born(session, listener, 0);
  auto child = make(8, "/usr/sbin/dropbear");
  machine.logins.born(child, session, 0);
  machine.peers.clear();
  CHECK_FALSE(machine.logins.peer_of(listener));
  CHECK(machine.logins.peer_of(session) == "192.0.2.7");
  CHECK(machine.logins.peer_of(child) == "192.0.2.7");
}

TEST_CASE("logins: only a login's daemon is looked up", "[logins]") {
  Asked machine;
  for (const char* exe : {"/usr/bin/bash", "/usr/bin/sshd-helper", "/usr/bin/ssh", "/usr/sbin/nginx"}) {
    CHECK_FALSE(machine.logins.see(make(7, exe)));
    machine.logins.born(make(8, exe), make(7, exe), 0);
  }
  CHECK(machine.asked == 0);
  for (const char* exe : {"/usr/lib/openssh/sshd-session", "/usr/sbin/in.telnetd", "/usr/sbin/sshd (deleted)"})
    CHECK(machine.logins.see(make(7, exe)));
}

TEST_CASE("logins: they are bounded, and the oldest are forgotten", "[logins]") {
  Asked machine;
  constexpr int kCount = static_cast<int>(Logins::kMost) + 1;
  for (int pid = 1; pid <= kCount; ++pid) {
    machine.peers[pid] = "192.0.2.7";
    machine.logins.see(make(pid, "/usr/sbin/sshd"));
  }
  machine.peers.clear();
  CHECK_FALSE(machine.logins.peer_of(make(1, "/usr/sbin/sshd")));
  CHECK(machine.logins.peer_of(make(2, "/usr/sbin/sshd")));
  CHECK(machine.logins.peer_of(make(kCount, "/usr/sbin/sshd")));
}

TEST_CASE("logins: the lookups in a second are limited", "[logins]") {
  constexpr Time kSecond = 1'000'000'000;
  Asked machine;
  for (int pid = 1; pid <= 100; ++pid) machine.logins.ran(make(pid, "/usr/sbin/sshd"), 7 * kSecond + pid);
  CHECK(machine.asked == static_cast<int>(Logins::kMostEachSecond));
  // A process forked then still has its parent's.
  machine.peers[200] = "192.0.2.7";
  machine.logins.see(make(200, "/usr/sbin/sshd"));
  machine.logins.born(make(201, "/usr/sbin/sshd"), make(200, "/usr/sbin/sshd"), 7 * kSecond + 200);
  CHECK(machine.logins.peer_of(make(201, "/usr/sbin/sshd")) == "192.0.2.7");
  machine.peers[300] = "192.0.2.8";
  machine.logins.ran(make(300, "/usr/sbin/sshd"), 9 * kSecond);
  machine.peers.clear();
  CHECK(machine.logins.peer_of(make(300, "/usr/sbin/sshd")) == "192.0.2.8");
}

TEST_CASE("logins: where one came from is kept by its session's number", "[logins]") {
  Asked machine;
  auto sshd = std::make_shared<Process>(make(7, "/usr/sbin/sshd"));
  auto shell = std::make_shared<Process>(make(8, "/usr/bin/bash"));
  machine.peers[7] = "192.0.2.7";
  machine.logins.see(*sshd);
  CHECK_FALSE(machine.logins.knows(3));
  machine.logins.started(3, {shell, sshd});
  machine.logins.started(4, {shell});
  CHECK(machine.logins.knows(3));
  CHECK(machine.logins.knows(4));
  machine.peers.clear();
  CHECK(machine.logins.origin_of(3) == "ssh from 192.0.2.7");
  CHECK_FALSE(machine.logins.origin_of(4));
  machine.origins[4] = "login on tty1";
  CHECK(machine.logins.origin_of(4) == "login on tty1");
  for (int session = 10; session <= 10 + static_cast<int>(Logins::kMost); ++session)
    machine.logins.started(session, {});
  CHECK_FALSE(machine.logins.knows(3));
}

TEST_CASE("session: where a login came from is known when its connection has gone", "[session]") {
  auto self = read_process(::getpid());
  REQUIRE(self);
  auto sshd = task(self->process.pid, self->process.start, "sshd", 0);
  auto inner = task(5'000'400, 50, "sshd", 1000);
  Connection connection;
  Scene scene;
  scene.options.until_death = true;
  scene.run([&](FakeBackend& fake) {
    appear(fake);
    fake.report(events::exec(sshd, 1, "/usr/sbin/sshd", std::string_view("sshd\0-R\0", 8)), events::fork(sshd, inner));
    connection.close();
    fake.report(events::fork(inner, kKiller),
                events::exec(kKiller, inner.pid, "/usr/bin/kill", std::string_view("kill\0", 5)));
    auto fatal = signal_event(kKiller, kVictim, 9);
    std::get<kernel::Signal>(fatal.what).ancestors = {};
    fake.report(fatal, returned(kKiller, 0), events::exit(kVictim, 9));
  });
  auto summary = scene.one("death")["verdict"]["summary"].get<std::string>();
  INFO(summary);
  CHECK(summary.find("in a login by sshd(5000400) of root from 127.0.0.1") != std::string::npos);
}
