#include "session/journal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <utility>

#include "sys/child.h"

namespace stapkill {
namespace {

constexpr auto kBefore = std::chrono::milliseconds(60);  // journald writes what it was sent within a few ms
constexpr std::size_t kMostAtOnce = 4;
constexpr std::size_t kMostText = 64 << 10;
constexpr Time kSecond = 1'000'000'000;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

struct Journal::Question {
  explicit Question(boost::asio::io_context& loop) : timer(loop) {}
  boost::asio::steady_timer timer;
  std::unique_ptr<Child> child;
  std::string unit, text;
  Time since = 0;
};

std::string Journal::installed() {
  for (const char* path : {"/usr/bin/journalctl", "/bin/journalctl"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  return {};
}

Journal::Journal(boost::asio::io_context& loop, Time limit, OnAnswer on_answer, std::string program)
    : loop_(loop), limit_(limit), on_answer_(std::move(on_answer)), program_(std::move(program)) {}

Journal::~Journal() {
  stop();
}

void Journal::ask(const std::string& unit, Time since) {
  auto question = std::make_shared<Question>(loop_);
  question->unit = unit;
  question->since = since;
  if (open_.size() >= kMostAtOnce || open_.count(unit)) return answer_later(question);
  open_.emplace(unit, question);
  question->timer.expires_after(kBefore);
  question->timer.async_wait([this, question](boost::system::error_code error) {
    if (!error) start(question);
  });
}

void Journal::answer_later(const std::shared_ptr<Question>& question) {
  boost::asio::post(loop_, [this, question, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) on_answer_(question->unit, {});
  });
}

void Journal::start(const std::shared_ptr<Question>& question) {
  if (program_.empty()) return end(question);
  ChildOptions options;
  options.argv = {program_,
                  "--quiet",
                  "--no-pager",
                  "--output",
                  "cat",
                  "--lines=50",
                  fmt::format("--since=@{}", question->since / kSecond - 1),
                  "_PID=1",
                  "UNIT=" + question->unit};
  options.environment = {{"LC_ALL", "C"}};
  options.parent_death_signal = SIGKILL;
  auto child = Child::start(
      loop_, options,
      [question](std::string_view text) {
        if (question->text.size() < kMostText) question->text += text;
      },
      {}, [this, question](int /*status*/) { end(question); });
  if (!child) return end(question);
  question->child = std::move(*child);
  question->timer.expires_after(std::chrono::nanoseconds(limit_));
  question->timer.async_wait([question](boost::system::error_code error) {
    if (!error && question->child) question->child->signal(SIGKILL);
  });
}

void Journal::end(const std::shared_ptr<Question>& question) {
  auto at = open_.find(question->unit);
  if (at == open_.end() || at->second != question) return;
  question->timer.cancel();
  open_.erase(at);
  // The child calls this itself: it goes later.
  boost::asio::post(loop_, [question] { question->child.reset(); });
  on_answer_(question->unit, lines_of(question->text));
}

void Journal::stop() {
  alive_.reset();
  for (auto& [unit, question] : std::exchange(open_, {})) {
    question->timer.cancel();
    question->child.reset();
  }
}

}  // namespace stapkill
