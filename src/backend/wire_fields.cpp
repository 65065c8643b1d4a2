#include "backend/wire_fields.h"

namespace stapkill {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string_view WireFields::next() {
  if (!more_) ok_ = false;
  std::size_t space = 0;  // most fields are too short for memchr(3)
  while (space < rest_.size() && rest_[space] != ' ') ++space;
  std::string_view field = rest_.substr(0, space);
  more_ = space < rest_.size();
  rest_ = more_ ? rest_.substr(space + 1) : std::string_view();
  ok_ = ok_ && !field.empty();
  return field;
}

void WireFields::bytes(std::optional<std::string_view>& value) {
  std::string_view field = next();
  value.reset();
  if (field == "-" || !ok_) return;
  if (field == "%") {
    value = std::string_view();
  } else if (field.find('%') == std::string_view::npos) {
    value = field;
  } else {
    value = decode(field);
  }
}

std::string_view WireFields::decode(std::string_view field) {
  std::size_t from = storage_.size();
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '%') {
      storage_ += field[i];
      continue;
    }
    int high = i + 2 < field.size() ? digit(field[i + 1]) : -1;
    int low = high >= 0 ? digit(field[i + 2]) : -1;
    if (low < 0) {
      ok_ = false;
      return {};
    }
    storage_ += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return std::string_view(storage_).substr(from);
}

WireLine& WireLine::bytes(std::string_view value) {
  constexpr char digits[] = "0123456789abcdef";
  if (value.empty()) return raw("%");
  if (value == "-") return raw("%2d");
  out_ += ' ';
  for (char c : value) {
    auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte != '%' && byte != 0x7f) {
      out_ += c;
    } else {
      out_ += '%';
      out_ += digits[byte >> 4];
      out_ += digits[byte & 15];
    }
  }
  return *this;
}

}  // namespace stapkill
