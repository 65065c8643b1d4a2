#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/stack_lines.h"
#include "base/time.h"
#include "host/debug_server.h"
#include "model/user_stack.h"
#include "session/rate_limit.h"
#include "sys/event_loop.h"

namespace stapkill {

/// Follows stacks back and looks up their functions, in a child each: it reads files of other users, and has no
/// privileges while it does (cli/frames.cpp).
class FrameFinder {
 public:
  /// The frames of question `id`, innermost first: at least one.
  using OnAnswer = std::function<void(std::uint64_t id, std::vector<Frame> frames)>;

  /// An answer may take `limit` ns; then, and where the child fails, only the innermost frame is known, by its module.
  /// With `servers` debug information that is missing is fetched. `program` is stapkill; tests name another.
  FrameFinder(boost::asio::io_context& loop, Time limit, OnAnswer on_answer,
              std::optional<DebugServers> servers = std::nullopt, std::string program = "/proc/self/exe");
  ~FrameFinder();

  /// Beyond that rate only the innermost frame is known: a child for each death would slow down a host on which many
  /// processes are killed.
  void limit(TokenBucket rate) { rate_ = rate; }

  /// There is one answer to each question, later.
  void ask(std::uint64_t id, StackRequest request);

  /// Ends what still runs; no answer comes any more.
  void stop();

 private:
  struct Question;
  void start_next();
  void start(const std::shared_ptr<Question>& question);
  void end(const std::shared_ptr<Question>& question, std::string_view answer);

  boost::asio::io_context& loop_;
  Time limit_;
  OnAnswer on_answer_;
  std::optional<DebugServers> servers_;
  std::string program_;
  std::optional<TokenBucket> rate_;
  std::deque<std::shared_ptr<Question>> waiting_;
  std::map<std::uint64_t, std::shared_ptr<Question>> open_;  ///< by id
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace stapkill
