#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "model/record.h"

namespace stapkill {

/// A death that a report describes, with those that it only counts with it (report/cascades.h).
struct Incident {
  const DeathRecord* death = nullptr;  ///< never null
  std::vector<Phrase> followers;       ///< "6 of its siblings ended within 10 ms, …": bytes of other processes
};

/// The records that a report of a whole session is made of, in order of their times. Bounded: what is too much is
/// counted; deaths are kept before signals.
class Digest {
 public:
  static constexpr std::size_t kMost = 20'000;    ///< deaths and signals together
  static constexpr std::size_t kMostOther = 500;  ///< of each other kind

  /// `harmless`: also signals that end nobody by default.
  explicit Digest(bool harmless = false) : harmless_(harmless) {}

  /// Takes the next record of one session. The same stream may have several sessions: the first names the host.
  void take(const Record& record);

  const std::optional<SessionRecord>& session() const { return session_; }
  const std::optional<ArmedRecord>& armed() const { return armed_; }
  const std::deque<DeathRecord>& deaths() const { return deaths_; }
  const std::deque<SignalRecord>& signals() const { return signals_; }
  const std::deque<LossRecord>& losses() const { return losses_; }
  const std::deque<DiagnosticRecord>& notes() const { return notes_; }
  const std::deque<ContainerRecord>& containers() const { return containers_; }
  const std::optional<SummaryRecord>& summary() const { return summary_; }

  /// What was left out: "1,200 signals", "3 deaths"; empty for nothing.
  std::vector<std::string> left_out() const;
  /// Signals of the session, but not those that end nobody by default and were not to be taken.
  std::uint64_t signal_count() const;
  /// Events that were lost, by the summary, else by the records of losses.
  std::uint64_t lost() const;

  /// The deaths to describe, those that somebody caused or that went wrong first. They live as long as the digest.
  std::vector<Incident> incidents() const;

  /// The record of a signal; null where it was left out.
  const SignalRecord* signal(std::uint64_t seq) const;

 private:
  void keep(const SignalRecord& record);
  void keep(const DeathRecord& record);
  template <typename T>
  void keep_other(std::deque<T>& kept, const T& record);

  bool harmless_;
  std::optional<SessionRecord> session_;
  std::optional<ArmedRecord> armed_;
  std::optional<SummaryRecord> summary_;
  std::deque<DeathRecord> deaths_;
  std::deque<SignalRecord> signals_;
  std::deque<LossRecord> losses_;
  std::deque<DiagnosticRecord> notes_;
  std::deque<ContainerRecord> containers_;
  std::uint64_t harmless_left_ = 0, signals_left_ = 0, deaths_left_ = 0, others_left_ = 0;
};

}  // namespace stapkill
