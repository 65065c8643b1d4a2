#include "engine/recent_requests.h"

#include <utility>

namespace stapkill {

void RecentRequests::add(Request request) {
  if (requests_.size() == kMost) requests_.pop_front();
  requests_.push_back(std::move(request));
}

void RecentRequests::client_ended(const ProcessKey& client, Time boot) {
  for (auto& request : requests_) {
    if (key_of(*request.client) == client) request.client_ended = boot;
  }
}

}  // namespace stapkill
