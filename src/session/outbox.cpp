#include "session/outbox.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace stapkill {

void Outbox::write(const Record& record) {
  bool diagnostic = std::holds_alternative<DiagnosticRecord>(record);
  for (auto& sink : sinks_) {
    if (diagnostic && !sink->machine) continue;
    text_.clear();
    sink->renderer->render(record, text_);
    sink->output->write(text_);
  }
}

Time Outbox::catch_up(Time now) {
  Time soonest = 0;
  for (auto& sink : sinks_) {
    text_.clear();
    auto again = sink->renderer->catch_up(now, text_);
    if (again) soonest = soonest ? std::min(soonest, again) : again;
    if (!text_.empty()) sink->output->write(text_);
  }
  return soonest;
}

void Outbox::finish() {
  for (auto& sink : sinks_) {
    text_.clear();
    sink->renderer->finish(text_);
    sink->output->write(text_);
  }
}

void Outbox::flush() {
  for (auto& sink : sinks_) sink->output->flush();
}

bool Outbox::drain(int milliseconds) {
  bool all = true;
  for (auto& sink : sinks_) all = sink->output->drain(milliseconds) && all;
  return all;
}

bool Outbox::backed_up() const {
  return std::any_of(sinks_.begin(), sinks_.end(), [](const auto& sink) { return sink->output->backed_up(); });
}

bool Outbox::broken() const {
  return std::any_of(sinks_.begin(), sinks_.end(), [](const auto& sink) { return sink->output->error() != 0; });
}

std::optional<Error> Outbox::failure() const {
  for (const auto& sink : sinks_) {
    int error = sink->output->error();
    if (error == 0 || error == EPIPE) continue;
    return Error{phrase("cannot write to {}: {}", sink->output->name(), std::strerror(error)),
                 phrase("free some space or name another place with --output"), "output"};
  }
  return std::nullopt;
}

void Outbox::on_change(const std::function<void()>& callback) {
  for (auto& sink : sinks_) sink->output->on_change(callback);
}

}  // namespace stapkill
