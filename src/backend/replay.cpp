#include "backend/replay.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "backend/stack_lines.h"
#include "backend/wire.h"
#include "model/record.h"

namespace stapkill {
namespace {

constexpr std::size_t kAtOnce = 1024;  // lines before the event loop gets its turn

class ReplayBackend : public Backend {
 public:
  ReplayBackend(boost::asio::io_context& loop, std::shared_ptr<RecordingReader> recorded)
      : loop_(loop), recorded_(std::move(recorded)) {}

  std::string name() const override { return recorded_->facts().backend; }
  std::vector<std::string> probes() const override { return recorded_->facts().probes; }
  bool is_live() const override { return false; }

  Result<void> start(const Watching& /*watching*/, Callbacks callbacks) override {
    callbacks_ = std::move(callbacks);
    go_on();
    return {};
  }
  void watch(const ProcessKey& /*process*/) override {}
  std::function<void()> watch_self_in_child() override {
    return [] {};
  }
  void pause(bool paused) override {
    bool resumed = paused_ && !paused;
    paused_ = paused;
    if (resumed && idle_) go_on();
  }
  void stop() override {
    if (std::exchange(stopping_, true)) return;
    boost::asio::post(loop_, [this] { end(); });
  }

 private:
  struct Row {
    std::string_view name;
    bool (ReplayBackend::*play)(WireFields& fields);
  };
  static const Row kNotes[];

  void go_on() {
    idle_ = false;
    boost::asio::post(loop_, [this] { take_in(); });
  }

  void take_in() {
    for (std::size_t taken = 0; taken < kAtOnce; ++taken) {
      if (stopping_ || ended_) return;
      idle_ = paused_;
      if (paused_) return;
      auto line = recorded_->next();
      if (!line) return cut_off();
      if (!line->whole || !play(line->text))
        callbacks_.take(Loss{1, "line " + std::to_string(line->number) + " of " + recorded_->name() + " is damaged",
                             recorded_->now().boot});
    }
    go_on();
  }

  bool play(std::string_view line) {
    if (line.starts_with('#')) return play_note(line);
    if (!parse_wire(line, event_, storage_)) return line.empty();
    reach(event_.boot);
    callbacks_.take(&event_);
    return true;
  }

  /// In a recording without ticks the times of its lines are the time.
  void reach(Time boot) {
    recorded_->reach(boot);
    if (!recorded_->has_ticks()) callbacks_.take(recorded_->now());
  }

  bool play_note(std::string_view line);

  bool reach(WireFields& fields) {
    Time boot = 0;
    fields.number(boot);
    if (fields.done()) reach(boot);
    return fields.done();
  }

  bool tick(WireFields& fields) {
    Time boot = 0;
    fields.number(boot);
    if (!fields.done()) return false;
    recorded_->reach(boot);
    callbacks_.take(recorded_->now());
    return true;
  }

  bool armed(WireFields& fields) {
    Armed armed;
    std::int64_t boot = 0;
    int from_cache = -1;
    fields.number(boot);
    fields.text(armed.toolchain);
    fields.text(armed.kernel);
    fields.number(from_cache);
    if (!fields.done()) return false;
    if (from_cache >= 0) armed.from_cache = from_cache > 0;
    reach(boot);
    recorded_->look_ahead();
    callbacks_.take(armed);
    return true;
  }

  bool rearmed(WireFields& fields) {
    if (!reach(fields)) return false;
    recorded_->look_ahead();
    callbacks_.take(Rearmed{});
    return true;
  }

  bool loss(WireFields& fields) {
    Loss loss{0, {}, recorded_->now().boot};
    fields.number(loss.count);
    fields.text(loss.where);
    if (fields.more()) fields.number(loss.boot);  // not in version 2
    if (!fields.done()) return false;
    reach(loss.boot);
    callbacks_.take(loss);
    return true;
  }

