#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stream/record_stream.h"

namespace stapkill {

/// Several streams as one, in the order of their times. The records of one stream keep their order: one whose time is a
/// little earlier than that before it (a death that waited for its cause) comes right after it. It holds one record of
/// each.
class StreamMerge {
 public:
  /// How far a stream's times can go back within its order; further, and its clock was set.
  static constexpr Time kDisorder = 1'000'000'000;

  explicit StreamMerge(std::vector<std::unique_ptr<RecordStream>> streams);

  struct Next {
    std::size_t stream;  ///< its place among them
    StreamRecord record;
  };
  std::optional<Next> next();

  const std::vector<std::unique_ptr<RecordStream>>& streams() const { return streams_; }
  /// What to call a stream: its machine by its first record, else the name of its file.
  const std::string& label(std::size_t stream);

 private:
  struct Head {
    std::optional<StreamRecord> record;
    Time time = 0;  ///< its place in the order
  };
  void begin();
  void advance(std::size_t stream);

  std::vector<std::unique_ptr<RecordStream>> streams_;
  std::vector<Head> heads_;
  std::optional<std::size_t> given_;  ///< the stream of the last record that was given
  std::vector<std::string> labels_;
};

}  // namespace stapkill
