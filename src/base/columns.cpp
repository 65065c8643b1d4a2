#include "base/columns.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>

namespace stapkill {
namespace {

constexpr std::string_view kEndOfColour = "\033[0m";

/// A character, or a colour, at the front of a text.
struct Piece {
  std::string_view bytes;
  std::int32_t point = 0;  ///< of a character
  std::size_t width = 0;
  bool colour = false;
};

/// `text` is not empty.
Piece first_piece(std::string_view text) {
  Piece piece;
  if (text.starts_with("\033[")) {
    auto end = text.find_first_not_of("0123456789;", 2);
    if (end < text.size() && text[end] == 'm') {
      piece.bytes = text.substr(0, end + 1);
      piece.colour = true;
      return piece;
    }
  }
  auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &piece.point);
  bool valid = length > 0;
  piece.bytes = text.substr(0, valid ? static_cast<std::size_t>(length) : 1);
  piece.width = valid ? static_cast<std::size_t>(std::max(utf8proc_charwidth(piece.point), 0)) : 1;
  return piece;
}

/// JIS X 4051's rules, as far as texts of this program need them.
bool begins_no_line(std::int32_t point) {
  constexpr std::u32string_view those = U"、。，．：；？！）」』】》〉〕”’…—ー々";
  return those.find(static_cast<char32_t>(point)) != std::u32string_view::npos;
}

bool ends_no_line(std::int32_t point) {
  constexpr std::u32string_view those = U"（「『【《〈〔“‘";
  return those.find(static_cast<char32_t>(point)) != std::u32string_view::npos;
}

bool may_break_between(const Piece& left, const Piece& right) {
  return (left.width > 1 || right.width > 1) && right.width > 0 && !ends_no_line(left.point) &&
         !begins_no_line(right.point);
}

class Folder {
 public:
  explicit Folder(std::size_t width) : width_(width) {}

  std::vector<std::string> fold(std::string_view text) {
    Piece last;
    for (; !text.empty(); text.remove_prefix(last.bytes.size())) {
      Piece piece = first_piece(text);
      if (piece.point == ' ') {
        end_word();
        gap_ += ' ';
      } else {
        if (!piece.colour && may_break_between(last, piece)) end_word();
        word_ += piece.bytes;
        word_width_ += piece.width;
      }
      if (piece.colour) {  // it stands between no two characters
        piece.width = last.width;
        piece.point = last.point;
      }
      last = piece;
    }
    end_word();
    return std::move(lines_);
  }

 private:
  void end_word() {
    if (word_.empty()) return;
    bool first = used_ == 0 && lines_.size() == 1;  // a text may begin with blanks
    if (used_ + gap_.size() + word_width_ > width_ && !first) begin_line();
    if (used_ > 0 || first) {
      lines_.back() += gap_;
      used_ += gap_.size();
    }
    gap_.clear();
    for (std::string_view rest = word_; !rest.empty();) {
      Piece piece = first_piece(rest);
      if (used_ > 0 && used_ + piece.width > width_) begin_line();
      if (piece.colour) colour_ = piece.bytes == kEndOfColour ? "" : piece.bytes;
      lines_.back() += piece.bytes;
      used_ += piece.width;
      rest.remove_prefix(piece.bytes.size());
    }
    word_.clear();
    word_width_ = 0;
  }

  void begin_line() {
    if (!colour_.empty()) lines_.back() += kEndOfColour;
    lines_.push_back(colour_);
    used_ = 0;
  }

  std::size_t width_, used_ = 0, word_width_ = 0;
  std::vector<std::string> lines_ = {""};
  std::string gap_, word_, colour_;
};

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    Piece piece = first_piece(text);
    count += piece.width;
    text.remove_prefix(piece.bytes.size());
  }
  return count;
}

std::string_view first_columns(std::string_view text, std::size_t width) {
  std::size_t end = 0;
  for (std::size_t used = 0; end < text.size();) {
    Piece piece = first_piece(text.substr(end));
    used += piece.width;
    if (used > width) break;
    end += piece.bytes.size();
  }
  return text.substr(0, end);
}

std::vector<std::string> folded(std::string_view text, std::size_t width) {
  if (width == 0) return {std::string(text)};
  return Folder(width).fold(text);
}

std::string cut(std::string_view text, std::size_t width, bool utf8) {
  if (width == 0 || first_columns(text, width).size() == text.size()) return std::string(text);
  std::string_view ellipsis = utf8 ? "…" : std::string_view("...").substr(0, width);
  std::string out(first_columns(text, width - std::min(width, columns_of(ellipsis))));
  out += ellipsis;
  return out.find('\033') == std::string::npos ? out : out.append(kEndOfColour);
}

std::string padded(std::string_view text, std::size_t width) {
  auto used = columns_of(text);
  return std::string(text).append(width > used ? width - used : 0, ' ');
}

}  // namespace stapkill
