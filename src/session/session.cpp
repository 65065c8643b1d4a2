#include "session/session.h"

#include <unistd.h>

#include <chrono>
#include <utility>

#include "host/bash.h"
#include "host/procfs.h"
#include "sys/child.h"
#include "sys/clock.h"

namespace stapkill {
namespace {

constexpr Time kFlushEvery = 10'000'000, kFlushHistoryEvery = 100'000'000;
constexpr int kStacksAtOnce = 20;
constexpr Time kStackEvery = 100'000'000;  // of a history, ns
constexpr auto kGoneLook = std::chrono::seconds(2);
constexpr Time kTickEvery = 1'000'000;  // at most this often
constexpr Time kLatest = 300'000'000;   // no record is later: a death waits for at most half of it
constexpr int kPatience = 2000;         // ms that a reader may read nothing at the end

Tick now() {
  auto boot = boot_now();
  return {boot, wall_of_boot(boot) - boot};
}

}  // namespace

Session::Session(boost::asio::io_context& loop, std::unique_ptr<Backend> backend, Targets targets,
                 SessionOptions options, std::vector<std::unique_ptr<Sink>> sinks, std::unique_ptr<Machine> machine)
    : loop_(loop),
      signals_(loop),
      flush_timer_(loop),
      duration_timer_(loop),
      gone_timer_(loop),
      backend_(std::move(backend)),
      machine_(std::move(machine)),
      options_(std::move(options)),
      outbox_(std::move(sinks)),
      engine_(std::move(targets), options_, *machine_, options_.begun.value_or(now())),
      journal_(loop, options_.ask_limit,
               [this](const std::string& subject, std::vector<std::string> lines) {
                 take(ManagerSaid{subject, std::move(lines)});
               }),
      frames_(
          loop, options_.ask_limit,
          [this](std::uint64_t id, std::vector<Frame> frames) {
            take(FramesFound{id, std::move(frames)});
          },
          options_.debug_servers) {
  if (options_.history) frames_.limit(TokenBucket(kStacksAtOnce, kStackEvery));
}

Session::~Session() {
  if (options_.recording) options_.recording->output().on_change({});
  if (command_) command_->release();
}

Result<int> Session::run() {
  TRY(start());
  while (!done_ && loop_.run_one()) continue;
  if (!done_)
    end(fail(phrase("the watch ended too early: its loop had nothing left to wait for"),
             phrase("report this as a bug")));
  if (failure_) return tl::unexpected(*failure_);
  return status_;
}

Result<void> Session::start() {
  TRY_ASSIGN(auto watching, engine_.begin());
  if (backend_->is_live()) watching.shells = installed_bashes();
  watching.stacks = options_.stacks;
  watching.deaths_only = options_.history;
  outbox_.on_change([this] { look_at_readers(); });
  if (options_.recording) options_.recording->output().on_change([this] { look_at_readers(); });
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (!error) take(StopAsked{});
  });
  Backend::Callbacks callbacks;
  callbacks.take = [this](const Input& input) { take(input); };
  callbacks.watched = [this] {
    std::vector<ProcessKey> processes;
    for (const auto& [key, watched] : engine_.roster().all()) processes.push_back(key);
    return processes;
  };
  if (auto begun = backend_->start(watching, std::move(callbacks)); !begun) return begun;
  take(Begun{backend_->name(), backend_->probes()});
  flush();
  return {};
}

void Session::take(const Input& input) {
  if (const auto* ended = std::get_if<Ended>(&input)) return end(ended->result);
  if (std::holds_alternative<Rearmed>(input) && backend_->is_live()) {
    for (const auto& key : gone()) feed(Gone{key, std::string(msgid("while the probes were started again"))});
  }
  feed(input);
  if (!std::holds_alternative<Armed>(input)) return;
  start_duration();
  if (options_.on_armed) options_.on_armed();
}

/// An input is recorded before the engine's questions that it causes.
void Session::feed(const Input& input) {
  bool is_event = std::holds_alternative<const KernelEvent*>(input);
  if (backend_->is_live() && (!is_event || boot_now() - ticked_ >= kTickEvery)) tick();
  if (options_.recording) {
    options_.recording->write(input);
    if (options_.recording->output().backed_up()) backend_->pause(true);
  }
  act(engine_.take(input));
  if (engine_.needs_ticks()) flush_within(pace());
}

void Session::tick() {
  auto tick = now();
  ticked_ = tick.boot;
  if (options_.recording) options_.recording->write(tick);
  act(engine_.take(tick));
}

void Session::act(const std::vector<EngineOutput>& outputs) {
  for (const auto& output : outputs) std::visit([this](const auto& one) { act(one); }, output);
}

void Session::act(const Record& record) {
  outbox_.write(record);
  flush_within(pace());
}

void Session::act(const Notice& notice) {
  if (options_.on_diagnostic) options_.on_diagnostic(notice.record);
  flush_within(pace());  // a status line comes back below it
}

void Session::act(const WatchToo& wish) {
  backend_->watch(wish.process);
}

void Session::act(const LookAtBash& wish) {
  auto layout = backend_->is_live() ? bash_layout_of(wish.pid) : std::nullopt;
  if (layout) backend_->know(*layout);
}

void Session::act(const AskManager& wish) {
  if (backend_->is_live() && !finishing_) journal_.ask(wish);
}

void Session::act(const AskFrames& wish) {
  if (backend_->is_live() && !finishing_) frames_.ask(wish.id, {wish.stack, wish.relatives});
}

void Session::act(const StartCommand& /*wish*/) {
  if (backend_->is_live()) start_command();
}

