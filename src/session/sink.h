#pragma once

#include <memory>
#include <string>

#include "report/renderer.h"
#include "sys/output.h"

namespace stapkill {

/// A renderer with the place that its text goes to.
struct Sink {
  std::unique_ptr<Renderer> renderer;
  std::unique_ptr<Output> output;
  bool machine = false;  ///< diagnostics belong into it too; a person reads them on stderr
};

}  // namespace stapkill
