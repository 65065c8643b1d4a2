#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace stapkill {

/// The users of a machine, from /etc/passwd or a recording.
class Users {
 public:
  /// Those of this machine's /etc/passwd, read now. Never asks a directory service for a name: if it did not answer,
  /// the event loop would stop, and it may be the very service that is watched.
  static Users of_this_machine();
  /// Those of another machine; nothing else is asked.
  explicit Users(std::map<std::int64_t, std::string> names) : names_(std::move(names)) {}

  /// A user's name; none when it is not known.
  std::optional<std::string> name(std::int64_t uid) const;
  /// A user's id by name or number. On this machine, asks directory services for a name that /etc/passwd lacks:
  /// getent(1), for at most 3 s.
  Result<std::int64_t> id(const std::string& word) const;
  /// All names, sorted.
  std::vector<std::string> names() const;

 private:
  std::map<std::int64_t, std::string> names_;
  bool has_services_ = false;  ///< getent(1) can be asked
};

}  // namespace stapkill
