#include "sys/journal_entry.h"

#include <cstdint>

namespace stapkill {
namespace {

/// Cuts at the beginning of a character, so that UTF-8 stays UTF-8.
std::string_view cut(std::string_view value) {
  if (value.size() <= JournalEntry::kMostValue) return value;
  std::size_t end = JournalEntry::kMostValue;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xc0U) == 0x80U) --end;
  return value.substr(0, end);
}

/// 64 bits, the lowest byte first.
std::string little_endian(std::uint64_t number) {
  std::string bytes;
  for (int i = 0; i < 8; ++i, number >>= 8U) bytes += static_cast<char>(number & 0xffU);
  return bytes;
}

}  // namespace

void JournalEntry::add(std::string_view name, std::string_view value) {
  value = cut(value);
  constexpr std::size_t around = 10;  // size and newlines
  if (value.empty() || text_.size() + name.size() + value.size() + around > kMostEntry) return;
  text_ += name;
  if (value.find('\n') == std::string_view::npos) {
    text_ += '=';
  } else {
    text_ += '\n';
    text_ += little_endian(value.size());
  }
  text_ += value;
  text_ += '\n';
}

}  // namespace stapkill
