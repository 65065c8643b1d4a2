#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

  using OriginOf = std::function<std::optional<std::string>(std::int64_t session)>;

  Logins(PeerOf peer_of, OriginOf origin_of) : peer_of_(std::move(peer_of)), origin_of_(std::move(origin_of)) {}

  /// A living process. False without a lookup: it is no login's daemon, or is known already.
  bool see(const Process& process);
  /// A process that ran exec at that boot time, as sshd does for each connection.
  void ran(const Process& process, Time now);
  /// A fork. A daemon that forks for each session has the connection open by then; a fork within a session inherits its
  /// parent's answer.
  void born(const Process& child, const Process& parent, Time now);
  /// The remembered answer, else what the machine says now.
  std::optional<std::string> peer_of(const Process& process) const;
  /// A process of that login. What leaves its daemon's tree later (nohup, tmux) is found by the number alone.
  void started(std::int64_t session, const std::vector<ProcessPtr>& ancestry);
  bool knows(std::int64_t session) const { return origins_.count(session) != 0; }
  /// Where that login came from: "ssh from 192.0.2.7".
  std::optional<std::string> origin_of(std::int64_t session) const;

 private:
  bool may_ask(Time now);
  void keep(const Process& process, std::string peer);
  const std::string* known(const Process& process) const;

  PeerOf peer_of_;
  OriginOf origin_of_;
  std::map<std::int64_t, std::string> origins_;  ///< by session; "" where none is known
  std::map<ProcessKey, std::string> peers_;
  std::deque<ProcessKey> order_;  ///< the next to be forgotten first
  Time second_ = 0;               ///< start of the second that asked_ counts for
  std::size_t asked_ = 0;
};

}  // namespace stapkill
