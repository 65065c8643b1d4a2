#include "session/inquiry.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <utility>

#include "sys/oom_score.h"

namespace stapkill {

struct Inquiry::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& its_loop, std::size_t its_most) : loop(its_loop), timer(its_loop), most(its_most) {}

  void end() {
    timer.cancel();
    // The child calls this itself: it goes later.
    boost::asio::post(loop, [self = shared_from_this()] { self->child.reset(); });
    if (auto done = std::exchange(on_end, nullptr)) done(answer);
  }

  boost::asio::io_context& loop;
  boost::asio::steady_timer timer;
  std::size_t most;
  std::unique_ptr<Child> child;
  std::string answer;
  OnEnd on_end;
};

Inquiry::Inquiry(boost::asio::io_context& loop, std::size_t most) : state_(std::make_shared<State>(loop, most)) {}

Inquiry::~Inquiry() {
  state_->on_end = nullptr;
  state_->timer.cancel();
  state_->child.reset();
}

bool Inquiry::start(ChildOptions options, Time limit, OnEnd on_end) {
  options.environment.emplace_back("LC_ALL", "C");
  options.parent_death_signal = SIGKILL;
  options.before_exec = [before = std::move(options.before_exec)] {
    be_taken_as_others();
    if (before) before();
  };
  auto child = Child::start(
      state_->loop, options,
      [state = state_](std::string_view text) {
        if (state->answer.size() < state->most) state->answer += text;
      },
      {}, [state = state_](int /*status*/) { state->end(); });
  if (!child) return false;
  state_->child = std::move(*child);
  state_->on_end = std::move(on_end);
  state_->timer.expires_after(std::chrono::nanoseconds(limit));
  state_->timer.async_wait([state = state_](boost::system::error_code error) {
    if (!error && state->child) state->child->signal(SIGKILL);
  });
  return true;
}

}  // namespace stapkill
