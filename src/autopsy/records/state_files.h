#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "autopsy/finding.h"
#include "autopsy/records/container_state.h"
#include "autopsy/scope.h"

namespace stapkill {

/// Reads the state files of one runtime, with one note of what came of it. At most 1 MiB of a file, 10,000 files and
/// 2,000 containers.
class StateFiles {
 public:
  StateFiles(const Scope& scope, std::string source, Reading& reading)
      : scope_(scope), source_(std::move(source)), reading_(reading) {}

  const Scope& scope() const { return scope_; }
  const std::string& source() const { return source_; }

  /// The names in a directory; none where it is missing or closed.
  /// `own`: that it is there says that the runtime is.
  std::vector<std::string> list(const std::string& path, bool own = true);
  /// A file's bytes; none where it is missing, closed or too large.
  std::optional<std::string> text(const std::string& path);
  /// A file's JSON; none also where it is damaged.
  std::optional<nlohmann::json> json(const std::string& path);
  /// When a file was written; 0 where it is missing.
  Time written(const std::string& path) const;
  /// Adds what a state says, as far as it is in scope.
  void take(const ContainerState& state);
  /// Adds the findings that are in scope.
  void take(std::vector<Finding> findings);
  /// Whether the limits are reached; nothing more is to be read then.
  bool full();
  /// Counts a file that was read in another way.
  void seen();
  /// Counts a file that is not of its form.
  void damaged(const std::string& path);
  /// Adds the note about all that was read. `path`: where it was looked for.
  void finish(const std::string& path);

 private:
  void failed(const std::string& path, int error);

  const Scope& scope_;
  std::string source_;
  Reading& reading_;
  std::size_t files_ = 0, states_ = 0, damaged_ = 0;
  bool cut_ = false, present_ = false;
  std::string closed_, first_damaged_, first_error_;
};

}  // namespace stapkill
