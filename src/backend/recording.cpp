#include "backend/recording.h"

#include <cerrno>
#include <chrono>
#include <cstring>

#include "backend/wire.h"
#include "sys/clock.h"
#include "sys/users.h"

namespace stapkill {
namespace {

constexpr auto kFlushEvery = std::chrono::milliseconds(200);
constexpr int kPatience = 2000;  // ms that a reader may take nothing at the end
constexpr mode_t kForOwner = 0600;

/// A field that stands for "none" when it is negative.
template <typename Number>
std::int64_t or_none(const std::optional<Number>& value) {
  return value ? static_cast<std::int64_t>(*value) : -1;
}

std::optional<std::string_view> view(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

}  // namespace

Recording::Recording(boost::asio::io_context& loop, std::unique_ptr<Output> output)
    : output_(std::move(output)), timer_(loop) {}

Result<std::shared_ptr<Recording>> Recording::open(boost::asio::io_context& loop, const std::string& path) {
  auto output = Output::file(loop, path, kForOwner);
  if (!output) return tl::unexpected(output.error());
  return std::shared_ptr<Recording>(new Recording(loop, std::move(*output)));
}

void Recording::begin(const std::string& backend, const MachineFacts& machine, std::int64_t boot_time) {
  clock_ = boot_time;
  note("stapkill-events",
       [&](WireLine& line) { line.number(kWireVersion).bytes(backend).number(boot_time).bytes(machine.kernel); });
  note("machine", [&](WireLine& line) {
    line.number(boot_now()).bytes(machine.hostname).bytes(machine.arch).bytes(machine.boot_id);
    line.number(machine.memory_bytes).bytes(machine.core_pattern);
    if (machine.core_uses_pid) line.number(int{*machine.core_uses_pid});
  });
}

void Recording::target(std::string_view kind, const std::vector<std::string>& values) {
  note("target", [&](WireLine& line) {
    line.raw(kind);
    for (const auto& value : values) line.bytes(value);
  });
}

void Recording::event(const Event& event) {
  for (const auto* task : {&event.task, &event.other}) name_user(task->uid);
  keep_clock(static_cast<std::int64_t>(event.boot_ns));
  append_wire(text_, event);
  hand_over();
}

void Recording::loss(const Loss& loss) {
  keep_clock(loss.boot);
  note("loss", [&](WireLine& line) { line.number(loss.count).bytes(loss.where).number(loss.boot); });
}

void Recording::keep_clock(std::int64_t boot) {
  auto clock = wall_of_boot(boot) - boot;
  if (clock == clock_) return;
  clock_ = clock;
  note("clock", [&](WireLine& line) { line.number(clock); });
}

void Recording::process(const ProcEntry& entry) {
  const Process& process = entry.process;
  if (process.uid) name_user(*process.uid);
  std::optional<std::string> argv;
  if (process.argv) {
    argv.emplace();
    for (const auto& word : *process.argv) argv->append(word) += '\0';
  }
  note("proc", [&](WireLine& line) {
    line.number(entry.parent).number(entry.kernel_thread + 2 * entry.ending).number(process.pid).number(process.start);
    line.number(or_none(process.uid)).bytes(process.comm);
    for (const auto* text : {&process.exe, &process.cwd, &process.cgroup}) line.maybe(view(*text));
    line.number(process.argv_bytes).maybe(view(argv));
    for (const auto& path : entry.other_cgroups) line.bytes(path);
  });
}

void Recording::name_user(std::int64_t uid) {
  if (uid < 0 || !users_.insert(uid).second) return;
  if (const auto& name = user_name(uid)) {
    note("user", [&](WireLine& line) { line.number(uid).bytes(*name); });
  }
}

void Recording::hand_over() {
  output_->write(text_);
  text_.clear();
  if (timer_armed_) return;
  timer_armed_ = true;
  timer_.expires_after(kFlushEvery);
  timer_.async_wait([this, alive = alive_](boost::system::error_code error) {
    if (error || !*alive) return;
    timer_armed_ = false;
    output_->flush();
  });
}

std::optional<Error> Recording::failure() const {
  int error = output_->error();
  if (error == 0) return std::nullopt;
  return Error{"cannot write to " + output_->name() + ": " + std::strerror(error),
               "free some space or name another place with --record-events", "output"};
}

namespace {

class RecordingBackend : public Backend {
 public:
  RecordingBackend(std::unique_ptr<Backend> backend, std::shared_ptr<Recording> recording)
      : backend_(std::move(backend)), recording_(std::move(recording)) {
    recording_->output().on_change([this] { look_at_output(); });
  }
  ~RecordingBackend() override { recording_->output().on_change({}); }

