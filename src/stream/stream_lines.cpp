#include "stream/stream_lines.h"

namespace stapkill {

bool StreamLines::refill() {
  if (rest_.empty()) rest_ = bytes_.next();
  return !rest_.empty();
}

StreamLines::Line StreamLines::line(bool whole, bool too_long) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  std::string_view text = text_;
  if (whole && text.ends_with('\r')) text.remove_suffix(1);
  if (++number_ == 1 && text.starts_with(mark)) text.remove_prefix(mark.size());
  return {number_, text, whole, too_long};
}

std::optional<StreamLines::Line> StreamLines::next() {
  text_.clear();
  bool begun = false, too_long = false;
  while (refill()) {
    begun = true;
    auto end = rest_.find('\n');
    auto part = rest_.substr(0, end);
    too_long = too_long || text_.size() + part.size() > kLongest;
    too_long ? text_.clear() : void(text_ += part);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (end != std::string_view::npos) return line(true, too_long);
  }
  return begun ? std::optional(line(false, too_long)) : std::nullopt;
}

}  // namespace stapkill
