// An item of a phrase: 'b' and bytes, or 'm' and a message, the number of its values and each value's items. Bytes, a
// message and a value begin with their length (LEB128): foreign bytes cannot end an item.
#include "base/phrase.h"

#include <optional>
#include <vector>

#include "base/catalogue.h"

namespace stapkill {
namespace {

void put_number(std::string& out, std::size_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(0x80 | (number & 0x7f));
  out += static_cast<char>(number);
}

void put(std::string& out, std::string_view bytes) {
  put_number(out, bytes.size());
  out += bytes;
}

/// Takes parts from the front of a phrase's code. Only put() made it: lengths are right.
class Code {
 public:
  explicit Code(std::string_view code) : code_(code) {}
  bool at_end() const { return code_.empty(); }
  char kind() {
    char kind = code_.front();
    code_.remove_prefix(1);
    return kind;
  }
  std::size_t number() {
    std::size_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      auto byte = static_cast<unsigned char>(kind());
      value |= static_cast<std::size_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  std::string_view bytes() {
    auto size = number();
    auto bytes = code_.substr(0, size);
    code_.remove_prefix(size);
    return bytes;
  }

 private:
  std::string_view code_;
};

void append_text(std::string& out, std::string_view code, const Catalogue& catalogue);

/// The index that a hole at `at` names, which is moved past the hole; none: it is no hole.
std::optional<std::size_t> hole(std::string_view text, std::size_t& at, std::size_t& next) {
  if (text.substr(at, 2) == "{}") {
    at += 2;
    return next++;
  }
  bool numbered = at + 2 < text.size() && text[at + 1] >= '0' && text[at + 1] <= '9' && text[at + 2] == '}';
  if (!numbered) return std::nullopt;
  at += 3;
  return static_cast<std::size_t>(text[at - 2] - '0');
}

void append_filled(std::string& out, std::string_view text, const std::vector<std::string_view>& values,
                   const Catalogue& catalogue) {
  if (values.empty()) {
    out += text;
    return;
  }
  std::size_t next = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto brace = text.find_first_of("{}", at);
    out += text.substr(at, brace - at);
    if (brace == std::string_view::npos) return;
    at = brace;
    if (text.substr(at, 2) == "{{" || text.substr(at, 2) == "}}") {
      out += text[at];
      at += 2;
    } else if (auto index = hole(text, at, next)) {
      if (*index < values.size()) append_text(out, values[*index], catalogue);
    } else {
      out += text[at++];
    }
  }
}

void append_text(std::string& out, std::string_view code, const Catalogue& catalogue) {
  std::vector<std::string_view> values;
  for (Code rest(code); !rest.at_end();) {
    if (rest.kind() == 'b') {
      out += rest.bytes();
      continue;
    }
    auto message = rest.bytes();
    values.clear();
    for (auto count = rest.number(); count > 0; --count) values.push_back(rest.bytes());
    append_filled(out, catalogue.text(message), values, catalogue);
  }
}

}  // namespace

Phrase::Phrase(std::string_view bytes) {
  if (bytes.empty()) return;
  code_ = 'b';
  put(code_, bytes);
}

Phrase Phrase::of(std::string_view message, std::span<const Phrase> values) {
  Phrase made;
  if (message.empty()) return made;
  made.code_ = 'm';
  put(made.code_, message);
  put_number(made.code_, values.size());
  for (const auto& value : values) put(made.code_, value.code_);
  return made;
}

std::string Phrase::in(const Catalogue& catalogue) const {
  std::string out;
  append_text(out, code_, catalogue);
  return out;
}

std::string Phrase::english() const {
  static const Catalogue english;
  return in(english);
}

std::string Phrase::local() const {
  return in(spoken());
}

Phrase& Phrase::operator+=(const Phrase& more) {
  code_ += more.code_;
  return *this;
}

Phrase Phrase::with_bytes(const std::function<std::string(std::string_view)>& change) const {
  Phrase changed;
  parts([&](std::string_view bytes) { changed += change(bytes); },
        [&](std::string_view message, std::vector<Phrase> values) {
          for (auto& value : values) value = value.with_bytes(change);
          changed += Phrase::of(message, values);
        });
  return changed;
}

bool Phrase::has_message() const {
  for (Code rest(code_); !rest.at_end(); rest.bytes()) {
    if (rest.kind() == 'm') return true;
  }
  return false;
}

void Phrase::parts(const std::function<void(std::string_view)>& bytes,
                   const std::function<void(std::string_view, const std::vector<Phrase>&)>& message) const {
  std::vector<Phrase> values;
  for (Code rest(code_); !rest.at_end();) {
    if (rest.kind() == 'b') {
      bytes(rest.bytes());
      continue;
    }
    auto text = rest.bytes();
    values.clear();
    for (auto count = rest.number(); count > 0; --count) {
      Phrase value;
      value.code_ = std::string(rest.bytes());
      values.push_back(std::move(value));
    }
    message(text, values);
  }
}

std::string_view tr_from(std::string_view message) {
  return spoken().text(message);
}

}  // namespace stapkill
