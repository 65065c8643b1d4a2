#include "engine/logins.h"

#include <algorithm>

#include "verdict/origins.h"

namespace stapkill {

bool Logins::see(const Process& process) {
  // Only the first answer is the login's: a session can have other connections later, such as forwarded ones.
  if (!is_login(process) || known(process)) return false;
  if (auto peer = peer_of_(process)) keep(process, std::move(*peer));
  return true;
}

void Logins::ran(const Process& process, Time now) {
  if (is_login(process) && may_ask(now)) see(process);
}

void Logins::born(const Process& child, const Process& parent, Time now) {
  if (!is_login(child)) return;
  if (may_ask(now)) see(child);
  const auto* peer = known(child) ? nullptr : known(parent);
  if (peer) keep(child, *peer);
}

bool Logins::may_ask(Time now) {
  constexpr Time kSecond = 1'000'000'000;
  if (now - second_ >= kSecond) {
    second_ = now;
    asked_ = 0;
  }
  return ++asked_ <= kMostEachSecond;
}

std::optional<std::string> Logins::peer_of(const Process& process) const {
  const auto* peer = known(process);
  return peer ? *peer : peer_of_(process);
}

void Logins::started(std::int64_t session, const std::vector<ProcessPtr>& ancestry) {
  auto daemon = std::find_if(ancestry.begin(), ancestry.end(), [](const auto& one) { return is_login(*one); });
  const auto* peer = daemon == ancestry.end() ? nullptr : known(**daemon);
  // A session has a greater number than those before it.
  if (origins_.size() >= kMost) origins_.erase(origins_.begin());
  origins_[session] = peer ? way_of_login(**daemon) + " from " + *peer : "";
}

std::optional<std::string> Logins::origin_of(std::int64_t session) const {
  auto at = origins_.find(session);
  return at == origins_.end() || at->second.empty() ? origin_of_(session) : at->second;
}

void Logins::keep(const Process& process, std::string peer) {
  ProcessKey key{process.pid, process.start};
  peers_[key] = std::move(peer);
  order_.push_back(key);
  if (order_.size() <= kMost) return;
  peers_.erase(order_.front());
  order_.pop_front();
}

const std::string* Logins::known(const Process& process) const {
  auto at = peers_.find({process.pid, process.start});
  return at == peers_.end() ? nullptr : &at->second;
}

}  // namespace stapkill
