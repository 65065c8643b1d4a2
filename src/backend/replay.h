#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "backend/backend.h"
#include "backend/recording_reader.h"

namespace stapkill {

/// Plays a recording: tells what the recorded backend told, in that order and at full speed, and then ends.
std::unique_ptr<Backend> make_replay_backend(boost::asio::io_context& loop, std::shared_ptr<RecordingReader> recorded);

}  // namespace stapkill
