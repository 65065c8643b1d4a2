#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/record.h"

namespace stapkill {

/// Where a record is from.
struct RecordOrigin {
  HostPtr host;             ///< null: of the one host that there is
  std::size_t session = 0;  ///< numbers of signals are those of one session
};

/// A record with where it is from.
template <typename T>
struct Kept : T {
  RecordOrigin origin;
};

/// A death that a report describes, with those that it only counts with it (report/cascades.h).
struct Incident {
  const Kept<DeathRecord>* death = nullptr;  ///< never null
  std::vector<Phrase> followers;             ///< "6 of its siblings ended within 10 ms, …": bytes of other processes
};

/// The records that a report of a whole session is made of, in order of their times; or of sessions of several hosts.
/// Bounded: what is too much is counted; deaths are kept before signals.
class Digest {
 public:
  static constexpr std::size_t kMost = 20'000;    ///< deaths and signals together
  static constexpr std::size_t kMostOther = 500;  ///< of each other kind

  /// `harmless`: also signals that end nobody by default.
  explicit Digest(bool harmless = false) : harmless_(harmless) {}
  Digest(Digest&&) = default;  // a copy would point to the records of the other one
  Digest& operator=(Digest&&) = default;

  /// Takes the next record. The same host may have several sessions.
  void take(const Record& record, const RecordOrigin& origin = {});

  const std::deque<Kept<DeathRecord>>& deaths() const { return deaths_; }
  const std::deque<Kept<SignalRecord>>& signals() const { return signals_; }
  const std::deque<Kept<LossRecord>>& losses() const { return losses_; }
  const std::deque<Kept<DiagnosticRecord>>& notes() const { return notes_; }
  const std::deque<Kept<ContainerRecord>>& containers() const { return containers_; }
  const std::deque<Kept<SessionRecord>>& sessions() const { return sessions_; }
  const std::deque<Kept<SummaryRecord>>& summaries() const { return summaries_; }

  /// The hosts that records are from, in the order in which they came; one that is null where there is only one.
  const std::vector<HostPtr>& hosts() const { return hosts_; }
  /// Whether names of processes need those of their hosts.
  bool has_hosts() const { return hosts_.size() > 1; }
  /// A host's first session, what its first probes were, and its last summary; null where there is none.
  const SessionRecord* session(const HostPtr& host) const;
  const ArmedRecord* armed(const HostPtr& host) const;
  const SummaryRecord* summary(const HostPtr& host) const;

  /// What was left out: "1,200 signals", "3 deaths"; empty for nothing.
  std::vector<std::string> left_out() const;
  /// Signals of all sessions, but not those that end nobody by default and were not to be taken.
  std::uint64_t signal_count() const;
  /// By the summaries; of a session without one, those that were taken.
  std::uint64_t death_count() const { return counts().deaths; }
  /// Events that were lost, by the summaries, else by the records of losses.
  std::uint64_t lost() const { return counts().lost; }
  /// How long the session took; of several, from the first record to the last. None where that is not known.
  std::optional<double> duration_s() const;

  /// The deaths to describe, those that somebody caused or that went wrong first. They live as long as the digest.
  std::vector<Incident> incidents() const;

  /// The record of a signal that a death names; null where it was left out.
  const SignalRecord* signal(const Kept<DeathRecord>& death, std::uint64_t seq) const;

 private:
  struct Counts {
    std::uint64_t signals = 0, deaths = 0, lost = 0;
  };
  using SignalKey = std::pair<std::size_t, std::uint64_t>;  // session and its number

  void keep(const SignalRecord& record, const RecordOrigin& origin);
  void keep(const DeathRecord& record, const RecordOrigin& origin);
  template <typename T>
  void keep_other(std::deque<Kept<T>>& kept, const T& record, const RecordOrigin& origin);
  void forget_signal();
  void close(const SummaryRecord& summary, const RecordOrigin& origin);
  void know(const HostPtr& host);
  void reach(const Record& record);
  Counts& open(std::size_t session);
  Counts counts() const;

  bool harmless_;
  std::vector<HostPtr> hosts_;
  std::deque<Kept<SessionRecord>> sessions_;
  std::deque<Kept<ArmedRecord>> armed_;
  std::deque<Kept<SummaryRecord>> summaries_;
  std::deque<Kept<DeathRecord>> deaths_;
  std::deque<Kept<SignalRecord>> signals_;
  std::map<SignalKey, const SignalRecord*> by_number_;
  std::deque<Kept<LossRecord>> losses_;
  std::deque<Kept<DiagnosticRecord>> notes_;
  std::deque<Kept<ContainerRecord>> containers_;
  std::map<std::size_t, Counts> open_;  ///< of sessions without a summary
  Counts closed_;                       ///< of summaries
  std::uint64_t harmless_left_ = 0, signals_left_ = 0, deaths_left_ = 0, others_left_ = 0;
  Time first_ = 0, last_ = 0;
};

}  // namespace stapkill
