#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace stapkill {

/// The users of a machine, by /etc/passwd or by a recording.
class Users {
 public:
  /// Those of this machine's /etc/passwd, read now. Never asks a directory service for a name: one that does not answer
  /// would stop the event loop, and it may be the very service that is being watched.
  static Users of_this_machine();
  /// Those of another machine, and no more.
  explicit Users(const std::map<std::int64_t, std::string>& names) : names_(names) {}

  /// A user's name; none when it has none there.
  std::optional<std::string> name(std::int64_t uid) const;
  /// A user's id by name or number. Of this machine, asks directory services where /etc/passwd has none of that name:
  /// getent(1), for 3 s at most.
  Result<std::int64_t> id(const std::string& word) const;
  /// All names, sorted.
  std::vector<std::string> names() const;

 private:
  std::map<std::int64_t, std::string> names_;
  bool has_services_ = false;  ///< getent(1) can be asked
};

}  // namespace stapkill
