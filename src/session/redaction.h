#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace stapkill {

/// Takes secrets out of command lines before they are stored: values of options and variables with well-known names,
/// and what the user's own expressions match, become "[redacted]".
class Redaction {
 public:
  /// `own`: expressions in RE2's syntax, of which all that matches goes. Errors: a wrong one.
  static Result<Redaction> make(const std::vector<std::string>& own, bool well_known);

  /// A record of stapkill-stream(5), with secrets in its arguments, and where its texts repeat them, replaced.
  std::string in_record(const std::string& record) const;

  /// The arguments of a program, with secrets in them replaced.
  void in_arguments(std::vector<std::string>& words) const;

 private:
  struct Rules;
  explicit Redaction(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}
  std::shared_ptr<const Rules> rules_;
};

}  // namespace stapkill
