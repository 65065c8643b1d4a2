#include "store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace stapkill {
namespace {

constexpr int kBusyMilliseconds = 1000;  // a reader may hold a shard for a moment

tl::unexpected<Error> failure(sqlite3* handle, const Phrase& what) {
  bool full = sqlite3_errcode(handle) == SQLITE_FULL;
  return fail(what + ": " + sqlite3_errmsg(handle), "", full ? "store.full" : "store.sqlite");
}

/// sqlite.org/uri.html. Without immutable=1 a database in WAL mode needs files beside it.
std::string frozen_uri(const std::string& path) {
  std::string uri = "file:";
  for (char byte : path) {
    bool special = byte == '%' || byte == '?' || byte == '#';
    uri += special ? fmt::format("%{:02x}", static_cast<unsigned char>(byte)) : std::string(1, byte);
  }
  return uri + "?immutable=1";
}

}  // namespace

Statement::Statement(sqlite3_stmt* statement) : statement_(statement, &sqlite3_finalize) {}

Statement& Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), parameter, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_bytes(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind_or_null(int parameter, const std::optional<std::string>& text) {
  if (text) return bind(parameter, std::string_view(*text));
  sqlite3_bind_null(statement_.get(), parameter);
  return *this;
}

bool Statement::step() {
  if (sqlite3_step(statement_.get()) == SQLITE_ROW) return true;
  sqlite3_reset(statement_.get());
  return false;
}

Result<void> Statement::run() {
  while (sqlite3_step(statement_.get()) == SQLITE_ROW) continue;
  if (sqlite3_reset(statement_.get()) != SQLITE_OK)
    return failure(sqlite3_db_handle(statement_.get()), phrase("cannot store"));
  return {};
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

bool Statement::is_bytes(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_BLOB;
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))) : "";
}

Database::Database(sqlite3* handle) : handle_(handle, &sqlite3_close) {}

Result<Database> Database::open(const std::string& path, For purpose) {
  sqlite3* handle = nullptr;
  int flags = SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  flags |= purpose == For::writing ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  if (purpose == For::frozen) flags |= SQLITE_OPEN_URI;
  auto name = purpose == For::frozen ? frozen_uri(path) : path;
  int status = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  Database database(handle);
  if (status != SQLITE_OK) return failure(handle, phrase("cannot open {}", path));
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  // A store can be damaged: nothing in it is run (sqlite.org/security.html).
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // Large sorts would write files to /var/tmp (sqlite.org/tempfiles.html).
  TRY(database.execute("PRAGMA temp_store=MEMORY"));
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  int status = sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  Statement prepared(statement);
  if (status != SQLITE_OK) return failure(handle_.get(), phrase("cannot read the store"));
  return prepared;
}

Result<void> Database::execute(const std::string& sql) const {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure(handle_.get(), phrase("cannot write the store"));
  return {};
}

}  // namespace stapkill
