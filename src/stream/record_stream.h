#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/time.h"
#include "model/record.h"
#include "report/record_reader.h"
#include "stream/hosts.h"
#include "stream/stream_lines.h"
#include "sys/byte_source.h"

namespace stapkill {

/// A record of a stream as it is in its file.
struct StreamRecord {
  std::string json;              ///< the object, as it was written
  std::string type;              ///< "": it has none
  Time time = 0;                 ///< of the record before it, where it has none
  std::string host;              ///< of its machine; "": not known
  bool has_host = false;         ///< `json` says it itself
  std::optional<Record> record;  ///< none for a type that this stapkill does not know
  RecordOrigin origin = {};      ///< without a host where nobody asked for hosts
};

/// The records of one stream (stapkill-stream(5)): what `watch --format jsonl` writes. It holds one record.
class RecordStream {
 public:
  /// What is missing in the file, a sentence each.
  using Tell = std::function<void(const std::string& text)>;

  RecordStream(std::unique_ptr<ByteSource> source, Tell tell);

  /// Sorts the records, and their processes, by hosts. Not after the first record; `hosts` must outlive it.
  void sort_by(Hosts& hosts);

  /// Whether a file that begins so holds such a stream.
  static bool is_stream(std::string_view head);

  /// The next record; none after the last. Lines that are none are told and left out.
  std::optional<StreamRecord> next();
  /// How many lines were left out, and whether the rest of the file could not be read. A file that was only cut off is
  /// read to there.
  std::size_t damaged() const { return damaged_; }
  const Phrase& name() const { return source_->name(); }
  /// The name of its machine by its last session; "": not known.
  const std::string& host() const { return host_; }

 private:
  std::optional<StreamRecord> read(const StreamLines::Line& line);
  StreamRecord record_of(nlohmann::json&& json, std::string_view text);
  void leave_out(std::size_t number, const Phrase& why);
  void end();
  void tell_cut(const Phrase& how);

  std::unique_ptr<ByteSource> source_;
  StreamLines lines_;
  Tell tell_;
  RecordReader reader_;
  std::optional<HostsOfStream> hosts_;
  std::string host_;
  Time time_ = 0;
  std::size_t damaged_ = 0, cut_line_ = 0;  ///< cut_line_ 0: the last line is whole
  bool in_session_ = false, ended_ = false;
};

}  // namespace stapkill
