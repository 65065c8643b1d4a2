#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/log_entry.h"
#include "autopsy/logs/read_logs.h"

namespace stapkill {

/// The fields of one entry of a journal (systemd.journal-fields(7)). Bounded: of each value the first 64 KiB, 256
/// fields. Keeps its memory from entry to entry.
class JournalRecord {
 public:
  void clear() { count_ = 0; }
  bool empty() const { return count_ == 0; }
  /// Adds a field and returns its value, to be filled. Null where there is no room.
  std::string* add(std::string_view name);
  /// The first field of that name; empty where there is none.
  std::string_view get(std::string_view name) const;

 private:
  struct Field {
    std::string name, value;
  };
  std::vector<Field> fields_;
  std::size_t count_ = 0;
};
inline constexpr std::size_t kLongestField = 64 << 10;

/// Hands an entry on. Its program is what the writer called itself (SYSLOG_IDENTIFIER), else _COMM; "kernel" is the
/// kernel alone: another that calls itself so goes by its _COMM. Its time is the writer's, where the journal has it.
/// `place`: "journal", or the file's name. Returns the time.
Time give_record(const JournalRecord& record, std::string_view place, const Scope* scope, const TakeEntry& take);

}  // namespace stapkill
