#include "report/digest.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/signals.h"
#include "report/cascades.h"
#include "report/words.h"
#include "verdict/origins.h"

namespace stapkill {
namespace {

/// An end that nobody asked for and that says success.
bool is_plain_end(const DeathRecord& record) {
  return record.wait_status == 0 && record.verdict.chain.empty() && record.verdict.cause == Cause::exit;
}

/// Processes that the user named by their pids are always shown.
void name_targets(const SessionRecord& session, Cascades& cascades) {
  for (const auto& [kind, values] : session.targets) {
    if (kind != "pid") continue;
    for (const auto& value : values) {
      int pid = 0;
      if (std::from_chars(value.data(), value.data() + value.size(), pid).ec == std::errc()) cascades.name(pid);
    }
  }
}

void attach(const std::vector<Cascades::Line>& lines, std::vector<Incident>& incidents) {
  for (const auto& line : lines) {
    auto at = std::find_if(incidents.rbegin(), incidents.rend(),
                           [&](const Incident& one) { return one.death->process == line.head; });
    if (at != incidents.rend()) at->followers.push_back(line.text);
  }
}

/// The first or the last record of a host; null where there is none.
template <typename Records>
auto found_of(const Records& records, const HostPtr& host) {
  auto at = std::find_if(records.begin(), records.end(), [&](const auto& one) { return one.origin.host == host; });
  return at == records.end() ? nullptr : &*at;
}

}  // namespace

void Digest::know(const HostPtr& host) {
  if (std::find(hosts_.rbegin(), hosts_.rend(), host) == hosts_.rend()) hosts_.push_back(host);
}

void Digest::reach(const Record& record) {
  auto time = std::visit([](const auto& one) { return one.time; }, record);
  if (time == 0) return;  // not known
  first_ = first_ == 0 ? time : std::min(first_, time);
  last_ = std::max(last_, time);
}

/// The counts of a session without a summary; too many of them share one.
Digest::Counts& Digest::open(std::size_t session) {
  auto at = open_.find(session);
  if (at == open_.end() && open_.size() >= kMostOther) at = open_.begin();
  return at == open_.end() ? open_[session] : at->second;
}

Digest::Counts Digest::counts() const {
  Counts all = closed_;
  for (const auto& [session, one] : open_) {
    all.signals += one.signals;
    all.deaths += one.deaths;
    all.lost += one.lost;
  }
  return all;
}

void Digest::forget_signal() {
  const auto& first = signals_.front();
  auto at = by_number_.find({first.origin.session, first.seq});
  if (at != by_number_.end() && at->second == &first) by_number_.erase(at);
  ++signals_left_;
  signals_.pop_front();
}

void Digest::keep(const SignalRecord& record, const RecordOrigin& origin) {
  ++open(origin.session).signals;
  if (harmless_by_default(record.number) && !harmless_) {
    ++harmless_left_;
    return;
  }
  if (deaths_.size() + signals_.size() >= kMost) {
    if (signals_.empty()) {
      ++signals_left_;
      return;
    }
    forget_signal();
  }
  auto& kept = signals_.emplace_back(Kept<SignalRecord>{record, origin});
  kept.frames.clear();  // the verdict's evidence names the calls that matter
  by_number_[{origin.session, kept.seq}] = &kept;
}

void Digest::keep(const DeathRecord& record, const RecordOrigin& origin) {
  ++open(origin.session).deaths;
  if (deaths_.size() + signals_.size() >= kMost) {
    if (signals_.empty()) {
      ++deaths_left_;
      return;
    }
    forget_signal();
  }
  deaths_.push_back({record, origin});
}

template <typename T>
void Digest::keep_other(std::deque<Kept<T>>& kept, const T& record, const RecordOrigin& origin) {
  if (kept.size() < kMostOther) {
    kept.push_back({record, origin});
  } else {
    ++others_left_;
  }
}

void Digest::take(const Record& record, const RecordOrigin& origin) {
  know(origin.host);
  reach(record);
  if (const auto* session = std::get_if<SessionRecord>(&record)) {
    keep_other(sessions_, *session, origin);
  } else if (const auto* probes = std::get_if<ArmedRecord>(&record)) {
    if (armed(origin.host)) return;
    keep_other(armed_, *probes, origin);
    armed_.back().watching.clear();
  } else if (const auto* signal = std::get_if<SignalRecord>(&record)) {
    keep(*signal, origin);
  } else if (const auto* death = std::get_if<DeathRecord>(&record)) {
    keep(*death, origin);
  } else if (const auto* loss = std::get_if<LossRecord>(&record)) {
    open(origin.session).lost += loss->count;
    keep_other(losses_, *loss, origin);
  } else if (const auto* note = std::get_if<DiagnosticRecord>(&record)) {
    keep_other(notes_, *note, origin);
  } else if (const auto* container = std::get_if<ContainerRecord>(&record)) {
    keep_other(containers_, *container, origin);
  } else if (const auto* summary = std::get_if<SummaryRecord>(&record)) {
    close(*summary, origin);
  }
}

/// A summary counts what its session's records may not show.
void Digest::close(const SummaryRecord& summary, const RecordOrigin& origin) {
  keep_other(summaries_, summary, origin);
  open_.erase(origin.session);
  closed_.signals += summary.signals;
  closed_.deaths += summary.deaths;
  closed_.lost += summary.lost;
}

const SessionRecord* Digest::session(const HostPtr& host) const {
  return found_of(sessions_, host);
}

const ArmedRecord* Digest::armed(const HostPtr& host) const {
  return found_of(armed_, host);
}

const SummaryRecord* Digest::summary(const HostPtr& host) const {
  auto at =
      std::find_if(summaries_.rbegin(), summaries_.rend(), [&](const auto& one) { return one.origin.host == host; });
  return at == summaries_.rend() ? nullptr : &*at;
}

std::vector<std::string> Digest::left_out() const {
  std::vector<std::string> parts;
  if (deaths_left_) parts.push_back(words::deaths(deaths_left_));
  if (signals_left_) parts.push_back(words::signals(signals_left_));
  if (others_left_) parts.push_back(words::count(others_left_, msgid("{} other record"), msgid("{} other records")));
  return parts;
}

std::uint64_t Digest::signal_count() const {
  auto signals = counts().signals;
  return signals - std::min(signals, harmless_left_);
}

std::optional<double> Digest::duration_s() const {
  if (summaries_.empty()) return std::nullopt;
  if (summaries_.size() == 1 && sessions_.size() < 2) return summaries_.front().duration_s;
  return static_cast<double>(last_ - first_) / 1e9;
}

std::vector<Incident> Digest::incidents() const {
  std::vector<Incident> incidents;
  std::map<HostPtr, Cascades> all;  // what belongs together is of one host
  for (const auto& session : sessions_) name_targets(session, all[session.origin.host]);
  auto attach_over = [&](Time now) {
    for (auto& [host, cascades] : all) attach(cascades.over(now), incidents);
  };
  for (const auto& death : deaths_) {
    attach_over(death.time);
    if (death.verdict.cause == Cause::exit && is_runtimes_step(*death.process)) continue;
    if (!all[death.origin.host].counts(death)) incidents.push_back({&death, {}});
  }
  attach_over(std::numeric_limits<Time>::max());
  std::stable_partition(incidents.begin(), incidents.end(),
                        [](const Incident& one) { return !is_plain_end(*one.death); });
  return incidents;
}

const SignalRecord* Digest::signal(const Kept<DeathRecord>& death, std::uint64_t seq) const {
  auto at = by_number_.find({death.origin.session, seq});
  return at == by_number_.end() ? nullptr : at->second;
}

}  // namespace stapkill
