#include "session/journal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "model/managers.h"
#include "session/inquiry.h"

namespace stapkill {
namespace {

constexpr auto kBefore = std::chrono::milliseconds(60);  // journald writes what it was sent within a few ms
constexpr std::size_t kMostAtOnce = 4;
constexpr std::size_t kMostText = 1 << 20;
constexpr Time kSecond = 1'000'000'000;

constexpr Time kBeforeKubelets = 150 * kSecond;  // it writes why before the hooks (preStop) that delay its signal

/// What journalctl is asked for: pid 1's lines about a unit, or all of the kubelet's, which has no field for a
/// container.
std::vector<std::string> arguments_for(const AskManager& wish) {
  if (wish.writer == AskManager::Writer::systemd)
    return {"--lines=50", fmt::format("--since=@{}", wish.since / kSecond - 1), "_PID=1", "UNIT=" + wish.subject};
  std::vector<std::string> arguments = {"--lines=5000",
                                        fmt::format("--since=@{}", (wish.since - kBeforeKubelets) / kSecond)};
  for (const auto& program : kubelet_programs()) arguments.push_back(fmt::format("_SYSTEMD_UNIT={}", program.unit));
  return arguments;
}

/// Whether a line of the kubelet's is about that container or its pod.
bool names(const AskManager& wish, const std::string& line) {
  return has_whole(line, wish.subject) || std::any_of(wish.names.begin(), wish.names.end(),
                                                      [&](const std::string& name) { return has_whole(line, name); });
}

std::vector<std::string> answer_to(const AskManager& wish, std::string_view text) {
  auto lines = lines_of(text);
  std::erase_if(lines, [&](const std::string& line) {
    return line.empty() || (wish.writer == AskManager::Writer::kubelet && !names(wish, line));
  });
  return lines;
}

}  // namespace

struct Journal::Question {
  explicit Question(boost::asio::io_context& loop) : timer(loop), inquiry(loop, kMostText) {}
  boost::asio::steady_timer timer;
  Inquiry inquiry;
  AskManager wish;
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

void Journal::ask(const AskManager& wish) {
  auto question = std::make_shared<Question>(loop_);
  question->wish = wish;
  if (open_.size() >= kMostAtOnce || open_.count(wish.subject)) return answer_later(question);
  open_.emplace(wish.subject, question);
  question->timer.expires_after(kBefore);
  question->timer.async_wait([this, question](boost::system::error_code error) {
    if (!error) start(question);
  });
}

void Journal::answer_later(const std::shared_ptr<Question>& question) {
  boost::asio::post(loop_, [this, question, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) on_answer_(question->wish.subject, {});
  });
}

void Journal::start(const std::shared_ptr<Question>& question) {
  if (program_.empty()) return end(question, {});
  ChildOptions options;
  options.argv = {program_, "--quiet", "--no-pager", "--output", "cat"};
  for (auto& word : arguments_for(question->wish)) options.argv.push_back(std::move(word));
  // The question holds the child's callback: it must not hold itself.
  bool started =
      question->inquiry.start(options, limit_, [this, asked = std::weak_ptr(question)](const std::string& answer) {
        if (auto open = asked.lock()) end(open, answer);
      });
  if (!started) end(question, {});
}

void Journal::end(const std::shared_ptr<Question>& question, std::string_view answer) {
  open_.erase(question->wish.subject);
  // The child's end may have called this: the question, which owns the child, goes later.
  boost::asio::post(loop_, [question] {});
  on_answer_(question->wish.subject, answer_to(question->wish, answer));
}

void Journal::stop() {
  alive_.reset();
  for (auto& [unit, question] : std::exchange(open_, {})) question->timer.cancel();
}

}  // namespace stapkill
