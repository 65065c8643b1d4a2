#pragma once

#include <memory>

#include "backend/backend.h"
#include "backend/recording_reader.h"
#include "sys/event_loop.h"

namespace stapkill {

/// Plays a recording: emits what the recorded backend emitted, in the same order, at full speed, and then ends.
std::unique_ptr<Backend> make_replay_backend(boost::asio::io_context& loop, std::shared_ptr<RecordingReader> recorded);

}  // namespace stapkill
