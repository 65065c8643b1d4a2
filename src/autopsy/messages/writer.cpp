#include "autopsy/messages/writer.h"

#include <algorithm>
#include <string>

#include "autopsy/messages/patterns.h"

namespace stapkill {
namespace {

constexpr std::size_t kLongestComm = 15;

bool from_kernels_log(const LogEntry& entry) {
  return entry.value("_TRANSPORT") == "kernel";
}

}  // namespace

bool writer_is_known(const LogEntry& entry) {
  // journald adds them to each entry (systemd, src/journal/journald-server.c, dispatch_message_real).
  return !entry.value("_TRANSPORT").empty() || !entry.value("_UID").empty() || !entry.value("_PID").empty();
}

std::optional<std::int64_t> writer_uid(const LogEntry& entry) {
  return whole_number<std::int64_t>(entry.value("_UID"));
}

bool may_be_roots(const LogEntry& entry) {
  return !writer_is_known(entry) || from_kernels_log(entry) || entry.value("_UID") == "0";
}

bool may_be_units(const LogEntry& entry, std::string_view unit) {
  return may_be_roots(entry) || entry.value("_SYSTEMD_UNIT") == unit;
}

bool may_be_init(const LogEntry& entry) {
  if (writer_is_known(entry)) return from_kernels_log(entry) || entry.value("_PID") == "1";
  return entry.pid == 0 || entry.pid == 1;
}

bool may_be_user_manager(const LogEntry& entry) {
  if (!writer_is_known(entry)) return entry.pid > 1;
  auto uid = entry.value("_UID");
  return entry.value("_PID") != "1" && !from_kernels_log(entry) && !uid.empty() && may_be_program(entry, "systemd") &&
         entry.value("_SYSTEMD_UNIT") == "user@" + std::string(uid) + ".service";
}

bool may_be_program(const LogEntry& entry, std::string_view name) {
  if (!writer_is_known(entry)) return true;
  auto exe = entry.value("_EXE");
  if (!exe.empty()) return exe.substr(exe.rfind('/') + 1) == name;
  auto comm = entry.value("_COMM");
  return comm == name.substr(0, kLongestComm);
}

}  // namespace stapkill
