#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "engine/output.h"
#include "sys/event_loop.h"

namespace stapkill {

/// Asks systemd's journal for what managers wrote about what they ended, by journalctl(1): a child each, a few at once.
class Journal {
 public:
  /// What journalctl found; empty where there is none, or it took too long.
  using OnAnswer = std::function<void(const std::string& subject, std::vector<std::string> lines)>;

  /// An answer may take `limit` ns. `program` is journalctl; tests name another.
  Journal(boost::asio::io_context& loop, Time limit, OnAnswer on_answer, std::string program = installed());
  ~Journal();

  /// Asks for the lines about a subject, after a moment: a line is written before it can be read. There is one answer
  /// to each question.
  void ask(const AskManager& wish);

  /// Ends what still runs; no answer comes any more.
  void stop();

  /// The machine's journalctl; "" where it has none. Not from PATH: it runs as root.
  static std::string installed();

 private:
  struct Question;
  void answer_later(const std::shared_ptr<Question>& question);
  void start(const std::shared_ptr<Question>& question);
  void end(const std::shared_ptr<Question>& question, std::string_view answer);

  boost::asio::io_context& loop_;
  Time limit_;
  OnAnswer on_answer_;
  std::string program_;
  std::map<std::string, std::shared_ptr<Question>> open_;  ///< by subject
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace stapkill
