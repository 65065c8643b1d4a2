#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace stapkill {

enum class ByteOrder { little, big };

/// The number at an offset of foreign bytes; 0 where they do not reach so far.
template <typename T>
T number_at(std::string_view bytes, std::size_t at, ByteOrder order = ByteOrder::little) {
  if (at > bytes.size() || sizeof(T) > bytes.size() - at) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    auto byte = static_cast<unsigned char>(bytes[at + i]);
    value |= static_cast<std::uint64_t>(byte) << 8 * (order == ByteOrder::little ? i : sizeof(T) - 1 - i);
  }
  return static_cast<T>(value);
}

/// The text of a fixed field, up to its first NUL; shorter where the bytes do not reach so far.
inline std::string_view text_at(std::string_view bytes, std::size_t at, std::size_t size) {
  if (at > bytes.size()) return {};
  auto text = bytes.substr(at, size);
  return text.substr(0, text.find('\0'));
}

}  // namespace stapkill
