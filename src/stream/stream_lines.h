#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sys/unpack.h"

namespace stapkill {

/// The lines of a file of any size, with one of them in memory.
class StreamLines {
 public:
  static constexpr std::size_t kLongest = 4 << 20;  ///< bytes; a record of stapkill's own is much shorter

  struct Line {
    std::size_t number = 0;  ///< counted from 1
    std::string_view text;   ///< without its end ("\n", "\r\n"), and without a byte order mark before the first
    bool whole = true;       ///< it has an end; else the file ends there
    bool too_long = false;   ///< it is longer than kLongest; `text` is empty then
  };

  /// `bytes` must outlive it.
  explicit StreamLines(Pieces& bytes) : bytes_(bytes) {}
  /// The next line, valid until the next call; none after the last.
  std::optional<Line> next();

 private:
  bool refill();
  Line line(bool whole, bool too_long);

  Pieces& bytes_;
  std::string_view rest_;  ///< of the last piece
  std::string text_;
  std::size_t number_ = 0;
};

}  // namespace stapkill
