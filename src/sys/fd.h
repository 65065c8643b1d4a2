#pragma once

#include <unistd.h>

#include <utility>

namespace stapkill {

/// Owns a file descriptor and closes it. -1: none.
class [[nodiscard]] Fd {
 public:
  explicit Fd(int fd = -1) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  /// Hands the descriptor over to the caller.
  int release() noexcept { return std::exchange(fd_, -1); }
  /// Closes it now and keeps errno.
  void reset() noexcept;

 private:
  int fd_;
};

}  // namespace stapkill
