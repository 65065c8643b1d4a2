#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "backend/wire_fields.h"
#include "event/record.h"
#include "host/machine.h"
#include "host/procfs.h"
#include "sys/output.h"

namespace stapkill {

/// The file of a recording, as it is being written: what a backend told and what the machine was asked (docs/wire.md,
/// "Recordings"). It holds the command lines of the whole machine: only its owner may read it.
class Recording {
 public:
  static Result<std::shared_ptr<Recording>> open(boost::asio::io_context& loop, const std::string& path);
  ~Recording() { *alive_ = false; }

  /// The head of the file: of which backend, what machine, and when it booted.
  void begin(const std::string& backend, const MachineFacts& machine, std::int64_t boot_time);
  /// Something that the session watches: "pid", "name", "all"…, with its values.
  void target(std::string_view kind, const std::vector<std::string>& values);
  void event(const Event& event);
  void loss(const Loss& loss);
  void process(const ProcEntry& entry);

  /// A line that is no event: "# NAME", and the fields that `fields` adds.
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
  /// Why it is not whole; none while all goes well.
  std::optional<Error> failure() const;

 private:
  Recording(boost::asio::io_context& loop, std::unique_ptr<Output> output);
  void hand_over();
  void name_user(std::int64_t uid);
  /// Writes down that the wall clock is another distance from the boot clock than the file says so far.
  void keep_clock(std::int64_t boot);

  std::unique_ptr<Output> output_;
  boost::asio::steady_timer timer_;
  bool timer_armed_ = false;
  std::string text_;
  std::set<std::int64_t> users_;
  std::int64_t clock_ = 0;  ///< how far the wall clock was last told to be from the boot clock
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// The same backend, and all that it tells is recorded.
std::unique_ptr<Backend> record_backend(std::unique_ptr<Backend> backend, std::shared_ptr<Recording> recording);

}  // namespace stapkill
