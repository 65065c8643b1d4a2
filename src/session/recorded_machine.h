#pragma once

#include <memory>

#include "backend/recording_reader.h"
#include "backend/recording_writer.h"
#include "engine/machine.h"
#include "engine/targets.h"

namespace stapkill {

/// Begins a recording: what it is of, what the session watches, and what runtimes say of containers. When that was, for
/// SessionOptions::begun: a replay begins at the same moment.
Tick begin_recording(RecordingWriter& recording, const std::string& backend, Machine& machine,
                     const TargetOptions& targets, const std::vector<ContainerRecord>& known);

/// The same machine, and all that it answers is recorded.
std::unique_ptr<Machine> log_machine(std::unique_ptr<Machine> machine, std::shared_ptr<RecordingWriter> recording);

/// The machine on which a recording was made, as it was at the moment that has been played.
std::unique_ptr<Machine> recorded_machine(std::shared_ptr<RecordingReader> recorded);

/// What the recorded session watched; an error when the recording does not say it in a way that can be understood.
Result<TargetOptions> recorded_targets(const RecordingReader& recorded);

}  // namespace stapkill
