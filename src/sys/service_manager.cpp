#include "sys/service_manager.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

namespace stapkill {
namespace {

std::string take_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value ? value : "";
  ::unsetenv(name);
  return text;
}

std::optional<std::int64_t> positive(const std::string& text) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number <= 0) return std::nullopt;
  return number;
}

}  // namespace

ServiceManager ServiceManager::of_environment() {
  auto socket = take_variable("NOTIFY_SOCKET");
  auto microseconds = positive(take_variable("WATCHDOG_USEC"));
  auto pid = take_variable("WATCHDOG_PID");
  bool mine = pid.empty() || positive(pid) == ::getpid();
  constexpr std::int64_t most = std::int64_t{1} << 50;  // 35 years
  if (!mine || !microseconds || *microseconds > most) return {socket, std::nullopt};
  return {socket, *microseconds * 1000};
}

ServiceManager::ServiceManager(const std::string& socket, std::optional<std::int64_t> watchdog)
    : socket_(socket), watchdog_(watchdog), there_(!socket.empty()) {}

void ServiceManager::ready(std::string_view status) {
  socket_.send(fmt::format("READY=1\nSTATUS={}", status));
}

void ServiceManager::status(std::string_view status) {
  socket_.send(fmt::format("STATUS={}", status));
}

void ServiceManager::alive() {
  socket_.send("WATCHDOG=1");
}

void ServiceManager::stopping() {
  socket_.send("STOPPING=1");
}

}  // namespace stapkill
