#include "event/record.h"

namespace stapkill {

std::string_view name_of(SignalResult result) {
  constexpr std::string_view names[] = {"delivered", "ignored", "already_pending", "overflow", "info_lost"};
  return names[static_cast<int>(result)];
}

std::string_view name_of(By by) {
  constexpr std::string_view names[] = {"process", "kernel", "self"};
  return names[static_cast<int>(by)];
}

std::string_view name_of(Cause cause) {
  constexpr std::string_view names[] = {"exit", "kill", "tkill", "sigqueue", "pidfd", "self", "unknown"};
  return names[static_cast<int>(cause)];
}

std::string_view name_of(Confidence confidence) {
  constexpr std::string_view names[] = {"certain", "likely", "unknown"};
  return names[static_cast<int>(confidence)];
}

}  // namespace stapkill