  bool diagnostic(WireFields& fields) {
    DiagnosticRecord record;
    int level = 0;
    fields.number(level);
    std::string message, remedy;
    for (auto* text : {&record.id, &message, &remedy, &record.check}) fields.text(*text);
    record.message = phrase_from(message);
    record.remedy = phrase_from(remedy);
    record.level = level ? DiagnosticRecord::Level::error : DiagnosticRecord::Level::warning;
    if (fields.done()) callbacks_.take(record);
    return fields.done();
  }

  bool clock(WireFields& fields) {
    std::int64_t offset = 0;
    fields.number(offset);
    if (fields.done()) recorded_->set_clock(offset);
    return fields.done();
  }

  bool command(WireFields& fields) {
    int pid = 0;
    fields.pid(pid);
    if (!fields.done()) return false;
    recorded_->look_ahead();
    callbacks_.take(CommandStarted{pid, false});  // the recording has its own end
    return true;
  }

  bool flush(WireFields& fields) {
    std::size_t count = 0;
    fields.number(count);
    if (fields.done()) callbacks_.take(Due{count});
    return fields.done();
  }

  bool unseen(WireFields& fields) {
    ProcessKey who;
    std::string why;
    fields.pid(who.pid);
    fields.number(who.start);
    fields.text(why);
    if (fields.done()) callbacks_.take(Gone{who, std::move(why)});
    return fields.done();
  }

  bool said(WireFields& fields) {
    ManagerSaid said;
    fields.text(said.subject);
    while (fields.more()) fields.text(said.lines.emplace_back());
    if (fields.done()) callbacks_.take(said);
    return fields.done();
  }

  bool frames(WireFields& fields) {
    FramesFound found;
    fields.number(found.id);
    while (fields.more()) take_frame(fields, found.frames.emplace_back());
    if (fields.done()) callbacks_.take(found);
    return fields.done();
  }

  bool finish(WireFields& fields) {
    if (!reach(fields)) return false;
    end();
    return true;
  }

  void cut_off() {
    callbacks_.take(DiagnosticRecord{
        DiagnosticRecord::Level::warning, 0, "replay.cut",
        phrase("{} has no end: stapkill was killed, or the file was truncated", recorded_->name()), "", ""});
    end();
  }

  void end() {
    if (std::exchange(ended_, true)) return;
    callbacks_.take(Ended{});
  }

  boost::asio::io_context& loop_;
  std::shared_ptr<RecordingReader> recorded_;
  Callbacks callbacks_;
  KernelEvent event_;
  WireStorage storage_;
  bool paused_ = false, idle_ = false, stopping_ = false, ended_ = false;
};

const ReplayBackend::Row ReplayBackend::kNotes[] = {
    {"armed", &ReplayBackend::armed},
    {"rearmed", &ReplayBackend::rearmed},
    {"loss", &ReplayBackend::loss},
    {"clock", &ReplayBackend::clock},
    {"diagnostic", &ReplayBackend::diagnostic},
    {"command", &ReplayBackend::command},
    {"flush", &ReplayBackend::flush},
    {"tick", &ReplayBackend::tick},
    {"unseen", &ReplayBackend::unseen},
    {"said", &ReplayBackend::said},
    {"frames", &ReplayBackend::frames},
    {"end", &ReplayBackend::finish},
};

bool ReplayBackend::play_note(std::string_view line) {
  std::string_view rest;
  auto name = note_name(line, rest);
  for (const auto& row : kNotes) {
    if (row.name != name) continue;
    std::string storage;
    WireFields fields(rest, storage);
    return (this->*row.play)(fields);
  }
  return recorded_->is_sound(line);
}

}  // namespace

std::unique_ptr<Backend> make_replay_backend(boost::asio::io_context& loop, std::shared_ptr<RecordingReader> recorded) {
  return std::make_unique<ReplayBackend>(loop, std::move(recorded));
}

}  // namespace stapkill
