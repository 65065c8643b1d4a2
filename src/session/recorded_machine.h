#pragma once

#include <memory>

#include "backend/recording_reader.h"
#include "backend/recording_writer.h"
#include "engine/machine.h"
#include "engine/targets.h"

namespace stapkill {

/// Begins a recording: its machine, what the session watches, and what runtimes say about containers. Returns that
/// moment for SessionOptions::begun: a replay begins at the same one.
Tick begin_recording(RecordingWriter& recording, const std::string& backend, Machine& machine,
                     const TargetOptions& targets, const std::vector<ContainerRecord>& known);

/// The same machine; records all its answers.
std::unique_ptr<Machine> log_machine(std::unique_ptr<Machine> machine, std::shared_ptr<RecordingWriter> recording);

/// The machine of a recording, as it was at the current moment of the replay.
std::unique_ptr<Machine> recorded_machine(std::shared_ptr<RecordingReader> recorded);

/// What the recorded session watched; an error when the recording's words for it are not understood.
Result<TargetOptions> recorded_targets(const RecordingReader& recorded);

}  // namespace stapkill
