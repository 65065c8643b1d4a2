#include "backend/stap/staprun_process.h"

#include <signal.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "backend/stap/leftovers.h"

namespace stapkill {

StaprunProcess::StaprunProcess(boost::asio::io_context& loop, std::string staprun, Callbacks callbacks)
    : loop_(loop), timer_(loop), staprun_(std::move(staprun)), callbacks_(std::move(callbacks)) {}

StaprunProcess::~StaprunProcess() {
  *alive_ = false;
}

Result<std::unique_ptr<StaprunProcess>> StaprunProcess::start(boost::asio::io_context& loop, std::string staprun,
                                                              const std::vector<std::string>& words,
                                                              Callbacks callbacks) {
  std::unique_ptr<StaprunProcess> made(new StaprunProcess(loop, std::move(staprun), std::move(callbacks)));
  auto* process = made.get();
  ChildOptions options;
  options.argv = words;
  options.environment = process->sysctls_.environment();
  options.parent_death_signal = SIGTERM;
  auto child = Child::start(
      loop, options,
      [process](std::string_view text) {
        process->bytes_read_ += text.size();
        process->callbacks_.output(text);
      },
      [process](std::string_view text) {
        process->lines_.take(text, [process](const std::string& line) {
          if (!line.empty()) process->callbacks_.error_line(line);
        });
      },
      // Not at once: this runs inside the child, which `ended` may destroy.
      [process, alive = process->alive_](int status) {
        boost::asio::post(process->loop_, [process, alive, status] {
          if (*alive) process->exited(status);
        });
      });
  if (!child) return tl::unexpected(child.error());
  process->child_ = std::move(*child);
  return made;
}

void StaprunProcess::exited(int status) {
  timer_.cancel();
  unload();
  sysctls_.restore();
  if (auto rest = lines_.rest(); !rest.empty()) callbacks_.error_line(rest);
  auto ended = std::move(callbacks_.ended);
  ended(status);
}

/// A staprun that is interrupted between loading the module and its first output leaves the module loaded.
void StaprunProcess::unload() {
  auto name = module_.empty() ? module_of(child_->pid()) : module_;
  if (!name.empty() && module_loaded(name) && !unload_module(staprun_, name)) still_loaded_ = name;
}

void StaprunProcess::end() {
  if (!std::exchange(ending_, true)) interrupt();
}

void StaprunProcess::interrupt() {
  if (!running()) return;
  constexpr int kSeconds[] = {5, 10, 15};
  if (interrupts_ == 3) return child_->signal(SIGKILL);
  child_->pause_output(false);
  child_->signal(SIGINT);
  wait(kSeconds[interrupts_++], 2);
}

void StaprunProcess::wait(int seconds, int patience) {
  timer_.expires_after(std::chrono::seconds(seconds));
  timer_.async_wait([this, seconds, patience, read = bytes_read_](boost::system::error_code error) {
    if (error) return;
    if (bytes_read_ != read && patience > 0) return wait(seconds, patience - 1);
    interrupt();
  });
}

void StaprunProcess::suspect(const std::string& line) {
  last_line_ = line;
  log_.take(line + '\n');
}

bool StaprunProcess::has_cause() {
  log_.end();
  return log_.cause() != nullptr;
}

Error StaprunProcess::failure(int status, const Phrase& when) {
  log_.end();
  const auto* cause = log_.cause();
  return staprun_error(status, when, cause ? cause->text : last_line_);
}

}  // namespace stapkill
