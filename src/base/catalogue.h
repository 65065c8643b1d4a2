#pragma once

#include <cstdint>
#include <string_view>

namespace stapkill {

/// The texts of one language: the bytes of a .mo file (GNU gettext's manual, "The Format of GNU MO Files"). The program
/// carries it in itself: a copy of it works on a host without our files, and without the host's locales.
class Catalogue {
 public:
  /// English: every message is its own text.
  Catalogue() = default;
  /// `mo` must live as long as the catalogue. Bytes that are no such file make it English.
  explicit Catalogue(std::string_view mo);

  /// A message's text; the message itself where the catalogue has none.
  std::string_view text(std::string_view message) const;
  std::size_t size() const { return count_; }

 private:
  std::uint32_t number(std::size_t at) const;
  std::string_view string(std::size_t table, std::uint32_t index) const;

  std::string_view mo_;
  std::uint32_t count_ = 0, messages_ = 0, texts_ = 0;
};

/// The languages of this build besides English, as locales name them: "zh_CN". Empty in a build without gettext.
bool has_language(std::string_view name);

/// The language of this process's texts for people, from now on: one of the build; any other word is English. Not for
/// several threads: main calls it before others start.
void speak(std::string_view name);
const Catalogue& spoken();
/// Its name: "en", "zh_CN".
std::string_view spoken_name();

}  // namespace stapkill
