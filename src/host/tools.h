#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stapkill {

struct Question {
  std::string program;  ///< its name alone
  std::vector<std::string> arguments;
};

struct Answer {
  std::string out;    ///< its standard output, where it ended with status 0 in time
  std::string why;    ///< else why there is none: "not installed", "did not answer within 2 s", its first words
  bool hung = false;  ///< the time was over
};

/// What a node's tools have answered so far: each question is asked once, and a tool that hung is left alone.
class Answers {
 public:
  /// What is known without asking; null where it has to be asked.
  const Answer* find(const Question& question) const;
  void keep(const Question& question, const Answer& answer);

 private:
  std::map<std::pair<std::string, std::vector<std::string>>, Answer> answers_;
  std::map<std::string, Answer> hung_;  ///< by program
};

/// Where a node is looked at.
struct Node {
  std::string root;                       ///< "", or another root: its /proc and /var/log/pods are read
  std::vector<std::string> tools;         ///< directories with the runtimes' own tools; none are run when empty
  std::chrono::milliseconds limit{2000};  ///< for all tools together
  std::shared_ptr<Answers> heard;         ///< null: nothing is kept

  /// This machine, whose answers are kept: PATH without what is not absolute, then where runtimes put their tools.
  static Node own();
};

using Deadline = std::chrono::steady_clock::time_point;

/// Asks all at the same time and returns their answers in the same order, at the deadline at the latest. What has not
/// ended then is killed with all its process group, as is what says more than 4 MiB; if stapkill itself is killed, so
/// are they. They get no input.
std::vector<Answer> ask_tools(const Node& node, const std::vector<Question>& questions, Deadline until);

}  // namespace stapkill
