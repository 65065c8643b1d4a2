#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "model/process.h"
#include "model/record.h"

namespace stapkill {

/// Where logins come from. Looked up when a login's daemon is first seen: the daemon of `ssh HOST COMMAND` may be gone
/// when a death is judged. Bounded.
class Logins {
 public:
  static constexpr std::size_t kMost = 256;
  /// How many living daemons are looked up when a watch begins, the youngest first: each costs a scan of all
  /// connections.
  static constexpr std::size_t kMostAtOnce = 64;
  /// Limit for later ones: an attacker who tries passwords opens many connections.
  static constexpr std::size_t kMostEachSecond = 20;

  using PeerOf = std::function<std::optional<std::string>(const Process&)>;

  explicit Logins(PeerOf peer_of) : peer_of_(std::move(peer_of)) {}

  /// A living process. False without a lookup: it is no login's daemon, or is known already.
  bool see(const Process& process);
  /// A process that ran exec at that boot time, as sshd does for each connection.
  void ran(const Process& process, Time now);
  /// A fork. A daemon that forks for each session has the connection open by then; a fork within a session inherits its
  /// parent's answer.
  void born(const Process& child, const Process& parent, Time now);
  /// The remembered answer, else what the machine says now.
  std::optional<std::string> peer_of(const Process& process) const;

 private:
  bool may_ask(Time now);
  void keep(const Process& process, std::string peer);
  const std::string* known(const Process& process) const;

  PeerOf peer_of_;
  std::map<ProcessKey, std::string> peers_;
  std::deque<ProcessKey> order_;  ///< the next to be forgotten first
  Time second_ = 0;               ///< start of the second that asked_ counts for
  std::size_t asked_ = 0;
};

}  // namespace stapkill
