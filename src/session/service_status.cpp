#include "session/service_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <utility>

namespace stapkill {
namespace {

constexpr std::int64_t kShowEvery = 10'000'000'000;  // ns

std::string to_the_second(Time time) {
  std::string text;
  append_rfc3339(text, time);
  return text.substr(0, text.find('.')) + "Z";
}

}  // namespace

ServiceStatus::ServiceStatus(boost::asio::io_context& loop, ServiceManager manager)
    : timer_(loop), manager_(std::move(manager)) {}

void ServiceStatus::armed(Time now) {
  if (!manager_.is_there()) return;
  since_ = to_the_second(now);
  shown_ = text();
  manager_.ready(shown_);
  wait();
}

void ServiceStatus::stopping() {
  manager_.stopping();
}

/// Half of the manager's limit, as sd_watchdog_enabled(3) advises.
void ServiceStatus::wait() {
  auto pause = std::min(manager_.watchdog().value_or(2 * kShowEvery) / 2, kShowEvery);
  timer_.expires_after(std::chrono::nanoseconds(pause));
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    if (manager_.watchdog()) manager_.alive();
    if (auto now = text(); now != shown_) manager_.status(shown_ = std::move(now));
    wait();
  });
}

std::string ServiceStatus::text() const {
  return fmt::format("watching since {}; {} death{} kept", since_, kept_, kept_ == 1 ? "" : "s");
}

}  // namespace stapkill
