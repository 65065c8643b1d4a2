#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/bash_layout.h"
#include "model/process.h"
#include "model/script_text.h"
#include "sys/fd.h"

namespace stapkill {

/// The layout of a bash whose program is open; none where it does not export its variables (bash does where it can load
/// builtins: configure.ac of 5.2, -rdynamic).
std::optional<BashLayout> bash_layout(int program);

/// The layout of the bash that a process runs.
std::optional<BashLayout> bash_layout_of(int pid, const std::string& proc = "/proc");

/// Those of the host's own bashes.
std::vector<BashLayout> installed_bashes(const std::string& root = "");

/// Reads lines of the scripts that bashes run. Remembers the last scripts, and reads one again when it has changed.
class ScriptFiles {
 public:
  explicit ScriptFiles(std::string proc = "/proc") : proc_(std::move(proc)) {}

  /// Line `number`, from 1, of the script that exactly that bash has open (at descriptor 255: shell.c of 5.2,
  /// open_shell_script). When it is ending, of the file at `path`, its script by its arguments, if it was a root's
  /// process of no container and the file has not changed since before it started: arguments can name any file, but
  /// root can read any. None where the file is longer than 1 MiB, has no such line, or lies on a file system where
  /// reading can wait.
  std::optional<ScriptText> text(const Process& shell, const std::string& path, int number);

 private:
  struct Script {
    std::string stamp;  ///< of the file as it was read
    std::vector<std::string> lines;
    bool sources = false;
  };
  Fd open(const Process& shell, const std::string& path) const;

  std::string proc_;
  std::map<ProcessKey, Script> scripts_;
};

}  // namespace stapkill
