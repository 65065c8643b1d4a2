#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// A value in a stap script. Only the functions below make one: a user's text reaches a script as string literals,
/// numbers or names of variables, never as code.
class Literal {
 public:
  static Literal number(std::int64_t value) { return Literal(std::to_string(value)); }

  /// A stap string literal (stap(1), "Literals"): quotes, backslashes and every byte outside printable ASCII escaped.
  static Literal text(std::string_view value);

  /// A part of a probe point, which stap compares with its escapes. A value with a byte that a string literal must
  /// escape is written as by text(), and matches nothing.
  static Literal name(std::string_view value);

  /// The beginning of a probe point (stapprobes(3stap)): the kernel itself, one of its modules, a program's file.
  static Literal kernel() { return Literal("kernel"); }
  static Literal module(std::string_view name) { return Literal("module(" + Literal::name(name).script_ + ")"); }
  static Literal process(std::string_view path) { return Literal("process(" + name(path).script_ + ")"); }

  /// An expression that is one string: " NAME=VALUE" of each target variable, as `name`, `name->member`, `name[3]`.
  /// Other names are left out: see is_variable.
  static Literal variables(const std::vector<std::string>& names);
  static bool is_variable(std::string_view name);

  const std::string& script() const { return script_; }

 private:
  explicit Literal(std::string script) : script_(std::move(script)) {}
  std::string script_;
};

}  // namespace stapkill
