#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "autopsy/logs/journal_record.h"

namespace stapkill {

/// Reads systemd's Journal Export Format (systemd.io/JOURNAL_EXPORT_FORMATS): lines "FIELD=value", or "FIELD", the
/// length in 8 bytes, and the bytes; an empty line ends an entry. Bytes come in pieces of any size. Holds one entry.
class ExportReader {
 public:
  using OnRecord = std::function<void(const JournalRecord&)>;
  explicit ExportReader(OnRecord on_record) : on_record_(std::move(on_record)) {}

  void take(std::string_view bytes);

 private:
  std::string_view take_line(std::string_view bytes);
  std::string_view take_size(std::string_view bytes);
  std::string_view take_data(std::string_view bytes);
  void line();

  enum class State { line, size, data } state_ = State::line;
  OnRecord on_record_;
  JournalRecord record_;
  std::string line_;              ///< of State::line, so far; of State::size: the bytes so far
  std::string* value_ = nullptr;  ///< of State::data
  std::uint64_t left_ = 0;        ///< of State::data: how much is still to come, with its newline
};

}  // namespace stapkill
