#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/phrase.h"
#include "model/process.h"

namespace stapkill {

/// The rules' questions to the machine. Both are rare: for a name that looks random, for a deleted program.
struct FileQuestions {
  std::function<bool(const std::string& path)> has_package;  ///< whether a package owns the file
  std::function<bool(const std::string& path)> is_replaced;  ///< whether a new file of the system is in its place
};

/// Answers without a machine: files in the system's own directories count as a package's, and deleted ones there as
/// replaced (base/system_paths.h).
FileQuestions answers_by_path();

/// A sign that a process is not what it seems, and its harmless causes. docs/suspicion.md has the same rows.
struct SuspicionRule {
  std::string_view flag;
  std::string_view reason;           ///< message of reason_of(), {0} is the process's comm, {1} its program
  std::string_view false_positives;  ///< harmless processes that raise it
  bool (*holds)(const Process& process, const FileQuestions& files);
};

/// All rules, in the order of flags in records.
std::span<const SuspicionRule> suspicion_rules();

/// The flags that a process raises; none for most. A process without a known exe can only have a random name. Cheap
/// enough for every exec: a few hundred comparisons, and no allocation without a flag.
std::vector<std::string> suspicions(const Process& process, const FileQuestions& files);

/// Why a process has that flag, to follow its name: "it runs from a directory for temporary files, /tmp/x". Contains
/// the process's bytes as they are. "" for an unknown flag.
Phrase reason_of(std::string_view flag, const Process& process);

}  // namespace stapkill
