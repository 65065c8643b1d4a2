// Session's last part: what leaves it and in which order, and how it ends.
#include <sys/wait.h>

#include <algorithm>
#include <chrono>

#include "event/signals.h"
#include "session/session.h"
#include "sys/child.h"

namespace stapkill {
namespace {

constexpr auto kFlushEvery = std::chrono::milliseconds(10);
constexpr std::size_t kMostPending = 16384;
constexpr Time kLatest = 300'000'000;  // so late no record comes: a death waits for half of that at the most
constexpr auto kEndTurn = std::chrono::milliseconds(25);
constexpr int kEndTurns = 12;  // so many turns at the most a session that is asked to end waits for who dies just then
constexpr Time kDiesWithin = 1'000'000'000;

}  // namespace

void Session::push(Pending pending) {
  pending_.push_back(std::move(pending));
  arm_timer();
}

/// Whether a record that waits has waited long enough; when the recorded session found so, where a recording tells
/// that: how late its events came is not in their times.
bool Session::is_due(const Pending& pending) {
  if (machine_->tells_flushes()) return told_due_ > 0 && told_due_-- > 0;
  bool explained = false;
  if (pending.ending) {
    auto watched = watched_.find(*pending.ending);
    const auto& record = std::get<DeathRecord>(pending.record);
    explained = watched == watched_.end() || !WIFSIGNALED(record.wait_status) ||
                watched->second.history.last(WTERMSIG(record.wait_status));
  }
  Time now = machine_->boot_now();
  return now >= pending.not_before && (explained || now >= pending.deadline);
}

void Session::flush_ready(bool all) {
  std::size_t due = 0;
  while (!pending_.empty()) {
    Pending& first = pending_.front();
    if (first.deadline && !all && pending_.size() < kMostPending) {
      if (!is_due(first)) break;
      ++due;
    }
    if (first.ending) judge_death(first);
    if (!first.hidden && !done_) emit(first.record);
    pending_.pop_front();
    if (options_.count && summary_.signals >= *options_.count) {
      pending_.clear();
      finish(0);
    }
    if ((options_.until_death && death_seen_) || command_ended_) finish(0);
  }
  if (due) machine_->flushed(due);
}

void Session::flush_outbox() {
  outbox_.flush();
  check_outbox();
}

void Session::arm_timer() {
  if (timer_armed_) return;
  timer_armed_ = true;
  flush_timer_.expires_after(kFlushEvery);
  flush_timer_.async_wait([this](boost::system::error_code error) {
    timer_armed_ = false;
    if (error || done_) return;
    flush_ready(false);
    bool held = outbox_.catch_up(machine_->wall_now() - kLatest);
    flush_outbox();
    if (held || !pending_.empty()) arm_timer();
  });
}

void Session::emit(const Record& record) {
  if (std::holds_alternative<SignalRecord>(record)) {
    if (options_.count && summary_.signals >= *options_.count) return;
    ++summary_.signals;
  }
  if (std::holds_alternative<DeathRecord>(record)) ++summary_.deaths;
  outbox_.write(record);
  arm_timer();
}

/// A reader that has gone ends the session; one that is slow pauses the source.
void Session::check_outbox() {
  if (outbox_.broken()) {
    if (!failure_) failure_ = outbox_.failure();
    finish(failure_ ? 1 : 0);  // whoever closes the pipe has seen enough
  }
  backend_->pause(outbox_.backed_up());
}

void Session::diagnose(DiagnosticRecord record) {
  if (record.time == 0) record.time = machine_->wall_now();
  if (options_.on_diagnostic) options_.on_diagnostic(record);
  push(Pending{.record = std::move(record)});
  flush_ready(false);
}

/// Whether a target was just sent what it dies of, and its end has not been told yet: ^C at a terminal goes to stapkill
/// and to its command alike.
bool Session::somebody_dies() const {
  Time now = machine_->boot_now();
  return std::any_of(watched_.begin(), watched_.end(), [&](const auto& one) {
    const auto& earlier = one.second.history.earlier();
    return std::any_of(earlier.begin(), earlier.end(), [&](const SignalRecord& record) {
      return record.result == SignalResult::delivered && ends_by_default(record.number) && !record.handled &&
             !record.blocked && now - record.boot < kDiesWithin;
    });
  });
}

void Session::end_asked(int turns) {
  if (finishing_ || (turns > 0 && !somebody_dies()) || turns == kEndTurns) return finish(0);
  end_timer_.expires_after(kEndTurn);
  end_timer_.async_wait([this, turns](boost::system::error_code error) {
    if (!error) end_asked(turns + 1);
  });
}

void Session::finish(int status) {
  if (finishing_) return;
  finishing_ = true;
  status_ = status;
  boost::system::error_code ignored;
  signals_.cancel(ignored);
  duration_timer_.cancel();
  gone_timer_.cancel();
  end_timer_.cancel();
  // From now on a second ^C is not an end in the middle: the module is being unloaded.
  signals_.async_wait([](boost::system::error_code, int) {});
  backend_->stop();
}

void Session::on_ended(Result<void> result) {
  if (!result && !failure_ && result.error().id != "interrupted") failure_ = result.error();
  finishing_ = true;
  flush_ready(true);
  Time now = machine_->wall_now();
  if (failure_) {
    emit(DiagnosticRecord{DiagnosticRecord::Level::error, now, failure_->id, failure_->message, failure_->remedy,
                          failure_->check});
  }
  summary_.time = now;
  if (asks_for_containers(targets_.options())) summary_.restarts = containers_.restarts();
  summary_.duration_s = static_cast<double>(machine_->boot_now() - started_) / 1e9;
  emit(summary_);
  bool all = outbox_.drain(2000);
  if (!failure_) failure_ = outbox_.failure();
  if (!failure_ && !all) {
    failure_ = Error{"output was truncated: the reader stopped reading", "name a file with --output", "output"};
  }
  done_ = true;
}

}  // namespace stapkill
