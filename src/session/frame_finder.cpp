#include "session/frame_finder.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "host/unwind.h"
#include "session/inquiry.h"
#include "sys/clock.h"
#include "sys/memory_file.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostAtOnce = 2;
constexpr std::size_t kMostWaiting = 16;
constexpr std::size_t kMostText = 256 << 10;

}  // namespace

struct FrameFinder::Question {
  Question(boost::asio::io_context& loop, std::uint64_t its_id, StackRequest its_request)
      : id(its_id), request(std::move(its_request)), inquiry(loop, kMostText) {}
  std::uint64_t id;
  StackRequest request;
  Inquiry inquiry;
};

FrameFinder::FrameFinder(boost::asio::io_context& loop, Time limit, OnAnswer on_answer,
                         std::optional<DebugServers> servers, std::string program)
    : loop_(loop),
      limit_(limit),
      on_answer_(std::move(on_answer)),
      servers_(std::move(servers)),
      program_(std::move(program)) {}

FrameFinder::~FrameFinder() {
  stop();
}

void FrameFinder::ask(std::uint64_t id, StackRequest request) {
  auto question = std::make_shared<Question>(loop_, id, std::move(request));
  waiting_.push_back(question);
  boost::asio::post(loop_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) start_next();
  });
}

void FrameFinder::start_next() {
  while (open_.size() < kMostAtOnce && !waiting_.empty()) {
    auto question = waiting_.front();
    waiting_.pop_front();
    open_.emplace(question->id, question);
    if (rate_ && !rate_->take(boot_now())) {
      end(question, {});
    } else {
      start(question);
    }
  }
  while (waiting_.size() > kMostWaiting) {
    auto question = waiting_.front();
    waiting_.pop_front();
    open_.emplace(question->id, question);
    end(question, {});
  }
}

void FrameFinder::start(const std::shared_ptr<Question>& question) {
  auto file = file_in_memory("stack", lines_of(question->request));
  if (!file || !can_unwind()) return end(question, {});
  ChildOptions options;
  options.argv = {program_, "frames"};
  if (servers_) {
    options.argv.insert(options.argv.end(), {servers_->client, servers_->cache});
    options.environment = {{"DEBUGINFOD_URLS", servers_->urls}};
  }
  options.before_exec = [input = file.get()] { ::dup2(input, STDIN_FILENO); };
  // The question holds the child's callback: it must not hold itself.
  bool started =
      question->inquiry.start(options, limit_, [this, asked = std::weak_ptr(question)](const std::string& answer) {
        if (auto open = asked.lock()) end(open, answer);
      });
  if (!started) end(question, {});
}

void FrameFinder::end(const std::shared_ptr<Question>& question, std::string_view answer) {
  open_.erase(question->id);
  std::vector<Frame> frames;
  const auto& stack = question->request.stack;
  if (!parse_lines(answer, frames) || frames.empty())
    frames = {frame_at(stack, stack.registers[UserStack::kInstruction])};
  // The child's end may have called this: the question, which owns the child, goes later.
  boost::asio::post(loop_, [this, question, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) start_next();
  });
  on_answer_(question->id, std::move(frames));
}

void FrameFinder::stop() {
  alive_.reset();
  waiting_.clear();
  open_.clear();
}

}  // namespace stapkill
