#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stapkill {

/// A value as it stands in a stap script. Made only by the functions below: text that a user gave reaches a script as
/// one string literal or one number, never as script.
class Literal {
 public:
  static Literal number(std::int64_t value) { return Literal(std::to_string(value)); }

  /// A stap string literal (stap(1), "Literals"): quotes, backslashes and every byte outside printable ASCII escaped.
  static Literal text(std::string_view value);

  const std::string& script() const { return script_; }

 private:
  explicit Literal(std::string script) : script_(std::move(script)) {}
  std::string script_;
};

}  // namespace stapkill
