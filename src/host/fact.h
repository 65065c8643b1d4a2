#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/phrase.h"

namespace stapkill {

/// A machine's answer to one question, or why there is none: "no such file or directory", "not known".
template <typename T>
struct Fact {
  std::optional<T> value;
  Phrase why;
  explicit operator bool() const { return value.has_value(); }
  const T& operator*() const { return *value; }
  const T* operator->() const { return &*value; }
  /// It is known not to exist; false where that could not be found out.
  bool absent() const;
};

/// An installed package, from the package manager.
struct Package {
  std::string name, version, architecture;
};

struct Packages {
  std::string manager;  ///< "dpkg", "rpm", "pacman"; "files" when guessed from directories
  std::vector<Package> all;
};

struct Inode {
  char type = '-';  ///< as ls(1) shows it: - d l c b p s
  unsigned mode = 0;
  std::int64_t uid = 0, gid = 0, size = 0;
};

struct Uname {
  std::string release, version, machine;
};

/// The user that runs this: effective uid, and the names of its groups.
struct Identity {
  std::int64_t uid = 0;
  std::vector<std::string> groups;
  std::uint64_t capabilities = 0;  ///< effective, as capability bits
};

struct Ran {
  int status = 0;  ///< as waitpid(2) gives it
  std::string out, err;
};

}  // namespace stapkill
