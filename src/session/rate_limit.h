#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/time.h"

namespace stapkill {

/// A token bucket: `burst` at once, then one each `every` ns.
class TokenBucket {
 public:
  TokenBucket(int burst, Time every) : tokens_(burst), burst_(burst), every_(every) {}
  /// Takes a token, if there is one. A clock that was set back gives none.
  bool take(Time now);
  bool is_full(Time now) const;

 private:
  int refilled(Time now);
  int tokens_, burst_;
  Time every_, since_ = 0;
};

/// A bucket for each subject, so that a loud one does not silence the others, and one for all of them together.
class RateLimit {
 public:
  bool allows(const std::string& subject, Time now);

 private:
  static constexpr std::size_t kMostSubjects = 256;
  void forget_full(Time now);
  TokenBucket all_{100, 1'000'000'000};
  std::map<std::string, TokenBucket> subjects_;
};

}  // namespace stapkill
