#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "sys/clock.h"

/// A backend in memory: a test gives it events to report, and looks at what the session asked of it.
class FakeBackend : public stapkill::Backend {
 public:
  using Script = std::function<void(FakeBackend&)>;

  /// `script` runs on the loop once the session knows that it is armed.
  FakeBackend(boost::asio::io_context& loop, Script script) : loop_(loop), script_(std::move(script)) {}

  std::string name() const override { return "stap"; }
  std::vector<std::string> probes() const override { return {"kernel.trace(\"signal:signal_generate\")"}; }

  stapkill::Result<void> start(const stapkill::Watching& asked, Callbacks callbacks) override {
    watching = asked;
    if (refuse) return tl::unexpected(*refuse);
    started = true;
    callbacks_ = std::move(callbacks);
    boost::asio::post(loop_, [this] {
      if (before_armed) before_armed(*this);
      callbacks_.take(stapkill::Armed{"SystemTap 4.8", "6.1.0", true});
      if (!ended_ && stops == 0) script_(*this);
    });
    return {};
  }
  void watch(const stapkill::ProcessKey& process) override { watched.push_back(process.pid); }
  std::function<void()> watch_self_in_child() override { return in_child; }
  void pause(bool paused) override { pauses.push_back(paused); }
  void stop() override {
    ++stops;
    boost::asio::post(loop_, [this] { end(at_stop); });
  }

  /// One event, at this moment.
  void report(stapkill::KernelEvent event) { report_at(stapkill::boot_now(), event); }
  /// One event of another moment, as boot time.
  void report_at(std::int64_t boot, stapkill::KernelEvent event) {
    if (ended_) return;
    event.boot = boot;
    callbacks_.take(&event);
  }
  template <typename... Events>
  void report(stapkill::KernelEvent first, Events... rest) {
    report(first);
    (report(rest), ...);
  }
  void lose(std::uint64_t count, const std::string& where) {
    callbacks_.take(stapkill::Loss{count, where, stapkill::boot_now()});
  }
  void diagnose(const stapkill::DiagnosticRecord& record) { callbacks_.take(record); }
  /// Nothing comes any more.
  void end(stapkill::Result<void> result) {
    if (ended_) return;
    ended_ = true;
    callbacks_.take(stapkill::Ended{std::move(result)});
  }
  boost::asio::io_context& loop() { return loop_; }

  stapkill::Watching watching;
  std::vector<int> watched;
  std::vector<bool> pauses;
  int stops = 0;
  bool started = false;
  std::optional<stapkill::Error> refuse;
  stapkill::Result<void> at_stop;  ///< what an end says that was asked for
  std::function<void()> in_child = [] {};
  Script before_armed;

 private:
  boost::asio::io_context& loop_;
  Script script_;
  Callbacks callbacks_;
  bool ended_ = false;
};
