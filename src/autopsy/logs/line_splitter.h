#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "autopsy/logs/text_log.h"

namespace stapkill {

/// Cuts bytes that come in pieces into lines. Of a line it keeps the first 64 KiB; NUL bytes at the front of one (a
/// hole that a crash left) do not count.
class LineSplitter {
 public:
  using OnLine = std::function<void(std::string_view, LinePlace)>;
  /// `offset`: of the first byte; `counted`: it is the first line's.
  LineSplitter(OnLine on_line, std::uint64_t offset = 0, bool counted = true)
      : on_line_(std::move(on_line)), place_{offset, counted ? std::uint64_t{1} : 0} {}

  void take(std::string_view bytes);
  /// What is left is a line too.
  void end();

 private:
  void line(std::string_view text, std::size_t length);

  OnLine on_line_;
  std::string part_;
  std::uint64_t part_length_ = 0;
  LinePlace place_;
};
inline constexpr std::size_t kLongestLine = 64 << 10;

}  // namespace stapkill
