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

}  // namespace

void Digest::keep(const SignalRecord& record) {
  if (harmless_by_default(record.number) && !harmless_) {
    ++harmless_left_;
    return;
  }
  if (deaths_.size() + signals_.size() >= kMost) {
    ++signals_left_;
    if (signals_.empty()) return;
    signals_.pop_front();
  }
  signals_.push_back(record);
  signals_.back().frames.clear();  // the verdict's evidence names the calls that matter
}

void Digest::keep(const DeathRecord& record) {
  if (deaths_.size() + signals_.size() >= kMost) {
    if (signals_.empty()) {
      ++deaths_left_;
      return;
    }
    ++signals_left_;
    signals_.pop_front();
  }
  deaths_.push_back(record);
}

template <typename T>
void Digest::keep_other(std::deque<T>& kept, const T& record) {
  if (kept.size() < kMostOther) {
    kept.push_back(record);
  } else {
    ++others_left_;
  }
}

void Digest::take(const Record& record) {
  if (const auto* session = std::get_if<SessionRecord>(&record)) {
    if (!session_) session_ = *session;
  } else if (const auto* armed = std::get_if<ArmedRecord>(&record)) {
    if (armed_) return;
    armed_ = *armed;
    armed_->watching.clear();
  } else if (const auto* signal = std::get_if<SignalRecord>(&record)) {
    keep(*signal);
  } else if (const auto* death = std::get_if<DeathRecord>(&record)) {
    keep(*death);
  } else if (const auto* loss = std::get_if<LossRecord>(&record)) {
    keep_other(losses_, *loss);
  } else if (const auto* note = std::get_if<DiagnosticRecord>(&record)) {
    keep_other(notes_, *note);
  } else if (const auto* container = std::get_if<ContainerRecord>(&record)) {
    keep_other(containers_, *container);
  } else if (const auto* summary = std::get_if<SummaryRecord>(&record)) {
    summary_ = *summary;
  }
}

std::vector<std::string> Digest::left_out() const {
  std::vector<std::string> parts;
  if (deaths_left_) parts.push_back(words::deaths(deaths_left_));
  if (signals_left_) parts.push_back(words::signals(signals_left_));
  if (others_left_) parts.push_back(words::count(others_left_, msgid("{} other record"), msgid("{} other records")));
  return parts;
}

std::uint64_t Digest::signal_count() const {
  if (!summary_) return signals_.size() + signals_left_;
  return summary_->signals - std::min(summary_->signals, harmless_left_);
}

std::uint64_t Digest::lost() const {
  if (summary_) return summary_->lost;
  std::uint64_t lost = 0;
  for (const auto& loss : losses_) lost += loss.count;
  return lost;
}

std::vector<Incident> Digest::incidents() const {
  std::vector<Incident> incidents;
  Cascades cascades;
  if (session_) name_targets(*session_, cascades);
  for (const auto& death : deaths_) {
    attach(cascades.over(death.time), incidents);
    if (death.verdict.cause == Cause::exit && is_runtimes_step(*death.process)) continue;
    if (!cascades.counts(death)) incidents.push_back({&death, {}});
  }
  attach(cascades.over(std::numeric_limits<Time>::max()), incidents);
  std::stable_partition(incidents.begin(), incidents.end(),
                        [](const Incident& one) { return !is_plain_end(*one.death); });
  return incidents;
}

const SignalRecord* Digest::signal(std::uint64_t seq) const {
  auto at = std::lower_bound(signals_.begin(), signals_.end(), seq,
                             [](const SignalRecord& one, std::uint64_t number) { return one.seq < number; });
  return at != signals_.end() && at->seq == seq ? &*at : nullptr;
}

}  // namespace stapkill
