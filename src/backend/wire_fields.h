#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/process.h"

namespace stapkill {

/// Reads the fields of a line of the wire; after the first that does not fit, everything fails.
class WireFields {
 public:
  /// Decoded fields lie in `storage`, which must live as long as the views.
  WireFields(std::string_view line, std::string& storage) : rest_(line), storage_(storage) {
    storage_.clear();
    storage_.reserve(line.size());  // decoded text is never longer: views into it stay valid
  }

  template <typename Number>
  void number(Number& value) {
    std::string_view field = next();
    if (field.size() < kShort && short_number(field, value)) return;
    auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    ok_ = ok_ && error == std::errc() && end == field.data() + field.size();
  }

  /// As `number`; none for an unknown value.
  template <typename Number>
  void maybe(std::optional<Number>& value) {
    if (rest_.starts_with('-') && (rest_.size() == 1 || rest_[1] == ' ')) {
      next();
    } else {
      number(value.emplace());
    }
  }

  /// The id of a thread or process; beyond PID_MAX_LIMIT (include/linux/threads.h) the line is damaged.
  void pid(int& value) {
    number(value);
    ok_ = ok_ && value >= 0 && value <= 4194304;
  }

  /// A time since boot, which is never negative.
  void moment(std::int64_t& value) {
    number(value);
    ok_ = ok_ && value >= 0;
  }

  void flag(bool& value) {
    int number_value = 0;
    number(number_value);
    value = number_value != 0;
  }

  void raw(std::string_view& value) {
    value = next();
    if (value == "-") value = {};
  }

  void bytes(std::string_view& value) {
    std::optional<std::string_view> decoded;
    bytes(decoded);
    ok_ = ok_ && decoded;
    value = decoded.value_or(std::string_view());
  }

  void bytes(std::optional<std::string_view>& value);

  /// A login's user and session; none for an unknown user.
  void login(std::optional<Login>& value) {
    std::optional<std::int64_t> uid, session;
    maybe(uid);
    maybe(session);
    if (uid) value = Login{*uid, session.value_or(-1)};
  }

  /// As `bytes`; empty for an unknown value.
  void text(std::string& value) {
    std::optional<std::string_view> decoded;
    bytes(decoded);
    value = decoded.value_or(std::string_view());
  }

  bool sound() const { return ok_; }
  bool more() const { return ok_ && more_; }
  bool done() const { return ok_ && rest_.empty() && !more_; }

 private:
  static constexpr std::size_t kShort = 10;  ///< so many digits may be too large for an int

  /// Most numbers have few digits and no sign: from_chars takes three times as long.
  template <typename Number>
  static bool short_number(std::string_view digits, Number& value) {
    unsigned number = 0;
    for (char c : digits) {
      if (c < '0' || c > '9') return false;
      number = number * 10 + static_cast<unsigned>(c - '0');
    }
    value = static_cast<Number>(number);
    return !digits.empty();
  }

  std::string_view next();
  std::string_view decode(std::string_view field);

  std::string_view rest_;
  std::string& storage_;
  bool more_ = true;
  bool ok_ = true;
};

/// Appends one line of the wire, field by field, in the form that WireFields reads.
class WireLine {
 public:
  WireLine(std::string& out, std::string_view kind) : out_(out) { out_ += kind; }
  WireLine(const WireLine&) = delete;
  WireLine& operator=(const WireLine&) = delete;
  ~WireLine() { out_ += '\n'; }

  template <typename Number>
  WireLine& number(Number value) {
    char digits[24];
    auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return raw({digits, static_cast<std::size_t>(end - digits)});
  }
  template <typename Number>
  WireLine& maybe_number(const std::optional<Number>& value) {
    return value ? number(*value) : raw({});
  }
  /// A word that needs no escaping.
  WireLine& raw(std::string_view word) {
    out_ += ' ';
    out_ += word.empty() ? "-" : word;
    return *this;
  }
  /// A word with no space before it.
  WireLine& glue(std::string_view word) {
    out_ += word;
    return *this;
  }
  WireLine& login(const std::optional<Login>& value) {
    return value ? number(value->uid).number(value->session) : raw({}).raw({});
  }
  WireLine& bytes(std::string_view value);
  WireLine& maybe(const std::optional<std::string_view>& value) { return value ? bytes(*value) : raw({}); }

 private:
  std::string& out_;
};

}  // namespace stapkill
