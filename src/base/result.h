#pragma once

#include <string>
#include <tl/expected.hpp>

#include "base/phrase.h"

namespace stapkill {

/// The kinds of failure that a caller handles differently.
enum class ErrorKind {
  failed,
  usage,        ///< the command line is wrong: exit status 2 instead of 1
  interrupted,  ///< the user did not want to wait
  timed_out,
  not_found,
};

/// What failed and why, and what to do now; for a person.
struct Error {
  Phrase message;
  Phrase remedy;  ///< empty where nothing can be advised
  std::string id = "error";
  ErrorKind kind = ErrorKind::failed;
  std::string check;  ///< the check of doctor that goes with it; "" for none
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Phrase message, Phrase remedy = {}, std::string id = "error",
                                  ErrorKind kind = ErrorKind::failed) {
  return tl::unexpected(Error{std::move(message), std::move(remedy), std::move(id), kind});
}

inline tl::unexpected<Error> usage_error(Phrase message, Phrase remedy = {}) {
  return tl::unexpected(Error{std::move(message), std::move(remedy), "usage", ErrorKind::usage});
}

/// Returns the error of `result`, if it is one, from the enclosing function. Not before an else.
#define TRY(result) \
  if (auto tried = (result); !tried) return tl::unexpected(std::move(tried).error())

/// The same; else assigns its value to `target`, which may declare a variable. Expands to several statements: not for
/// an if or a loop without braces.
#define TRY_ASSIGN(target, result) TRY_ASSIGN_TO(TRY_NAME(tried_, __LINE__), target, result)
// NOLINTBEGIN(bugprone-macro-parentheses): `tried` is a name, and `target` can be a declaration.
#define TRY_ASSIGN_TO(tried, target, result)                   \
  auto tried = (result);                                       \
  if (!tried) return tl::unexpected(std::move(tried).error()); \
  target = std::move(*tried)
// NOLINTEND(bugprone-macro-parentheses)
#define TRY_NAME(name, line) TRY_JOINED(name, line)
#define TRY_JOINED(name, line) name##line

}  // namespace stapkill
