#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace stapkill {

/// Appends a character of Unicode as UTF-8.
void append_utf8(std::string& out, unsigned code);

/// Decodes a saved log: UTF-16 (with or without a byte order mark, in either order) becomes UTF-8; all else passes
/// unchanged, without its mark. Buffers at most 256 bytes.
class LogDecoder {
 public:
  using Take = std::function<void(std::string_view)>;
  explicit LogDecoder(Take take) : take_(std::move(take)) {}
  void take(std::string_view bytes);
  void end();

 private:
  enum class Coding { unknown, bytes, little, big };
  void decide();
  void decode(std::string_view bytes);
  void unit(unsigned value, std::string& out);

  Take take_;
  Coding coding_ = Coding::unknown;
  std::string start_;
  int half_ = -1;      ///< the first byte of an incomplete unit
  unsigned high_ = 0;  ///< the first half of a surrogate pair
};

}  // namespace stapkill
