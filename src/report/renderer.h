#pragma once

#include <memory>
#include <string>

#include "event/record.h"

namespace stapkill {

/// How a renderer may write for a person.
struct TextStyle {
  bool color = false;
  bool utf8 = true;       ///< else plain ASCII
  int width = 0;          ///< columns of the terminal; 0: no terminal, lines are not folded
  bool verbose = false;   ///< everything that is known of each record, and what is usually noise
  bool harmless = false;  ///< also signals that end nobody by default (SIGCHLD, SIGURG, SIGWINCH, SIGCONT)
};

/// Turns records into one format.
class Renderer {
 public:
  virtual ~Renderer() = default;
  /// Appends what a record looks like; may be nothing.
  virtual void render(const Record& record, std::string& out) = 0;
  /// Appends what was held back so far and can be said at that moment; whether something still is held back. It is said
  /// at the latest with the next record.
  virtual bool catch_up(Time /*now*/, std::string& /*out*/) { return false; }
};

/// One JSON object a line (stapkill-stream(5)).
std::unique_ptr<Renderer> make_jsonl_renderer();

/// For a person on a terminal. Bytes from other processes never reach it raw.
std::unique_ptr<Renderer> make_text_renderer(TextStyle style);

}  // namespace stapkill
