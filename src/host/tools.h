#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/phrase.h"

namespace stapkill {

struct Question {
  std::string program;  ///< its name, without a path
  std::vector<std::string> arguments;
};

struct Answer {
  std::string out;    ///< its standard output if it ended with status 0 in time
  Phrase why;         ///< else why not: "not installed", "did not answer within 2 s", its first words
  bool hung = false;  ///< it ran out of time
};

/// The answers of a node's tools so far: each question is asked once, and a tool that hung is not asked again.
class Answers {
 public:
  /// The known answer; null where the tool has to be asked.
  const Answer* find(const Question& question) const;
  void keep(const Question& question, const Answer& answer);

 private:
  std::map<std::pair<std::string, std::vector<std::string>>, Answer> answers_;
  std::map<std::string, Answer> hung_;  ///< by program
};

/// Where to look at a node.
struct Node {
  std::string root;                       ///< "", or another root: its /proc and /var/log/pods are read
  std::vector<std::string> tools;         ///< directories with the runtimes' own tools; none are run when empty
  std::chrono::milliseconds limit{2000};  ///< for all tools together
  std::shared_ptr<Answers> heard;         ///< null: answers are not kept

  /// This machine, with kept answers: absolute directories of PATH, then those where runtimes put their tools.
  static Node own();
};

/// Path of an executable of that name in the node's directories of tools; "" where there is none.
std::string find_tool(const Node& node, const std::string& name);

using Deadline = std::chrono::steady_clock::time_point;

/// Asks all at the same time and returns their answers in the same order, at the latest at the deadline. Kills, with
/// its process group, a tool that has not ended by then or prints more than 4 MiB. Tools die with stapkill and get no
/// input.
std::vector<Answer> ask_tools(const Node& node, const std::vector<Question>& questions, Deadline until);

}  // namespace stapkill
