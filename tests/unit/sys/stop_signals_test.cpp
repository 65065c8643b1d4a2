#include "sys/stop_signals.h"

#include <boost/asio/io_context.hpp>
#include <csignal>

#include "catch.h"

using namespace stapkill;

namespace {

/// What this process does at a signal, for the time of a test.
class Disposition {
 public:
  Disposition(int number, void (*handler)(int)) : number_(number), before_(std::signal(number, handler)) {}
  ~Disposition() { std::signal(number_, before_); }

 private:
  int number_;
  void (*before_)(int);
};

}  // namespace

TEST_CASE("stop signals: each of the three is caught", "[signals]") {
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    Disposition as_usual(number, SIG_DFL);
    boost::asio::io_context loop;
    StopSignals signals(loop);
    int seen = 0;
    signals.async_wait([&](boost::system::error_code error, int got) { seen = error ? 0 : got; });
    std::raise(number);
    loop.run_for(std::chrono::seconds(5));
    CHECK(seen == number);
  }
}

TEST_CASE("stop signals: one that the caller had ignored stays ignored", "[signals]") {
  Disposition ignored(SIGHUP, SIG_IGN);
  {
    boost::asio::io_context loop;
    StopSignals signals(loop);
    bool seen = false;
    signals.async_wait([&](boost::system::error_code error, int) { seen = seen || !error; });
    std::raise(SIGHUP);
    loop.run_for(std::chrono::milliseconds(20));
    CHECK_FALSE(seen);
  }
  struct sigaction action {};
  REQUIRE(::sigaction(SIGHUP, nullptr, &action) == 0);
  CHECK(action.sa_handler == SIG_IGN);
}
