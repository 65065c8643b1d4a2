#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "sys/child.h"
#include "sys/event_loop.h"

namespace stapkill {

/// One question to a child: what it writes to its standard output is the answer.
class Inquiry {
 public:
  /// What was written; truncated after `most` bytes, and where the child was ended.
  using OnEnd = std::function<void(const std::string& answer)>;

  Inquiry(boost::asio::io_context& loop, std::size_t most);
  /// Ends the child if it still runs; `on_end` is not called.
  ~Inquiry();
  Inquiry(const Inquiry&) = delete;
  Inquiry& operator=(const Inquiry&) = delete;

  /// Starts the child, which is ended after `limit` ns, and when stapkill dies. `on_end` is called once, later. False,
  /// and no call, where it cannot be started.
  bool start(ChildOptions options, Time limit, OnEnd on_end);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace stapkill
