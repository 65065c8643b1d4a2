#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/record.h"

namespace stapkill {

/// What systemd wrote to its journal about units whose processes it ended: which units to ask about, and the answers.
/// Its memory is bounded.
class ManagerWords {
 public:
  static constexpr std::size_t kMostUnits = 64;

  /// A death waits for an answer for at most `limit` ns.
  explicit ManagerWords(Time limit) : limit_(limit) {}

  /// The unit to ask about because of that signal, at that boot time; "" for none. A unit is asked about again when a
  /// second has passed.
  std::string unit_to_ask(const SignalRecord& signal, Time boot);

  /// An answer, a line each; empty where nothing is known.
  void said(const std::string& unit, std::vector<std::string> lines);

  /// Whether the end of that process has to wait for an answer.
  bool awaited(const Process& process, Time boot) const;

  /// All that was said about the process's unit, the oldest line first; null: nothing.
  const std::vector<std::string>* about(const Process& process) const;

 private:
  struct Unit {
    Time asked = 0;  ///< boot time
    bool answered = false;
    std::vector<std::string> lines;
  };
  const Unit* unit(const Process& process) const;

  Time limit_;
  std::map<std::string, Unit> units_;
};

}  // namespace stapkill
