#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/record.h"

namespace stapkill {

/// Groups deaths that belong together for a reader: the first is shown, those that follow at once for the same reason
/// are counted. Only the records and their times decide, so a stream that is read again is grouped as it was live.
class Cascades {
 public:
  static constexpr Time kNear = 10'000'000;      ///< from one death to the next
  static constexpr Time kDisorder = 10'000'000;  ///< how late a record can be

  /// The line about deaths that were counted.
  struct Line {
    ProcessPtr head;  ///< whose death was shown
    Phrase text;      ///< "6 of its siblings ended within 10 ms, killed by …": bytes of other processes are in it
  };

  /// A process that the user named by its pid: its death is always shown.
  void name(int pid) { named_.insert(pid); }

  /// Whether the death is only counted, not shown. Never for a fault, an exit of its own, an unknown cause, or the
  /// parent of the process that was shown.
  bool counts(const DeathRecord& record);

  /// Lines of cascades that no death can join any more at `now`; forgets these.
  std::vector<Line> over(Time now);

  /// Whether over() will return lines later.
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
    Phrase how;  ///< "killed by SIGKILL from kill(12)"
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
  enum class Relation { none, children, siblings };
  static Phrase group_text(Relation relation, std::size_t count, bool cgroup);
  static Relation relation(const Cascade& cascade, const std::vector<const Member*>& members);
  static void add_lines(const Cascade& cascade, std::vector<Line>& lines);

  std::vector<Cascade> open_;
  std::vector<Line> full_;  ///< of cascades that had to make room
  std::set<int> named_;
};

}  // namespace stapkill
