#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "sys/child.h"
#include "sys/event_loop.h"

namespace stapkill {

/// Runs a program of the user's for each record, with the record on its standard input: one at a time, each for a
/// limited time, with a minimal environment and without a shell. Never blocks the loop.
class Hook {
 public:
  static constexpr std::size_t kMostWaiting = 64;  ///< records; the newer ones are dropped

  /// The program's path: a word with '/' must be absolute, any other is looked up on PATH, once. Errors (usage): it is
  /// relative, or no program that can run.
  static Result<std::string> find(const std::string& word);

  /// One run may take `limit` ns, then its process group is killed. `on_trouble` gets a line when a run fails after one
  /// that did not, and when records were dropped.
  Hook(boost::asio::io_context& loop, std::string program, Time limit,
       std::function<void(const std::string&)> on_trouble);
  /// Ends the run that is not over; what waits is not run.
  ~Hook();
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;

  void run(const std::string& record);

 private:
  struct Run;
  void start_next();
  void end(const std::string& trouble);
  void take_output(std::string_view text);

  boost::asio::io_context& loop_;
  std::string program_;
  Time limit_;
  std::function<void(const std::string&)> on_trouble_;
  std::deque<std::string> waiting_;
  std::unique_ptr<Run> run_;
  std::uint64_t dropped_ = 0;
  bool failing_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace stapkill
