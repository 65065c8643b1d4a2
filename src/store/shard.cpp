#include "store/shard.h"

#include <algorithm>
#include <random>
#include <unordered_map>
#include <utility>

#include "store/database.h"
#include "store/packed_text.h"
#include "store/record_text.h"
#include "store/schema.h"

namespace stapkill {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostKnown = 256;
constexpr std::uint64_t kPage = 4096, kFewestPages = 16, kMostPages = 256;
constexpr std::uint64_t kWalPart = 8;  // of a full shard, before SQLite copies its log into the database

/// A number for a process's text: short, because records repeat it (FNV-1a, folded; two texts may have the same). The
/// seed is secret: nobody can choose arguments that all have one number.
std::int64_t number_for(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325 ^ seed;
  for (unsigned char byte : text) hash = (hash ^ byte) * 0x100000001b3;
  return static_cast<std::int64_t>((hash ^ hash >> 32) & 0xffffffff);
}

}  // namespace

struct Shard::State {
  fs::path path;
  Database database;
  Statement add_process, find_process, add_death, add_blind, set_watched;
  std::optional<Error> failure;
  std::uint64_t seed = std::random_device()();
  std::unordered_map<std::string, std::int64_t> numbers;  ///< of processes that are stored: deaths have common parents

  State(fs::path its_path, Database its_database) : path(std::move(its_path)), database(std::move(its_database)) {}

  void keep(const Result<void>& result) {
    if (!result && !failure) failure = result.error();
  }

  /// The number of a process, which is stored once. Another's text under that number is left alone.
  std::int64_t number_of(const std::string& process) {
    auto known = numbers.find(process);
    if (known != numbers.end()) return known->second;
    if (numbers.size() >= kMostKnown) numbers.clear();
    return numbers[process] = store(packed(process));
  }

  std::int64_t store(const std::string& text) {
    for (auto number = number_for(text, seed);; ++number) {
      find_process.bind(1, number);
      bool taken = find_process.step();
      bool same = taken && find_process.text(0) == text;
      (void)find_process.run();
      if (!taken) keep(add_process.bind(1, number).bind_bytes(2, text).run());
      if (!taken || same || failure) return number;
    }
  }
};

namespace {

Result<void> make_tables(const fs::path& path, Tier tier) {
  TRY_ASSIGN(auto database, Database::open(path.string(), Database::For::writing));
  TRY(database.execute(kTables));
  if (rules_of(tier).indexed) TRY(database.execute(kIndexes));
  return database.execute("INSERT INTO about VALUES(" + std::to_string(kStoreVersion) + ", 0, '', 0)");
}

/// A reader finds no file without its tables.
Result<void> make(const fs::path& path, Tier tier) {
  auto other = path.string() + ".new";
  std::error_code error;
  fs::remove(other, error);  // of a recorder that was killed here
  auto made = make_tables(other, tier);
  if (made) fs::rename(other, path, error);
  if (!made || error) fs::remove(other, error);
  return made;
}

Result<void> check_version(const Database& database, const fs::path& path) {
  TRY_ASSIGN(auto about, database.prepare("SELECT version FROM about"));
  if (!about.step()) return fail(phrase("{} has no version", path.string()));
  if (about.number(0) <= kStoreVersion) return {};
  return fail(phrase("{} is of a newer stapkill", path.string()),
              phrase("use that one, or name another directory with --store"), "store.version");
}

}  // namespace

Shard::Shard(std::unique_ptr<State> state) : state_(std::move(state)) {}
Shard::~Shard() = default;

