#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/wire_fields.h"
#include "model/input.h"
#include "model/machine_facts.h"
#include "sys/output.h"

namespace stapkill {

/// Writes a recording: the engine's input and the machine's answers (docs/wire.md, "Recordings"). It holds the command
/// lines of the whole machine, so only the file's owner may read it.
class RecordingWriter {
 public:
  static Result<std::shared_ptr<RecordingWriter>> open(boost::asio::io_context& loop, const std::string& path);
  ~RecordingWriter() { *alive_ = false; }

  /// The head of the file: backend, machine, and when the recording began.
  void begin(const std::string& backend, const MachineFacts& machine, Tick now);
  /// One kind of the session's targets: "pid", "name", "all"…, with its values.
  void target(std::string_view kind, const std::vector<std::string>& values);
  /// An input of the engine. LookAround, Due, TimeIsUp and StopAsked leave no line: a replay has its own.
  void write(const Input& input);
  void process(const ProcEntry& entry);

  /// A line that is not an event: "# NAME", and the fields that `fields` adds.
  template <typename Fields>
  void note(std::string_view name, Fields fields) {
    {
      WireLine line(text_, "# ");
      line.glue(name);
      fields(line);
    }
    hand_over();
  }

  Output& output() { return *output_; }
  /// Why the recording is incomplete; none while all goes well.
  std::optional<Error> failure() const;

 private:
  RecordingWriter(boost::asio::io_context& loop, std::unique_ptr<Output> output);
  void hand_over();
  void line_of(const KernelEvent* event);
  void line_of(const Tick& tick);
  void line_of(const Begun& begun);
  void line_of(const Armed& armed);
  void line_of(const Rearmed&);
  void line_of(const Loss& loss);
  void line_of(const DiagnosticRecord& record);
  void line_of(const CommandStarted& command);
  void line_of(const Gone& gone);
  void line_of(const ManagerSaid& said);
  void line_of(const FramesFound& found);
  void line_of(const Ended&);
  void line_of(const LookAround&) {}
  void line_of(const Due&) {}
  void line_of(const TimeIsUp&) {}
  void line_of(const StopAsked&) {}

  std::unique_ptr<Output> output_;
  boost::asio::steady_timer timer_;
  bool timer_armed_ = false;
  std::string text_;
  Tick tick_;  ///< the last one
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace stapkill
