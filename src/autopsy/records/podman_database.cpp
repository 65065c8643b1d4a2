#include "autopsy/records/podman_database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <memory>

#include "autopsy/records/foreign_json.h"
#include "autopsy/records/state_times.h"
#include "model/containers.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

constexpr int kLongestValue = 1 << 20, kSteps = 10'000, kMostRounds = 300;
constexpr off_t kLargest = off_t{256} << 20;

// libpod/define/containerstate.go.
enum State { kRunning = 3, kStopped = 4, kPaused = 5, kExited = 6 };

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

/// A URI for a file that is not to be locked, and for which nothing is written (sqlite.org/uri.html).
std::string uri_of(const std::string& path) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string uri = "file:";
  for (char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      auto byte = static_cast<unsigned char>(c);
      uri += '%';
      uri += digits[byte >> 4];
      uri += digits[byte & 15];
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

/// Ends a query that a hostile schema made endless.
int count_round(void* rounds) {
  return ++*static_cast<int*>(rounds) > kMostRounds;
}

/// Nothing in a foreign file is trusted (sqlite.org/security.html).
Handle open_foreign(const std::string& path, int& rounds) {
  sqlite3* raw = nullptr;
  int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE;
  int status = sqlite3_open_v2(uri_of(path).c_str(), &raw, flags, nullptr);
  Handle handle(raw);
  if (status != SQLITE_OK) return nullptr;
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, kLongestValue);
  sqlite3_progress_handler(raw, kSteps, count_round, &rounds);
  sqlite3_exec(raw, "PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON", nullptr, nullptr, nullptr);
  return handle;
}

std::string column(sqlite3_stmt* row, int number) {
  const auto* text = sqlite3_column_text(row, number);
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, number));
  return text ? std::string(reinterpret_cast<const char*>(text), size) : std::string();
}

/// Whether all rows could be read.
bool read_rows(StateFiles& files, sqlite3* handle, const std::string& path) {
  sqlite3_stmt* raw = nullptr;
  constexpr const char* query =
      "SELECT ContainerState.ID, Name, ContainerState.JSON FROM ContainerState "
      "JOIN ContainerConfig ON ContainerConfig.ID = ContainerState.ID LIMIT 2000";
  if (sqlite3_prepare_v2(handle, query, -1, &raw, nullptr) != SQLITE_OK) return false;
  Statement rows(raw);
  int status = SQLITE_DONE;
  while (!files.full() && (status = sqlite3_step(raw)) == SQLITE_ROW) {
    auto json = foreign_json(column(raw, 2));
    if (!json) return false;
    for (auto& state : podman_states(*json, column(raw, 0), column(raw, 1))) {
      state.place = path;
      files.take(state);
    }
  }
  return status == SQLITE_DONE || status == SQLITE_ROW;
}

/// A regular file of a size that podman's has; none where it is missing.
bool is_readable(StateFiles& files, const std::string& path) {
  int error = 0;
  auto file = files.scope().files.open(path, error);
  struct stat info {};
  return file && ::fstat(file.get(), &info) == 0 && info.st_size > 0 && info.st_size <= kLargest;
}

}  // namespace

std::vector<ContainerState> podman_states(const Json& state, std::string_view id, std::string_view name) {
  constexpr Time slack = 1'000'000'000;  // the end's time is that of a file
  if (!state.is_object() || !is_container_id(id)) return {};
  ContainerState all;
  all.source = "podman";
  all.party.container = id;
  all.party.container_name = name;
  all.quote = quoted_members(state, {"state", "exitCode", "exited", "oomKilled", "startedTime", "finishedTime",
                                     "stoppedByUser", "restartCount", "error"});
  all.finished = rfc3339_time(text_of(state, "finishedTime")).value_or(0);
  auto started = rfc3339_time(text_of(state, "startedTime")).value_or(0);
  auto now = number_of(state, "state").value_or(0);
  bool ended = (now == kStopped || now == kExited) && started <= all.finished + slack;
  all.ended = all.finished != 0;
  if (!ended) {
    all.reason = "it was started again after that: the exit status of that end is not kept";
    return all.ended ? std::vector{all} : std::vector<ContainerState>();
  }
  // A 0 is left out (json:",omitempty").
  all.status = member(state, "exitCode").is_null() ? std::optional(0) : status_of(state, "exitCode");
  if (number_of(state, "exitCode") == -1) all.reason = "its exit status is not known: conmon left no exit file";
  if (truth_of(state, "oomKilled")) all.claims.push_back(oom_claim("podman"));
  if (truth_of(state, "stoppedByUser"))
    all.claims.emplace_back("StoppedByUser: podman was asked to stop it since its start");
  return {all};
}

void read_podman_database(StateFiles& files, const std::string& path) {
  if (files.full() || !is_readable(files, path)) return;
  int rounds = 0;
  auto handle = open_foreign(files.scope().files.outside(path), rounds);
  if (!handle || !read_rows(files, handle.get(), path)) files.damaged(path);
  files.seen();
}

}  // namespace stapkill
