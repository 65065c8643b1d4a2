#include "session/rate_limit.h"

#include <algorithm>
#include <utility>

namespace stapkill {
namespace {

constexpr int kBurst = 20;
constexpr Time kEvery = 10'000'000'000;  // ns

}  // namespace

int TokenBucket::refilled(Time now) {
  if (now < since_ || tokens_ >= burst_) since_ = now;
  auto more = (now - since_) / every_;
  tokens_ = static_cast<int>(std::min<Time>(burst_, tokens_ + more));
  since_ += more * every_;
  return tokens_;
}

bool TokenBucket::take(Time now) {
  if (refilled(now) == 0) return false;
  --tokens_;
  return true;
}

bool TokenBucket::is_full(Time now) const {
  return TokenBucket(*this).refilled(now) == burst_;
}

void RateLimit::forget_full(Time now) {
  std::erase_if(subjects_, [now](auto& one) { return one.second.is_full(now); });
}

/// More subjects than are remembered share the common bucket alone.
bool RateLimit::allows(const std::string& subject, Time now) {
  if (subjects_.size() >= kMostSubjects) forget_full(now);
  auto at = subjects_.find(subject);
  if (at == subjects_.end() && subjects_.size() < kMostSubjects)
    at = subjects_.emplace(subject, TokenBucket(kBurst, kEvery)).first;
  if (at != subjects_.end() && !at->second.take(now)) return false;
  return all_.take(now);
}

}  // namespace stapkill
