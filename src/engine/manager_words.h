#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/output.h"
#include "model/record.h"

namespace stapkill {

/// What managers write to the journal about processes that they end: systemd about its units, the kubelet about the
/// containers of its pods. Which questions to ask, and the answers. Its memory is bounded.
class ManagerWords {
 public:
  static constexpr std::size_t kMostSubjects = 64;

  /// A death waits for an answer for at most `limit` ns.
  explicit ManagerWords(Time limit) : limit_(limit) {}

  /// What to ask because of that signal, at that boot time; the pod's name is left to the caller. A subject is asked
  /// about again when a second has passed.
  std::optional<AskManager> question(const SignalRecord& signal, Time boot);

  /// An answer, a line each; empty where nothing is known.
  void said(const std::string& subject, std::vector<std::string> lines);

  /// Whether the end of that process has to wait for an answer.
  bool awaited(const Process& process, Time boot) const;

  /// All that was said about a subject, the oldest line first; null: nothing.
  const std::vector<std::string>* about(const std::optional<std::string>& subject) const;

 private:
  struct Subject {
    Time asked = 0;  ///< boot time
    bool answered = false;
    std::vector<std::string> lines;
  };

  Time limit_;
  std::map<std::string, Subject> subjects_;
};

/// The subject of systemd's lines about a process: its outermost unit. None where its name can be no unit's.
std::optional<std::string> systemds_subject(const Process& process);

/// The subject of the kubelet's lines: its container in a pod.
std::optional<std::string> kubelets_subject(const Process& process);

}  // namespace stapkill
