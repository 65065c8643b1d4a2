#pragma once

namespace stapkill {

inline constexpr int kStoreVersion = 1;

/// A shard's tables. Times are ns since 1970. `about` has one row: until when the recorder watched, in which boot
/// (boot_id), and whether it was stopped then. Texts of records and processes are packed (packed_text.h).
inline constexpr char kTables[] =
    "CREATE TABLE IF NOT EXISTS about(version INTEGER, watched INTEGER, boot TEXT, stopped INTEGER);"
    "CREATE TABLE IF NOT EXISTS process(id INTEGER PRIMARY KEY, text BLOB);"
    "CREATE TABLE IF NOT EXISTS death(time INTEGER, pid INTEGER, start INTEGER, comm TEXT, exe TEXT, cmdline TEXT,"
    " uid INTEGER, unit TEXT, container TEXT, name TEXT, pod TEXT, cause TEXT, signal INTEGER, initiator TEXT,"
    " record BLOB);"
    "CREATE TABLE IF NOT EXISTS blind(since INTEGER, until INTEGER, why INTEGER, count INTEGER);";

inline constexpr char kIndexes[] =
    "CREATE INDEX IF NOT EXISTS death_time ON death(time);"
    "CREATE INDEX IF NOT EXISTS death_pid ON death(pid);"
    "CREATE INDEX IF NOT EXISTS death_comm ON death(comm, time);"
    "CREATE INDEX IF NOT EXISTS death_unit ON death(unit, time) WHERE unit IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS death_container ON death(container, time) WHERE container IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS death_name ON death(name, time) WHERE name IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS death_pod ON death(pod, time) WHERE pod IS NOT NULL;";

}  // namespace stapkill
