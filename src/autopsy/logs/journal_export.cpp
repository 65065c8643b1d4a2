#include "autopsy/logs/journal_export.h"

#include <algorithm>

namespace stapkill {
namespace {

constexpr std::size_t kSizeBytes = 8;
constexpr std::size_t kLongestName = 256;

}  // namespace

void ExportReader::take(std::string_view bytes) {
  while (!bytes.empty()) {
    switch (state_) {
      case State::line:
        bytes = take_line(bytes);
        break;
      case State::size:
        bytes = take_size(bytes);
        break;
      case State::data:
        bytes = take_data(bytes);
        break;
    }
  }
}

std::string_view ExportReader::take_line(std::string_view bytes) {
  auto end = bytes.find('\n');
  auto piece = bytes.substr(0, end);
  line_.append(piece.substr(0, kLongestField + kLongestName - line_.size()));
  if (end == std::string_view::npos) return {};
  line();
  return bytes.substr(end + 1);
}

void ExportReader::line() {
  std::string_view text = line_;
  auto equals = text.find('=');
  if (text.empty()) {
    if (!record_.empty()) on_record_(record_);
    record_.clear();
  } else if (equals != std::string_view::npos) {
    if (auto* value = record_.add(text.substr(0, equals))) value->assign(text.substr(equals + 1, kLongestField));
  } else {
    value_ = record_.add(text);
    state_ = State::size;
  }
  line_.clear();
}

std::string_view ExportReader::take_size(std::string_view bytes) {
  auto piece = bytes.substr(0, kSizeBytes - line_.size());
  line_ += piece;
  bytes.remove_prefix(piece.size());
  if (line_.size() < kSizeBytes) return bytes;
  left_ = 0;
  for (auto at = kSizeBytes; at-- > 0;) left_ = left_ << 8 | static_cast<unsigned char>(line_[at]);
  line_.clear();
  if (left_ != UINT64_MAX) ++left_;  // its newline
  state_ = State::data;
  return bytes;
}

std::string_view ExportReader::take_data(std::string_view bytes) {
  auto piece = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
  left_ -= piece.size();
  bytes.remove_prefix(piece.size());
  if (left_ == 0) {
    piece.remove_suffix(1);
    state_ = State::line;
  }
  if (value_) value_->append(piece.substr(0, kLongestField - value_->size()));
  return bytes;
}

}  // namespace stapkill
