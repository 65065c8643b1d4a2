#include "autopsy/messages/line_pattern.h"

#include <algorithm>

namespace stapkill {
namespace {

re2::RE2::Options any_bytes() {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_dot_nl(true);
  options.set_log_errors(false);
  return options;
}

}  // namespace

LinePattern::LinePattern(std::string_view word, const char* pattern) : word_(word), pattern_(pattern, any_bytes()) {}

std::optional<LineGroups> LinePattern::match(std::string_view line) const {
  if (line.find(word_) == std::string_view::npos) return std::nullopt;
  std::array<re2::StringPiece, LineGroups().size()> found;
  auto groups = std::min<int>(static_cast<int>(found.size()), pattern_.NumberOfCapturingGroups() + 1);
  re2::StringPiece text(line.data(), line.size());
  if (!pattern_.ok() || !pattern_.Match(text, 0, line.size(), re2::RE2::UNANCHORED, found.data(), groups)) {
    return std::nullopt;
  }
  LineGroups result;
  for (int i = 0; i < groups; ++i) {
    const auto& piece = found[static_cast<std::size_t>(i)];
    if (piece.data()) result[static_cast<std::size_t>(i)] = {piece.data(), piece.size()};
  }
  return result;
}

}  // namespace stapkill
