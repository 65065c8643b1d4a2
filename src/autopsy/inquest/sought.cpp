#include "autopsy/inquest/sought.h"

#include "model/cgroup_names.h"

namespace stapkill {
namespace {

constexpr std::size_t kLongestComm = 15;  // TASK_COMM_LEN without its NUL
constexpr std::size_t kFewestDigits = 4;  // of a container's id

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// The name as a comm, or that of the program where the source has no comm.
bool has_name(const Party& party, const std::string& comm) {
  if (!party.comm.empty()) return party.comm.substr(0, kLongestComm) == comm;
  return !party.exe.empty() && base_name(party.exe).substr(0, kLongestComm) == comm;
}

bool has_unit(const Party& party, const std::string& unit) {
  auto own = unit_of(party);
  if (!own.empty() && (own == unit || own == unit + ".service")) return true;
  return is_in_unit(party.cgroup, unit) || is_in_unit(party.cgroup, unit + ".service");
}

bool has_container(const Party& party, const std::string& word) {
  if (!party.container_name.empty() && party.container_name == word) return true;
  return word.size() >= kFewestDigits && party.container.starts_with(word);
}

bool has_pod(const Party& party, const std::string& pod) {
  return !party.pod.empty() && (party.pod == pod || party.pod.ends_with('/' + pod));
}

}  // namespace

bool fits(const Sought& sought, const Party& party) {
  if (sought.pid && party.pid != *sought.pid && (party.pid || party.tid != *sought.pid)) return false;
  if (sought.comm && !has_name(party, *sought.comm)) return false;
  if (sought.exe && party.exe != *sought.exe) return false;
  if (sought.cmdline && party.cmdline.find(*sought.cmdline) == std::string::npos) return false;
  if (sought.uid && party.uid != sought.uid) return false;
  if (sought.unit && !has_unit(party, *sought.unit)) return false;
  if (sought.container && !has_container(party, *sought.container)) return false;
  return !sought.pod || has_pod(party, *sought.pod);
}

bool same_container(const std::string& one, const std::string& other) {
  constexpr std::size_t shortest = 12;
  if (one.size() < shortest || other.size() < shortest) return false;
  return one.size() < other.size() ? other.starts_with(one) : one.starts_with(other);
}

std::string unit_of(const Party& party) {
  if (!party.unit.empty()) return party.unit;
  return party.cgroup.empty() ? "" : unit_of(std::optional(party.cgroup)).value_or("");
}

}  // namespace stapkill
