#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/event_loop.h"

namespace stapkill {

/// Where records go: a file, or standard output. Never blocks the event loop: what a pipe or a terminal does not take
/// at once waits in memory. `backed_up` says when the source should be paused.
class Output {
 public:
  static constexpr std::size_t kMostWaiting = 4 << 20;

  /// Standard output, which stays open.
  static std::unique_ptr<Output> standard(boost::asio::io_context& loop);
  /// A file, created with that mode or truncated. Fails for anything but a regular file, a pipe or a character device.
  static Result<std::unique_ptr<Output>> file(boost::asio::io_context& loop, const std::string& path,
                                              mode_t mode = 0640);
  ~Output();

  /// Buffers text until there is enough of it, or until flush().
  void write(std::string_view text);
  /// Writes what can be written now. After an error nothing more is written.
  void flush();
  /// Waits until all is written; false when nothing could be written for `milliseconds`.
  bool drain(int milliseconds);

  bool backed_up() const { return text_.size() - done_ > kMostWaiting; }
  /// errno of the first failed write: EPIPE when the reader has gone, ENOSPC on a full disk; 0: none failed.
  int error() const { return error_; }
  const Phrase& name() const { return name_; }
  /// Called after waiting text has been written, and after an error.
  void on_change(std::function<void()> callback) { on_change_ = std::move(callback); }

 private:
  struct Poller;
  Output(boost::asio::io_context& loop, int fd, Phrase name, bool owned);
  bool write_some();
  void wait_writable();

  boost::asio::io_context& loop_;
  int fd_;
  Phrase name_;
  bool owned_, regular_, waiting_ = false;
  std::string text_;
  std::size_t done_ = 0;
  int error_ = 0;
  std::function<void()> on_change_;
  std::unique_ptr<Poller> poller_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace stapkill
