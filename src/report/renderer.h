#pragma once

#include <memory>
#include <string>

#include "base/text_style.h"
#include "model/record.h"

namespace stapkill {

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
