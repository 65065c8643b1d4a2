#include "engine/pattern_error.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostShown = 80;       // bytes of a pattern, or of a piece of it
constexpr std::size_t kLongestLooked = 512;  // bytes; each costs one more compilation

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

std::size_t characters(std::string_view bytes) {
  return static_cast<std::size_t>(std::count_if(bytes.begin(), bytes.end(), [](char one) { return !continues(one); }));
}

/// RE2 reports pieces of a Latin-1 pattern in UTF-8.
std::string from_utf8(const std::string& text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto lead = static_cast<unsigned char>(text[at]);
    bool pair = (lead == 0xc2 || lead == 0xc3) && at + 1 < text.size();
    bytes += pair ? static_cast<char>((lead << 6 & 0xc0) | (text[++at] & 0x3f)) : text[at];
  }
  return bytes;
}

std::string cut(const std::string& text) {
  return text.size() <= kMostShown ? printable(text) : printable(text.substr(0, kMostShown)) + "...";
}

/// The shortest beginning of the pattern that fails in the same way.
std::size_t enough_for_it(const std::string& word, const re2::RE2& pattern) {
  std::size_t size = word.size();
  for (; size > 0; --size) {
    re2::RE2 shorter(re2::StringPiece(word.data(), size - 1), pattern.options());
    if (shorter.error_code() != pattern.error_code()) break;
  }
  return size;
}

}  // namespace

Phrase pattern_error(std::string_view option, const std::string& word, const re2::RE2& pattern) {
  std::string what = pattern.error(), piece = from_utf8(pattern.error_arg());
  // RE2's text is "what: piece".
  if (!pattern.error_arg().empty() && what.ends_with(pattern.error_arg()))
    what.resize(what.size() - std::min(what.size(), pattern.error_arg().size() + 2));
  Phrase text = phrase("--{} '{}' is not a regular expression: {}", option, cut(word), what);
  std::size_t size = word.size() <= kLongestLooked ? enough_for_it(word, pattern) : 0;
  if (size == 0) return text;
  bool all = piece == word || piece.empty();
  auto at = word.rfind(piece, size - 1);  // the piece may be longer than this beginning
  std::size_t begin = all || at == std::string::npos ? size - 1 : at;
  while (begin > 0 && continues(word[begin])) --begin;
  if (!all && !piece.empty()) text += phrase(" at '{}'", cut(piece));
  return text + phrase(" (character {})", characters(word.substr(0, begin)) + 1);
}

}  // namespace stapkill
