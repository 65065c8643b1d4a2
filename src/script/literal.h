#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// A value as it stands in a stap script. Made only by the functions below: text that a user gave reaches a script as
/// string literals and numbers, or as names of variables, never as script.
class Literal {
 public:
  static Literal number(std::int64_t value) { return Literal(std::to_string(value)); }

  /// A stap string literal (stap(1), "Literals"): quotes, backslashes and every byte outside printable ASCII escaped.
  static Literal text(std::string_view value);

  /// A part of a probe point: stap compares it as it stands, escapes and all. What has a byte that a string literal
  /// must escape comes out as text does, and names nothing.
  static Literal name(std::string_view value);

  /// What a probe point begins with (stapprobes(3stap)): the kernel itself, one of its modules, a program's file.
  static Literal kernel() { return Literal("kernel"); }
  static Literal module(std::string_view name) { return Literal("module(" + Literal::name(name).script_ + ")"); }
  static Literal process(std::string_view path) { return Literal("process(" + name(path).script_ + ")"); }

  /// An expression that is one string: " NAME=VALUE" of each target variable, as `name`, `name->member`, `name[3]`.
  /// Names that are anything else are left out: is_variable tells which are not.
  static Literal variables(const std::vector<std::string>& names);
  static bool is_variable(std::string_view name);

  const std::string& script() const { return script_; }

 private:
  explicit Literal(std::string script) : script_(std::move(script)) {}
  std::string script_;
};

}  // namespace stapkill
