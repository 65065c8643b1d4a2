#include "doctor/smoke.h"

#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>

#include "backend/stap/backend.h"
#include "backend/stap/module.h"
#include "host/ask.h"
#include "sys/stop_signals.h"

namespace stapkill {
namespace {

constexpr int kBuildSeconds = 300;
constexpr auto kRunLimit = std::chrono::seconds(60);

Fact<Ran> worked(std::string out) {
  return known(Ran{0, std::move(out), {}});
}
Fact<Ran> failed_with(const Error& error) {
  if (error.kind == ErrorKind::interrupted) return unknown<Ran>(phrase("interrupted"));
  return known(Ran{1 << 8, {}, error.message});
}

/// While it lives, ^C does not end stapkill at once: first the current trial ends and is cleaned up.
class Interrupts {
 public:
  bool seen() {
    signals_.async_wait([this](boost::system::error_code error, int) { seen_ = seen_ || !error; });
    loop_.restart();
    loop_.poll();
    return seen_;
  }

 private:
  boost::asio::io_context loop_;
  StopSignals signals_{loop_};
  bool seen_ = false;
};

class RealSmoke : public Smoke {
 public:
  Fact<Ran> build_empty(const std::string& release, Shims shims) override {
    return guarded([&] { return compile_empty(release, shims); });
  }
  Fact<Ran> build_watch(const std::string& release, Shims shims) override {
    return guarded([&] { return compile_watch(release, shims); });
  }
  Fact<Ran> run_watch() override {
    return guarded([&] { return load_watch(); });
  }
  bool cached(const std::string& release) override {
    auto plan = plan_module(release, {});
    return plan && cached_module(*plan).has_value();
  }
  bool interrupted() const override { return interrupted_; }

 private:
  Fact<Ran> guarded(const std::function<Fact<Ran>()>& trial) {
    Interrupts interrupts;
    auto ran = interrupted_ ? unknown<Ran>(phrase("interrupted")) : trial();
    if (interrupts.seen()) interrupted_ = true;
    return interrupted_ ? unknown<Ran>(phrase("interrupted")) : ran;
  }

  Fact<Ran> compile_empty(const std::string& release, Shims shims) {
    auto plan = plan_module(release, {}, shims);
    if (!plan) return failed_with(plan.error());
    for (const auto& place : {cache_directory(), cache_directory() / "modules"}) {
      if (auto made = make_private_directory(place); !made) return failed_with(made.error());
    }
    auto work = TemporaryDirectory::make(cache_directory(), "build");
    if (!work) return failed_with(work.error());
    auto arguments = arguments_of_shims(*plan);
    if (!arguments) return failed_with(arguments.error());
    ChildOptions options;
    options.argv = {plan->systemtap.stap, "-p4", "-m", "stapkill_empty"};
    if (release != running_kernel()) options.argv.insert(options.argv.end(), {"-r", release});
    options.argv.insert(options.argv.end(), arguments->begin(), arguments->end());
    options.argv.insert(options.argv.end(), {"-e", "probe begin { exit() }"});
    const auto& path = work->path();
    confine_compiler(options, path);
    options.directory = path.string();
    auto ran = run_child(options, kBuildSeconds, AtSignal::end);
    if (!ran) return failed_with(ran.error());
    return known(Ran{ran->status, std::move(ran->out), std::move(ran->err)});
  }

  Fact<Ran> compile_watch(const std::string& release, Shims shims) {
    auto plan = plan_module(release, {}, shims);
    if (!plan) return failed_with(plan.error());
    if (auto cached = cached_module(*plan)) {
      return worked("compiled before by " + cached->toolchain + ": " + cached->file.string());
    }
    auto module = compile_module(*plan, Keep::nothing, {});
    if (!module) return failed_with(module.error());
    return worked("compiled by " + module->toolchain + ": " + module->file.string());
  }

  Fact<Ran> load_watch() {
    boost::asio::io_context loop;
    boost::asio::steady_timer limit(loop, kRunLimit);
    StopSignals signals(loop);
    std::string armed, trouble;
    bool interrupted = false;
    std::optional<Result<void>> ended;
    StapBackend backend(loop, {});
    // The backend is armed when the module has reported a signal that stapkill sent to itself.
    auto take = [&](const Input& input) {
      if (const auto* live = std::get_if<Armed>(&input)) {
        armed = live->toolchain;
        backend.stop();
      } else if (const auto* record = std::get_if<DiagnosticRecord>(&input)) {
        if (record->level == DiagnosticRecord::Level::error) trouble = record->message;
      } else if (const auto* end = std::get_if<Ended>(&input)) {
        ended = end->result;
      }
    };
    if (auto begun = backend.start({.processes = {{::getpid()}}}, {take, [] { return std::vector<ProcessKey>(); }});
        !begun)
      return failed_with(begun.error());
    limit.async_wait([&](boost::system::error_code error) {
      if (!error) backend.stop();
    });
    signals.async_wait([&](boost::system::error_code error, int) {
      interrupted = !error;
      if (interrupted) backend.stop();
    });
    while (!ended && loop.run_one()) continue;
    if (interrupted) return unknown<Ran>(phrase("interrupted"));
    if (ended && !*ended) return failed_with(ended->error());
    if (!trouble.empty()) return failed_with(Error{trouble, {}});
    if (armed.empty()) return failed_with(Error{phrase("the probes were not armed within 60 s"), {}});
    return worked("loaded, saw a signal of its own, unloaded (" + armed + ")");
  }

  std::atomic<bool> interrupted_{false};
};

}  // namespace

std::shared_ptr<Smoke> make_smoke() {
  return std::make_shared<RealSmoke>();
}

}  // namespace stapkill
