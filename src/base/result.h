#pragma once

#include <string>
#include <tl/expected.hpp>

namespace stapkill {

/// What went wrong, for a person: what happened and to what, and what to do now.
struct Error {
  std::string message;
  std::string remedy;  ///< empty where nothing can be advised
  std::string id = "error";
  bool usage = false;  ///< the command line asked for it: exit status 2 instead of 1
  std::string check;   ///< the check of doctor that goes with it; "" for none
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message, std::string remedy = {}, std::string id = "error") {
  return tl::unexpected(Error{std::move(message), std::move(remedy), std::move(id)});
}

inline tl::unexpected<Error> usage_error(std::string message, std::string remedy = {}) {
  return tl::unexpected(Error{std::move(message), std::move(remedy), "usage", true});
}

}  // namespace stapkill
