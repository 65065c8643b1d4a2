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

/// Where logins come from. Asked for when a login's daemon is first seen: that of `ssh HOST COMMAND` has gone when what
/// its command did is judged. Bounded.
class Logins {
 public:
  static constexpr std::size_t kMost = 256;
  /// Of those that live when a watch begins, so many are asked for, the youngest: each costs a look at every
  /// connection.
  static constexpr std::size_t kMostAtOnce = 64;
  /// Later: who tries passwords opens many connections.
  static constexpr std::size_t kMostEachSecond = 20;

  using PeerOf = std::function<std::optional<std::string>(const Process&)>;

  explicit Logins(PeerOf peer_of) : peer_of_(std::move(peer_of)) {}

  /// One that lives. False where nothing was asked: it is no login's daemon, or is known already.
  bool see(const Process& process);
  /// One that has run exec at that boot time, as sshd does for each connection.
  void ran(const Process& process, Time now);
  /// A daemon that forks for each session has the connection open by then; one that forks within a session has its
  /// parent's.
  void born(const Process& child, const Process& parent, Time now);
  /// What was found out then; where nothing was, what the machine says now.
  std::optional<std::string> peer_of(const Process& process) const;

 private:
  bool may_ask(Time now);
  void keep(const Process& process, std::string peer);
  const std::string* known(const Process& process) const;

  PeerOf peer_of_;
  std::map<ProcessKey, std::string> peers_;
  std::deque<ProcessKey> order_;  ///< the one that is forgotten next first
  Time second_ = 0;               ///< when the one began in which so many were asked for
  std::size_t asked_ = 0;
};

}  // namespace stapkill
