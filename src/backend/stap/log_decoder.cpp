#include "backend/stap/log_decoder.h"

#include <array>

namespace stapkill {
namespace {

constexpr std::size_t kSniffed = 256;  // bytes: a line of any log holds ASCII
constexpr std::string_view kMark = "\xef\xbb\xbf";

}  // namespace

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

void LogDecoder::take(std::string_view bytes) {
  if (coding_ == Coding::unknown) {
    auto part = bytes.substr(0, kSniffed - start_.size());
    start_ += part;
    bytes.remove_prefix(part.size());
    if (start_.size() < kSniffed) return;
    decide();
  }
  decode(bytes);
}

void LogDecoder::end() {
  if (coding_ == Coding::unknown) decide();
}

/// UTF-16 has a NUL in each ASCII character, always on the same side; the other side is rarely NUL.
void LogDecoder::decide() {
  constexpr std::size_t kLeast = 8;  // bytes, where nothing marks it
  std::array<std::size_t, 2> zeros{};
  for (std::size_t at = 0; at < start_.size(); ++at) zeros[at % 2] += start_[at] == '\0';
  bool marked_little = start_.starts_with("\xff\xfe"), marked_big = start_.starts_with("\xfe\xff");
  auto wide = [&](std::size_t side, bool marked) {
    bool clear = zeros[side] > 4 * zeros[1 - side];
    return clear && (marked || (start_.size() >= kLeast && zeros[side] >= start_.size() / 4));
  };
  bool little = wide(1, marked_little), big = wide(0, marked_big);
  coding_ = little ? Coding::little : big ? Coding::big : Coding::bytes;
  std::string start;
  start.swap(start_);
  std::string_view rest = start;
  if (coding_ != Coding::bytes && (marked_little || marked_big)) rest.remove_prefix(2);
  if (coding_ == Coding::bytes && rest.starts_with(kMark)) rest.remove_prefix(kMark.size());
  decode(rest);
}

void LogDecoder::decode(std::string_view bytes) {
  if (bytes.empty()) return;
  if (coding_ == Coding::bytes) return take_(bytes);
  std::string out;
  for (char byte : bytes) {
    int value = static_cast<unsigned char>(byte);
    if (half_ < 0) {
      half_ = value;
      continue;
    }
    unit(static_cast<unsigned>(coding_ == Coding::little ? value << 8 | half_ : half_ << 8 | value), out);
    half_ = -1;
  }
  if (!out.empty()) take_(out);
}

void LogDecoder::unit(unsigned value, std::string& out) {
  constexpr unsigned kUnknown = 0xfffd;
  bool low = value >= 0xdc00 && value < 0xe000;
  if (high_ != 0) append_utf8(out, low ? 0x10000 + ((high_ - 0xd800) << 10) + (value - 0xdc00) : kUnknown);
  bool paired = high_ != 0 && low;
  high_ = value >= 0xd800 && value < 0xdc00 ? value : 0;
  if (!paired && high_ == 0) append_utf8(out, low ? kUnknown : value);
}

}  // namespace stapkill
