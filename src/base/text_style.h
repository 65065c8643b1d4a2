#pragma once

namespace stapkill {

/// How to write for a person.
struct TextStyle {
  bool color = false;
  bool utf8 = true;       ///< else plain ASCII
  int width = 0;          ///< columns of the terminal; 0: no terminal, lines are not folded
  bool verbose = false;   ///< everything known about each record, and what is usually noise
  bool harmless = false;  ///< also signals that end nobody by default (SIGCHLD, SIGURG, SIGWINCH, SIGCONT)
};

}  // namespace stapkill
