#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/process.h"

namespace stapkill {

/// What the rules ask of the machine. Both are asked seldom: of a name that looks random, of a program that is deleted.
struct FileQuestions {
  std::function<bool(const std::string& path)> has_package;  ///< whether a package owns the file
  std::function<bool(const std::string& path)> is_replaced;  ///< whether a new file of the system is where one was
};

/// For where no machine can be asked: what lies in the system's own directories is taken for a package's, and what was
/// deleted there for replaced (base/system_paths.h).
FileQuestions answers_by_path();

/// A sign that a process is not what it seems, and what else it can mean. docs/suspicion.md has the same rows.
struct SuspicionRule {
  std::string_view flag;
  std::string_view reason;           ///< as reason_of() has it, with {comm} and {exe} for what the process has there
  std::string_view false_positives;  ///< who raises it without harm
  bool (*holds)(const Process& process, const FileQuestions& files);
};

/// All rules, in the order in which flags are told.
std::span<const SuspicionRule> suspicion_rules();

/// The flags that a process raises; none for most. A process whose exe is not known can only have a random name. Cheap
/// enough for every exec: some hundred comparisons, and nothing is allocated for a process that raises none.
std::vector<std::string> suspicions(const Process& process, const FileQuestions& files);

/// Why a process has that flag, to follow its name: "it runs from a directory for temporary files, /tmp/x". Bytes of
/// the process are in it as they are. "" for a flag that no rule has.
std::string reason_of(std::string_view flag, const Process& process);

}  // namespace stapkill
