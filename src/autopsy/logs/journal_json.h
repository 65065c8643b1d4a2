#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "autopsy/logs/journal_record.h"

namespace stapkill {

/// Reads one entry of `journalctl -o json`, json-sse or json-seq (journalctl(1), --output). A value may be a text, an
/// array of bytes, an array of several values (the first counts), or null (too large). False for another text.
bool parse_journal_json(std::string_view text, JournalRecord& record);

/// Reads a file of such entries, in lines or indented (json-pretty). Pieces of any size. Holds one entry, at most 1
/// MiB.
class JsonReader {
 public:
  using OnRecord = std::function<void(const JournalRecord&)>;
  explicit JsonReader(OnRecord on_record) : on_record_(std::move(on_record)) {}

  void take(std::string_view bytes);
  void end();

 private:
  void line();
  void entry();

  OnRecord on_record_;
  JournalRecord record_;
  std::string line_, entry_;
};

}  // namespace stapkill
