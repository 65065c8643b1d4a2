#include "sys/output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>

#include "sys/fd.h"

namespace stapkill {
namespace asio = boost::asio;

namespace {
constexpr std::size_t kEnough = 256 << 10;
}

struct Output::Poller : asio::posix::stream_descriptor {
  using basic_stream_descriptor::basic_stream_descriptor;
};

Output::Output(asio::io_context& loop, int fd, Phrase name, bool owned)
    : loop_(loop), fd_(fd), name_(std::move(name)), owned_(owned) {
  struct stat info {};
  regular_ = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

std::unique_ptr<Output> Output::standard(asio::io_context& loop) {
  return std::unique_ptr<Output>(new Output(loop, STDOUT_FILENO, phrase("standard output"), false));
}

Result<std::unique_ptr<Output>> Output::file(asio::io_context& loop, const std::string& path, mode_t mode) {
  // O_NONBLOCK: a FIFO without a reader is an error, not an endless wait.
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode));
  if (!file) return fail(phrase("cannot write to {}: {}", path, std::strerror(errno)), {}, "output");
  struct stat info {};
  int fd = file.get();
  bool fits = ::fstat(fd, &info) == 0 && (S_ISREG(info.st_mode) || S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode));
  if (!fits)
    return fail(phrase("cannot write to {}: it is not a file, a pipe or a character device", path), {}, "output");
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  if (S_ISREG(info.st_mode) && ::ftruncate(fd, 0) != 0) { /* written over from its beginning all the same */
  }
  return std::unique_ptr<Output>(new Output(loop, file.release(), path, true));
}

Output::~Output() {
  *alive_ = false;
  if (poller_) poller_.reset();
  if (owned_) ::close(fd_);
}

void Output::write(std::string_view text) {
  if (error_) return;
  text_ += text;
  if (text_.size() - done_ >= kEnough && !waiting_) flush();
}

void Output::flush() {
  while (!error_ && done_ < text_.size() && write_some()) continue;
  if (error_ || done_ == text_.size()) {
    text_.clear();
    done_ = 0;
  } else if (done_ > kEnough) {
    text_.erase(0, done_);
    done_ = 0;
  }
  if (!error_ && !text_.empty()) wait_writable();
}

/// Writes one piece that cannot block: poll(2) guarantees room for PIPE_BUF bytes. False when there is no room.
bool Output::write_some() {
  std::size_t size = text_.size() - done_;
  if (!regular_) {
    pollfd ready{fd_, POLLOUT, 0};
    if (::poll(&ready, 1, 0) <= 0) return false;
    size = std::min<std::size_t>(size, PIPE_BUF);
  }
  ssize_t wrote = ::write(fd_, text_.data() + done_, size);
  if (wrote < 0 && (errno == EINTR || errno == EAGAIN)) return errno == EINTR;
  if (wrote < 0) {
    error_ = errno;
    if (on_change_)
      asio::post(loop_, [this, alive = alive_] {
        if (*alive && on_change_) on_change_();
      });
    return false;
  }
  done_ += static_cast<std::size_t>(wrote);
  return true;
}

void Output::wait_writable() {
  if (waiting_) return;
  if (!poller_) {
    poller_ = std::make_unique<Poller>(loop_);
    boost::system::error_code error;
    poller_->assign(::fcntl(fd_, F_DUPFD_CLOEXEC, 3), error);
    if (error) return;
  }
  waiting_ = true;
  poller_->async_wait(Poller::wait_write, [this, alive = alive_](boost::system::error_code error) {
    if (!*alive) return;
    waiting_ = false;
    if (error) return;
    flush();
    if (on_change_) on_change_();
  });
}

bool Output::drain(int milliseconds) {
  using Clock = std::chrono::steady_clock;
  auto until = Clock::now();
  std::size_t waited = 0;
  for (flush(); !error_ && !text_.empty(); flush()) {
    std::size_t waiting = text_.size() - done_;
    if (waiting != waited) until = Clock::now() + std::chrono::milliseconds(milliseconds);
    waited = waiting;
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd ready{fd_, POLLOUT, 0};
    if (left <= 0) return false;
    if (::poll(&ready, 1, static_cast<int>(left)) < 0 && errno != EINTR) return false;
  }
  return true;
}

}  // namespace stapkill
