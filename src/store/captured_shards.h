#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"
#include "sys/file.h"

namespace stapkill {

/// Shards of a captured host, which are read and never written: SQLite recovers a shard's log of changes (-wal) by
/// writing beside it. So a shard with such a log is copied first.
class CapturedShards {
 public:
  /// Where to read a shard: the file itself where nothing has to be recovered, else a copy of it in a directory of this
  /// user's, which goes with this object. Errors: a symbolic link, no regular file, no space.
  Result<std::filesystem::path> readable(const std::filesystem::path& shard);

 private:
  std::optional<TemporaryDirectory> copies_;
};

}  // namespace stapkill
