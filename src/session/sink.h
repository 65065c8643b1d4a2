#pragma once

#include <memory>
#include <string>

#include "report/renderer.h"
#include "sys/output.h"

namespace stapkill {

/// A renderer and the output for its text.
struct Sink {
  std::unique_ptr<Renderer> renderer;
  std::unique_ptr<Output> output;
  bool machine = false;  ///< gets diagnostics too; people read them on stderr
};

}  // namespace stapkill