  std::string name() const override { return backend_->name(); }
  std::vector<std::string> probes() const override { return backend_->probes(); }

  Result<void> start(const Watching& watching, Callbacks callbacks) override {
    callbacks_ = std::move(callbacks);
    auto begun = backend_->start(watching, recorded());
    if (!begun) return begun;
    recording_->note("probes", [this](WireLine& line) {
      for (const auto& probe : probes()) line.bytes(probe);
    });
    return {};
  }
  void watch(const Subject& subject) override { backend_->watch(subject); }
  std::function<void()> watch_self_in_child() override { return backend_->watch_self_in_child(); }
  void pause(bool paused) override {
    paused_ = paused;
    backend_->pause(paused_ || recording_->output().backed_up());
  }
  void stop() override { backend_->stop(); }

 private:
  /// Each line stands before what the session does because of it, such as a look at /proc.
  Callbacks recorded() {
    Callbacks inner = callbacks_;
    inner.armed = [this](const Armed& armed) {
      recording_->note("armed", [&](WireLine& line) {
        line.number(boot_now()).bytes(armed.toolchain).bytes(armed.kernel).number(or_none(armed.from_cache));
      });
      callbacks_.armed(armed);
    };
    inner.rearmed = [this] {
      recording_->note("rearmed", [](WireLine& line) { line.number(boot_now()); });
      callbacks_.rearmed();
    };
    inner.event = [this](const Event& event) {
      recording_->event(event);
      callbacks_.event(event);
      if (recording_->output().backed_up()) backend_->pause(true);
    };
    inner.loss = [this](const Loss& loss) {
      recording_->loss(loss);
      callbacks_.loss(loss);
    };
    inner.diagnostic = [this](const DiagnosticRecord& record) {
      recording_->note("diagnostic", [&](WireLine& line) {
        line.number(static_cast<int>(record.level)).bytes(record.id).bytes(record.message).bytes(record.remedy);
        line.bytes(record.check);
      });
      callbacks_.diagnostic(record);
    };
    inner.ended = [this](Result<void> result) { end(std::move(result)); };
    return inner;
  }

  void end(Result<void> result) {
    recording_->note("end", [](WireLine& line) { line.number(boot_now()); });
    bool all = recording_->output().drain(kPatience);
    recording_->output().on_change({});
    // What was stopped for it can call that an error of its own.
    if (auto failure = recording_->failure(); failure && (result || gave_up_)) result = tl::unexpected(*failure);
    if (!all && result && !recording_->failure())
      result = fail("the recording was truncated: the reader of " + recording_->output().name() + " stopped reading",
                    {}, "output");
    callbacks_.ended(std::move(result));
  }

  void look_at_output() {
    if (recording_->failure()) {  // the end tells it
      gave_up_ = true;
      return backend_->stop();
    }
    backend_->pause(paused_ || recording_->output().backed_up());
  }

  std::unique_ptr<Backend> backend_;
  std::shared_ptr<Recording> recording_;
  Callbacks callbacks_;
  bool paused_ = false, gave_up_ = false;
};

}  // namespace

std::unique_ptr<Backend> record_backend(std::unique_ptr<Backend> backend, std::shared_ptr<Recording> recording) {
  return std::make_unique<RecordingBackend>(std::move(backend), std::move(recording));
}

}  // namespace stapkill
