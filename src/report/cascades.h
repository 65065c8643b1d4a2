#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/record.h"

namespace stapkill {

/// Deaths that belong together, as a person wants to read them: the first is shown as it is, those that follow it at
/// once for the same reason are counted. The records and their times alone decide what belongs together, so a
/// stream that is read again is grouped as it was live.
class Cascades {
 public:
  static constexpr Time kNear = 10'000'000;      ///< from one death to the next
  static constexpr Time kDisorder = 10'000'000;  ///< by so much a record can be late

  /// What is said of those that were counted.
  struct Line {
    ProcessPtr head;   ///< whose death was shown
    std::string text;  ///< "6 of its siblings ended within 10 ms, killed by …": bytes of other processes are in it
  };

  /// A process that the user named by its pid: its death is always shown.
  void name(int pid) { named_.insert(pid); }

  /// Whether the death is one that is only counted. A fault, an end of its own or one without a known cause never is,
  /// nor is the parent of the one that was shown.
  bool counts(const DeathRecord& record);

  /// Those cascades that no death before `now` can belong to any more; they are forgotten.
  std::vector<Line> over(Time now);

  /// Whether over() has something to say later.
  bool waits() const;

 private:
  using Key = std::pair<int, std::uint64_t>;
  struct Sender {
    Key key;
    int number = 0;
    bool operator==(const Sender&) const = default;
  };
  struct Member {
    ProcessPtr process, parent;
    Time time = 0;
    Cause cause = Cause::unknown;
    std::string how;  ///< "killed by SIGKILL from kill(12)"
  };
  struct Cascade {
    Member head;
    std::vector<Member> counted;
    std::set<Key> dead, parents;
    std::vector<Sender> senders;
    Time last = 0;
  };

  static Key key(const Process& process) { return {process.pid, process.start}; }
  static std::vector<Sender> senders_of(const DeathRecord& record);
  static bool belongs(const DeathRecord& record, const Cascade& cascade);
  static void take(const DeathRecord& record, Cascade& cascade);
  static Member member_of(const DeathRecord& record);
  static std::string relation(const Cascade& cascade, const std::vector<const Member*>& members);
  static void tell(const Cascade& cascade, std::vector<Line>& lines);

  std::vector<Cascade> open_;
  std::vector<Line> full_;  ///< of those that had to make room
  std::set<int> named_;
};

}  // namespace stapkill