/// Write `armed` before the long look.
void Session::act(const WantLookAround& /*wish*/) {
  flush();
  act(engine_.take(LookAround{}));
}

void Session::act(const WantLookForGone& /*wish*/) {
  if (backend_->is_live()) look_for_gone_soon();
}

void Session::act(const Finish& wish) {
  finish(wish.status);
}

void Session::start_duration() {
  if (!options_.duration) return;
  duration_timer_.expires_after(std::chrono::nanoseconds(static_cast<std::int64_t>(*options_.duration * 1e9)));
  duration_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) take(TimeIsUp{});
  });
}

std::set<ProcessKey> Session::gone() const {
  std::set<ProcessKey> found;
  for (const auto& [key, watched] : engine_.roster().all()) {
    if (!process_lives(key.pid, key.start)) found.insert(key);
  }
  return found;
}

/// The end of a target may be among the lost events. Look twice with time in between: its record may still arrive.
void Session::look_for_gone_soon() {
  if (gone_timer_runs_ || finishing_) return;
  gone_timer_runs_ = true;
  gone_timer_.expires_after(kGoneLook);
  gone_timer_.async_wait([this](boost::system::error_code error) {
    gone_timer_runs_ = false;
    if (!error && !finishing_) look_for_gone();
  });
}

void Session::look_for_gone() {
  auto now_gone = gone();
  if (!outbox_.backed_up()) {  // a paused source can have sent nothing
    for (const auto& key : now_gone) {
      if (gone_.count(key)) take(Gone{key, std::string(msgid("and the record of it was lost"))});
    }
  }
  std::erase_if(now_gone, [this](const ProcessKey& key) { return !engine_.roster().has(key); });
  gone_ = std::move(now_gone);
  if (!gone_.empty()) look_for_gone_soon();
}

void Session::start_command() {
  ChildOptions options;
  options.argv = engine_.roster().options().command;
  options.own_group = false;
  options.capture = false;
  options.before_exec = [watch = backend_->watch_self_in_child(), beside = options_.records_on_stdout] {
    if (beside) ::dup2(STDERR_FILENO, STDOUT_FILENO);  // standard output holds only records
    watch();
  };
  options.started = [this](int pid) { take(CommandStarted{pid, true}); };
  auto child = Child::start(loop_, options, {}, {}, {});
  if (!child) {
    failure_ = child.error();
    return finish(1);
  }
  command_ = std::move(*child);
}

Time Session::pace() const {
  return options_.history ? kFlushHistoryEvery : kFlushEvery;
}

/// Flushes after that time, or sooner if that was planned before.
void Session::flush_within(Time after) {
  auto due = std::chrono::steady_clock::now() + std::chrono::nanoseconds(after);
  if (done_ || (flush_due_ && *flush_due_ <= due)) return;
  flush_due_ = due;
  flush_timer_.expires_at(due);  // cancels a later one
  flush_timer_.async_wait([this](boost::system::error_code error) {
    if (error || done_) return;
    flush_due_.reset();
    if (backend_->is_live() && (engine_.needs_ticks() || options_.history)) tick();
    auto again = outbox_.catch_up(engine_.wall_now() - kLatest);
    flush();
    if (engine_.needs_ticks()) again = pace();
    if (again) flush_within(again);
  });
}

void Session::flush() {
  outbox_.flush();
  look_at_readers();
}

bool Session::is_backed_up() const {
  return outbox_.backed_up() || (options_.recording && options_.recording->output().backed_up());
}

/// A reader that has gone ends the session; a slow one pauses the source.
void Session::look_at_readers() {
  if (outbox_.broken()) {
    if (!failure_) failure_ = outbox_.failure();
    finish(failure_ ? 1 : 0);  // a reader that closes the pipe has seen enough
  }
  if (options_.recording && options_.recording->failure()) {  // close_recording() says so
    gave_up_ = true;
    finish(1);
  }
  backend_->pause(is_backed_up());
}

void Session::finish(int status) {
  if (finishing_) return;
  finishing_ = true;
  status_ = status;
  if (options_.on_stopping) options_.on_stopping();
  boost::system::error_code ignored;
  signals_.cancel(ignored);
  duration_timer_.cancel();
  gone_timer_.cancel();
  journal_.stop();
  frames_.stop();
  // From now on ignore a second ^C: the module is being unloaded.
  signals_.async_wait([](boost::system::error_code, int) {});
  backend_->stop();
}

/// Why the recording is not complete, if that is what failed.
Result<void> Session::close_recording(Result<void> result) {
  auto& recording = *options_.recording;
  recording.write(Ended{});
  bool all = recording.output().drain(kPatience);
  recording.output().on_change({});
  // The backend may report being stopped for it as its own error.
  if (auto failure = recording.failure(); failure && (result || gave_up_)) return tl::unexpected(*failure);
  if (all || !result || recording.failure()) return result;
  return fail(phrase("the recording was truncated: the reader of {} stopped reading", recording.output().name()), {},
              "output");
}

void Session::end(Result<void> result) {
  if (backend_->is_live()) tick();
  if (options_.recording) result = close_recording(std::move(result));
  if (failure_) result = tl::unexpected(*failure_);
  finishing_ = true;
  act(engine_.take(Ended{result}));
  if (!engine_.ended_well()) failure_ = result.error();
  done_ = true;
  outbox_.finish();
  bool all = outbox_.drain(kPatience);
  if (!failure_) failure_ = outbox_.failure();
  if (!failure_ && !all)
    failure_ = Error{phrase("output was truncated: the reader stopped reading"), phrase("name a file with --output"),
                     "output"};
}

}  // namespace stapkill
