#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace stapkill {

class Catalogue;

/// Marks a literal as a message of the catalogue (src/po). It stays English: phrase() or tr() translates it.
consteval std::string_view msgid(const char* message) {
  return message;
}

/// A message with `Count` values: a literal with that many holes, "{}" or "{0}", "{1}"; "{{" and "}}" are braces. Does
/// not compile where holes and values differ. A message without values is taken as it is.
template <std::size_t Count>
class MessageText {
 public:
  // Implicit: the caller writes a literal, or msgid() of one.
  // NOLINTBEGIN(google-explicit-constructor)
  consteval MessageText(const char* text) : text_(text) { check(); }
  consteval MessageText(std::string_view text) : text_(text) { check(); }
  // NOLINTEND(google-explicit-constructor)
  constexpr std::string_view text() const { return text_; }

 private:
  consteval void check() const {
    if (Count == 0) return;
    std::array<bool, Count + 1> used{};
    std::size_t next = 0;
    for (std::size_t at = 0; at < text_.size(); ++at) {
      char byte = text_[at], after = at + 1 < text_.size() ? text_[at + 1] : '\0';
      if (byte != '{' && byte != '}') continue;
      if (after == byte) {
        ++at;
        continue;
      }
      if (byte == '}') throw "a single '}' in a message";
      std::size_t hole = after == '}' ? next++ : static_cast<std::size_t>(after - '0');
      at += after == '}' ? 1 : 2;
      if (hole >= Count || at >= text_.size() || text_[at] != '}') throw "a hole of a message without a value";
      used[hole] = true;
    }
    for (std::size_t hole = 0; hole < Count; ++hole) {
      if (!used[hole]) throw "a value without a hole in its message";
    }
  }
  std::string_view text_;
};

/// A text for people whose language is chosen where it is shown: messages with their values, and bytes that are the
/// same in every language (names, paths, commands). Cheap to copy and to join: one string holds all of it.
class Phrase {
 public:
  Phrase() = default;
  // Implicit, both ways: bytes are a text, and where a string is wanted (streams, stores) a text is its English.
  // NOLINTBEGIN(google-explicit-constructor)
  /// Bytes that are in no language.
  Phrase(std::string_view bytes);
  Phrase(const std::string& bytes) : Phrase(std::string_view(bytes)) {}
  Phrase(const char* bytes) : Phrase(std::string_view(bytes)) {}
  operator std::string() const { return english(); }
  // NOLINTEND(google-explicit-constructor)

  bool empty() const { return code_.empty(); }
  std::string english() const;
  std::string in(const Catalogue& catalogue) const;
  /// In this process's language (base/catalogue.h).
  std::string local() const;

  Phrase& operator+=(const Phrase& more);
  friend Phrase operator+(Phrase first, const Phrase& second) { return std::move(first += second); }
  /// The same messages with the same values, not just the same English.
  bool operator==(const Phrase&) const = default;
  friend bool operator==(const Phrase& phrase, std::string_view english) { return phrase.english() == english; }
  friend bool operator==(const Phrase& phrase, const char* english) { return phrase.english() == english; }
  friend bool operator==(const Phrase& phrase, const std::string& english) { return phrase.english() == english; }

  /// A message with values; phrase() checks its holes.
  static Phrase of(std::string_view message, std::span<const Phrase> values);

  /// The same with each run of bytes, also within values, as `change` makes it.
  Phrase with_bytes(const std::function<std::string(std::string_view)>& change) const;

  /// Whether it holds a message; else it is the same in every language.
  bool has_message() const;
  /// What it is made of, in order: `bytes` for bytes, `message` for a message and its values.
  void parts(const std::function<void(std::string_view)>& bytes,
             const std::function<void(std::string_view, const std::vector<Phrase>&)>& message) const;

 private:
  std::string code_;  // items of phrase.cpp
};

template <typename Value>
Phrase phrase_of_value(const Value& value) {
  if constexpr (std::integral<Value>) {
    static_assert(!std::same_as<Value, bool> && !std::same_as<Value, char>, "no number");
    return Phrase(std::to_string(value));
  } else {
    static_assert(!std::floating_point<Value>, "format it first");
    return Phrase(value);
  }
}

/// A message of the catalogue with its values: texts, strings (bytes of anybody) and whole numbers.
template <typename... Values>
Phrase phrase(std::type_identity_t<MessageText<sizeof...(Values)>> message, const Values&... values) {
  return Phrase::of(message.text(), std::array<Phrase, sizeof...(Values)>{phrase_of_value(values)...});
}
/// A message of a table, marked there by msgid().
inline Phrase phrase_from(std::string_view message) {
  return Phrase::of(message, {});
}

/// The same, for a text that is shown at once: in this process's language.
template <typename... Values>
std::string tr(std::type_identity_t<MessageText<sizeof...(Values)>> message, const Values&... values) {
  return phrase<Values...>(message, values...).local();
}
std::string_view tr_from(std::string_view message);

}  // namespace stapkill
