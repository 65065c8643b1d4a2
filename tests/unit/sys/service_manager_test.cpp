#include "sys/service_manager.h"

#include <unistd.h>

#include <cstdlib>

#include "sys/unix_receiver.h"
#include "temporary.h"

using namespace stapkill;

namespace {

ServiceManager of(const char* socket, const char* microseconds, const std::string& pid) {
  ::setenv("NOTIFY_SOCKET", socket, 1);
  ::setenv("WATCHDOG_USEC", microseconds, 1);
  pid.empty() ? ::unsetenv("WATCHDOG_PID") : ::setenv("WATCHDOG_PID", pid.c_str(), 1);
  return ServiceManager::of_environment();
}

}  // namespace

TEST_CASE("service manager: it hears each word of the protocol", "[service_manager]") {
  Temporary folder;
  auto address = (folder / "notify").string();
  UnixReceiver receiver(address);
  ServiceManager manager(address, std::nullopt);
  manager.ready("watching");
  manager.status("still watching");
  manager.alive();
  manager.stopping();
  for (const auto* words : {"READY=1\nSTATUS=watching", "STATUS=still watching", "WATCHDOG=1", "STOPPING=1", ""})
    CHECK(receiver.next() == words);
}

TEST_CASE("service manager: the environment says where it is, and children do not see it", "[service_manager]") {
  auto mine = std::to_string(::getpid());
  auto manager = of("/run/x", "30000000", mine);
  CHECK(manager.is_there());
  CHECK(manager.watchdog() == 30'000'000'000);
  for (const auto* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) CHECK(std::getenv(name) == nullptr);
  CHECK(of("", "30000000", "").watchdog() == 30'000'000'000);
  CHECK_FALSE(of("", "30000000", "").is_there());
}

TEST_CASE("service manager: another process's watchdog, and what is no time, is none", "[service_manager]") {
  CHECK_FALSE(of("/run/x", "30000000", "1").watchdog());
  for (const auto* wrong : {"", "0", "-5", "soon", "1s", "99999999999999999999"}) {
    INFO(wrong);
    CHECK_FALSE(of("/run/x", wrong, "").watchdog());
  }
}
