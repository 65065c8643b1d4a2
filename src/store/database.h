#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace stapkill {

/// A prepared statement of a Database, which must outlive it. Parameters count from 1, columns from 0.
class Statement {
 public:
  Statement() = default;

  /// Binds a parameter for the next run; text is copied.
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind_bytes(int parameter, std::string_view bytes);
  Statement& bind_or_null(int parameter, const std::optional<std::string>& text);

  /// Runs to the next row; false where there is none, or after an error. The statement can then be run again.
  bool step();
  /// Runs to the end.
  Result<void> run();

  std::int64_t number(int column) const;
  std::string text(int column) const;  ///< NULL: ""
  bool is_bytes(int column) const;     ///< bytes, not text

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement);
  std::shared_ptr<sqlite3_stmt> statement_;
};

/// A file of SQLite 3.
class Database {
 public:
  /// `frozen`: nobody writes the file, it has no log of changes, and nothing is written beside it.
  enum class For { writing, reading, frozen };

  /// Opens a file, and makes it for writing; never through a symbolic link. Errors: what SQLite says.
  static Result<Database> open(const std::string& path, For purpose);

  Result<Statement> prepare(std::string_view sql) const;
  /// Runs statements without results.
  Result<void> execute(const std::string& sql) const;

 private:
  explicit Database(sqlite3* handle);
  std::shared_ptr<sqlite3> handle_;
};

}  // namespace stapkill
