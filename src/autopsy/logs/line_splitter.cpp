#include "autopsy/logs/line_splitter.h"

#include <algorithm>

namespace stapkill {

void LineSplitter::line(std::string_view text, std::size_t length) {
  on_line_(text.substr(0, kLongestLine), place_);
  place_.offset += length;
  if (place_.number > 0) ++place_.number;
}

void LineSplitter::take(std::string_view bytes) {
  while (!bytes.empty()) {
    auto newline = bytes.find('\n');
    auto piece = bytes.substr(0, newline);
    bytes.remove_prefix(newline == std::string_view::npos ? bytes.size() : newline + 1);
    if (newline != std::string_view::npos && part_length_ == 0) {
      line(piece, piece.size() + 1);
      continue;
    }
    part_length_ += piece.size();
    if (part_.empty()) piece.remove_prefix(std::min(piece.find_first_not_of('\0'), piece.size()));
    part_.append(piece.substr(0, kLongestLine - part_.size()));
    if (newline == std::string_view::npos) continue;
    line(part_, part_length_ + 1);
    part_.clear();
    part_length_ = 0;
  }
}

void LineSplitter::end() {
  if (part_length_ > 0) line(part_, part_length_);
  part_.clear();
  part_length_ = 0;
}

}  // namespace stapkill