Result<std::unique_ptr<Shard>> Shard::open(const fs::path& path, Tier tier, std::uint64_t bytes) {
  std::error_code unknown;
  if (!fs::exists(fs::symlink_status(path, unknown))) TRY(make(path, tier));
  TRY_ASSIGN(auto opened, Database::open(path.string(), Database::For::writing));
  auto state = std::make_unique<State>(path, std::move(opened));
  const auto& database = state->database;
  auto pages = std::clamp(bytes / kWalPart / kPage, kFewestPages, kMostPages);
  // WAL: a reader never waits, and after a crash or a power cut the last commit is whole.
  TRY(
      database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-512;"
                       "PRAGMA journal_size_limit=0; PRAGMA wal_autocheckpoint=" +
                       std::to_string(pages)));
  TRY(check_version(database, path));
  TRY_ASSIGN(state->add_process, database.prepare("INSERT INTO process VALUES(?1, ?2)"));
  TRY_ASSIGN(state->find_process, database.prepare("SELECT text FROM process WHERE id = ?1"));
  TRY_ASSIGN(state->add_death,
             database.prepare("INSERT INTO death VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)"));
  TRY_ASSIGN(state->add_blind, database.prepare("INSERT INTO blind VALUES(?1,?2,?3,?4)"));
  TRY_ASSIGN(state->set_watched, database.prepare("UPDATE about SET watched = ?1, boot = ?2, stopped = ?3"));
  return std::unique_ptr<Shard>(new Shard(std::move(state)));
}

const fs::path& Shard::path() const {
  return state_->path;
}

Result<void> Shard::commit(const std::function<void(Shard&)>& add) {
  auto& state = *state_;
  state.failure.reset();
  TRY(state.database.execute("BEGIN"));
  add(*this);
  if (!state.failure) state.keep(state.database.execute("COMMIT"));
  if (!state.failure) return {};
  (void)state.database.execute("ROLLBACK");
  state.numbers.clear();
  return tl::unexpected(*state.failure);
}

void Shard::put(const StoredDeath& death) {
  auto& state = *state_;
  if (state.failure) return;
  auto record = death.record;
  if (death.tier != Tier::brief)
    record = packed(without_processes(record, [&](const std::string& text) { return state.number_of(text); }));
  std::optional<std::string> uid;
  if (death.uid) uid = std::to_string(*death.uid);
  state.keep(state.add_death.bind(1, death.time)
                 .bind(2, std::int64_t{death.pid})
                 .bind(3, death.start)
                 .bind(4, std::string_view(death.comm))
                 .bind_or_null(5, death.exe)
                 .bind_or_null(6, death.cmdline)
                 .bind_or_null(7, uid)
                 .bind_or_null(8, death.unit)
                 .bind_or_null(9, death.container)
                 .bind_or_null(10, death.name)
                 .bind_or_null(11, death.pod)
                 .bind(12, std::string_view(death.cause))
                 .bind(13, std::int64_t{death.signal})
                 .bind(14, std::string_view(death.initiator))
                 .bind_bytes(15, record)
                 .run());
}

void Shard::put(const BlindInterval& blind) {
  state_->keep(state_->add_blind.bind(1, blind.since)
                   .bind(2, blind.until)
                   .bind(3, static_cast<std::int64_t>(blind.why))
                   .bind(4, static_cast<std::int64_t>(blind.count))
                   .run());
}

void Shard::put(const Watched& watched) {
  state_->keep(state_->set_watched.bind(1, watched.until)
                   .bind(2, std::string_view(watched.boot))
                   .bind(3, std::int64_t{watched.stopped})
                   .run());
}

std::optional<Watched> watched_in(const fs::path& shard) {
  auto database = Database::open(shard.string(), Database::For::reading);
  auto about = database ? database->prepare("SELECT watched, boot, stopped FROM about")
                        : Result<Statement>(tl::unexpected(database.error()));
  if (!about || !about->step() || about->number(0) == 0) return std::nullopt;
  return Watched{about->number(0), about->text(1), about->number(2) != 0};
}

BlindInterval deaths_in(const fs::path& shard) {
  BlindInterval interval;
  interval.why = BlindInterval::Why::dropped;
  auto database = Database::open(shard.string(), Database::For::reading);
  auto row = database ? database->prepare("SELECT count(*), min(time), max(time) FROM death")
                      : Result<Statement>(tl::unexpected(database.error()));
  if (!row || !row->step()) return interval;
  interval.count = static_cast<std::uint64_t>(row->number(0));
  interval.since = row->number(1);
  interval.until = row->number(2);
  return interval;
}

}  // namespace stapkill
