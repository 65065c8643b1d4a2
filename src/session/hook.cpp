#include "session/hook.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "sys/child.h"
#include "sys/file.h"
#include "sys/memory_file.h"
#include "sys/oom_score.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostWords = 200;  // bytes of what a failed run said
constexpr char kPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string first_line(const std::string& text) {
  return printable(text.substr(0, text.find('\n')));
}

}  // namespace

struct Hook::Run {
  explicit Run(boost::asio::io_context& loop) : timer(loop) {}
  boost::asio::steady_timer timer;
  std::unique_ptr<Child> child;
  std::string said;  ///< on standard error
};

Result<std::string> Hook::find(const std::string& word) {
  if (word.empty() || (word.find('/') != std::string::npos && word[0] != '/'))
    return usage_error(phrase("--exec expects a program's absolute path, or its name on PATH, not '{}'", word));
  auto path = word[0] == '/' ? word : find_program(word);
  if (path.empty() || ::access(path.c_str(), X_OK) != 0)
    return usage_error(phrase("--exec: there is no program '{}' that can be run", word),
                       phrase("name an executable file"));
  return path;
}

Hook::Hook(boost::asio::io_context& loop, std::string program, Time limit,
           std::function<void(const std::string&)> on_trouble)
    : loop_(loop), program_(std::move(program)), limit_(limit), on_trouble_(std::move(on_trouble)) {}

Hook::~Hook() {
  alive_.reset();
  if (run_ && run_->child && run_->child->running()) ::kill(-run_->child->pid(), SIGKILL);
}

void Hook::run(const std::string& record) {
  if (waiting_.size() < kMostWaiting) {
    waiting_.push_back(record.ends_with('\n') ? record : record + '\n');
  } else if (++dropped_ == 1) {
    on_trouble_(tr("{} is too slow: records are dropped, because {} wait for it", program_, kMostWaiting));
  }
  if (!run_) start_next();
}

void Hook::start_next() {
  if (waiting_.empty()) {
    if (auto dropped = std::exchange(dropped_, 0)) on_trouble_(tr("{} did not get {} records", program_, dropped));
    return;
  }
  auto input = file_in_memory("record", waiting_.front());
  waiting_.pop_front();
  run_ = std::make_unique<Run>(loop_);
  ChildOptions options;
  options.argv = {program_};
  options.only_environment = true;
  options.environment = {{"PATH", kPath}, {"LANG", "C.UTF-8"}};
  options.directory = "/";
  options.parent_death_signal = SIGKILL;
  options.before_exec = [from = input.get()] {
    be_taken_as_others();
    if (from >= 0) ::dup2(from, STDIN_FILENO);
  };
  auto child = Child::start(
      loop_, options, {}, [this](std::string_view text) { take_output(text); },
      [this](int status) { end(status == 0 ? "" : status_words(status).local()); });
  if (!child) return end(child.error().message.local());
  run_->child = std::move(*child);
  run_->timer.expires_after(std::chrono::nanoseconds(limit_));
  run_->timer.async_wait([this](boost::system::error_code error) {
    if (error || !run_) return;
    if (!run_->child->running()) return end("");  // what it left in the background still has its output
    ::kill(-run_->child->pid(), SIGKILL);         // also what it started
    end(tr("had not ended after {} s, and was killed", limit_ / 1'000'000'000));
  });
}

void Hook::take_output(std::string_view text) {
  auto& said = run_->said;
  said += text.substr(0, kMostWords - std::min(kMostWords, said.size()));
}

/// `trouble`: how the run failed; "" where it did not.
void Hook::end(const std::string& trouble) {
  std::shared_ptr<Run> over = std::exchange(run_, nullptr);
  over->timer.cancel();
  if (!trouble.empty() && !failing_) {
    auto said = first_line(over->said);
    on_trouble_(fmt::format("{} {}{}{}", program_, trouble, said.empty() ? "" : ": ", said));
  }
  failing_ = !trouble.empty();
  // The child's end may have called this: it goes later.
  boost::asio::post(loop_, [this, over, alive = std::weak_ptr(alive_)] {
    if (!alive.expired() && !run_) start_next();
  });
}

}  // namespace stapkill
