#pragma once

#include "verdict/requests.h"

namespace stapkill {

/// Remembers the last requests to managers. Bounded.
class RecentRequests {
 public:
  static constexpr std::size_t kMost = 512;

  void add(Request request);
  void client_ended(const ProcessKey& client, Time boot);
  const Requests& all() const { return requests_; }

 private:
  Requests requests_;
};

}  // namespace stapkill
