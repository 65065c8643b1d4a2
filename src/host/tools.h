#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace stapkill {

/// Where a node is looked at.
struct Node {
  std::string root;                       ///< "", or another root: its /proc and /var/log/pods are read
  std::vector<std::string> tools;         ///< directories with the runtimes' own tools; none are run when empty
  std::chrono::milliseconds limit{2000};  ///< for all tools together

  /// This machine: PATH without what is not absolute, then where runtimes put their tools.
  static Node own();
};

struct Question {
  std::string program;  ///< its name alone
  std::vector<std::string> arguments;
};

struct Answer {
  std::string out;  ///< its standard output, where it ended with status 0 in time
  std::string why;  ///< else why there is none: "not installed", "did not answer within 2 s", its first words
};

using Deadline = std::chrono::steady_clock::time_point;

/// Asks all at the same time and returns their answers in the same order, at the deadline at the latest. What has not
/// ended then is killed with all its process group, as is what says more than 4 MiB; if stapkill itself is killed, so
/// are they. They get no input.
std::vector<Answer> ask_tools(const Node& node, const std::vector<Question>& questions, Deadline until);

}  // namespace stapkill
