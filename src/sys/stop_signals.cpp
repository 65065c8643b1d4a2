#include "sys/stop_signals.h"

#include <csignal>

namespace stapkill {
namespace {

bool is_ignored(int number) {
  struct sigaction action {};
  return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

StopSignals::StopSignals(boost::asio::io_context& loop) : boost::asio::signal_set(loop) {
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    if (!is_ignored(number)) add(number);
  }
}

}  // namespace stapkill
