#include "session/service_status.h"

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <vector>

#include "sys/unix_receiver.h"
#include "temporary.h"

using namespace stapkill;
using namespace std::chrono_literals;

namespace {

constexpr Time kMoment = 1'764'516'030'500'000'000;  // 2025-11-30T15:20:30.5Z

/// A status, and what its service manager received.
struct Hearing {
  Temporary folder;
  UnixReceiver receiver{(folder / "notify").string()};
  boost::asio::io_context loop;
  ServiceStatus status;

  explicit Hearing(std::optional<std::int64_t> watchdog)
      : status(loop, ServiceManager((folder / "notify").string(), watchdog)) {}

  std::vector<std::string> heard() {
    std::vector<std::string> all;
    for (auto one = receiver.next(); !one.empty(); one = receiver.next()) all.push_back(one);
    return all;
  }
};

}  // namespace

TEST_CASE("service status: ready once armed, and not before", "[service_status]") {
  Hearing hearing(std::nullopt);
  hearing.status.kept();
  CHECK(hearing.heard().empty());
  hearing.status.armed(kMoment);
  CHECK(hearing.heard() ==
        std::vector<std::string>{"READY=1\nSTATUS=watching since 2025-11-30T15:20:30Z; 1 death kept"});
  hearing.status.stopping();
  CHECK(hearing.heard() == std::vector<std::string>{"STOPPING=1"});
}

TEST_CASE("service status: a loop that turns is alive, and says how many deaths it keeps", "[service_status]") {
  Hearing hearing(40'000'000);
  hearing.status.armed(kMoment);
  hearing.heard();
  hearing.status.kept();
  hearing.status.kept();
  while (hearing.loop.run_one_for(10s) &&
         hearing.heard() !=
             std::vector<std::string>{"WATCHDOG=1", "STATUS=watching since 2025-11-30T15:20:30Z; 2 deaths kept"})
    continue;
  hearing.loop.run_one_for(10s);
  CHECK(hearing.heard() == std::vector<std::string>{"WATCHDOG=1"});
}

TEST_CASE("service status: without a service manager the loop has nothing to do", "[service_status]") {
  boost::asio::io_context loop;
  ServiceStatus status(loop, ServiceManager("", std::nullopt));
  status.armed(kMoment);
  status.stopping();
  CHECK(loop.run() == 0);
}
