#include "base/catalogue.h"

#include <string>

#include "base/resources.h"

namespace stapkill {
namespace {

constexpr std::uint32_t kMagic = 0x950412de;
constexpr std::size_t kCount = 8, kMessages = 12, kTexts = 16, kHeader = 20;  // offsets of its header's numbers
constexpr std::size_t kEntry = 8;                                             // a string's length and offset

struct Language {
  std::string_view name = "en";
  Catalogue catalogue;
};

Language& current() {
  static Language language;
  return language;
}

std::string_view file_of(std::string_view name) {
  return resource("po/" + std::string(name) + ".mo");
}

}  // namespace

Catalogue::Catalogue(std::string_view mo) : mo_(mo) {
  if (mo.size() < kHeader || number(0) != kMagic) return;
  std::uint64_t count = number(kCount), messages = number(kMessages), texts = number(kTexts);
  if (messages + count * kEntry > mo.size() || texts + count * kEntry > mo.size()) return;
  messages_ = static_cast<std::uint32_t>(messages);
  texts_ = static_cast<std::uint32_t>(texts);
  count_ = static_cast<std::uint32_t>(count);
}

/// msgfmt writes the build machine's order of bytes; ours are all little-endian, and another order is no catalogue.
std::uint32_t Catalogue::number(std::size_t at) const {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(mo_[at + i]);
  return value;
}

std::string_view Catalogue::string(std::size_t table, std::uint32_t index) const {
  auto length = number(table + index * kEntry), offset = number(table + index * kEntry + 4);
  if (offset > mo_.size() || length > mo_.size() - offset) return {};
  return mo_.substr(offset, length);
}

std::string_view Catalogue::text(std::string_view message) const {
  if (message.empty()) return message;  // "" has the file's own header
  std::uint32_t low = 0, high = count_;
  while (low < high) {
    auto middle = low + (high - low) / 2;
    auto order = string(messages_, middle).compare(message);
    if (order == 0) {
      auto text = string(texts_, middle);
      return text.empty() ? message : text;
    }
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return message;
}

bool has_language(std::string_view name) {
  return !file_of(name).empty();
}

void speak(std::string_view name) {
  bool known = has_language(name);
  current() = known ? Language{name, Catalogue(file_of(name))} : Language{};
}

const Catalogue& spoken() {
  return current().catalogue;
}

std::string_view spoken_name() {
  return current().name;
}

}  // namespace stapkill
