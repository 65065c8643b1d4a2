#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "autopsy/records/notes.h"
#include "autopsy/records/package_logs.h"
#include "autopsy/records/read_records.h"
#include "autopsy/records/wtmp.h"

namespace stapkill {
namespace {

using State = SourceNote::State;

constexpr std::string_view kSource = "wtmp";
constexpr std::int64_t kMostRecords = 20'000;  // the newest

template <typename Keep>
void take_records(std::string_view bytes, UtmpForm form, const std::string& name, std::int64_t number,
                  const Keep& keep) {
  auto size = static_cast<std::size_t>(form);
  for (; bytes.size() >= size; bytes.remove_prefix(size), ++number) {
    if (auto finding = utmp_finding(bytes.substr(0, size), form, fmt::format("{}, record {}", name, number)))
      keep(std::move(*finding));
  }
}

std::string read_at(int file, std::int64_t at, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    auto got = ::pread(file, bytes.data() + have, size - have, at + static_cast<std::int64_t>(have));
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

void read_wtmp(const Scope& scope, const std::string& path, Reading& reading) {
  int error = 0;
  struct stat info {};
  auto file = scope.files.open(path, error);
  if (!file || ::fstat(file.get(), &info) != 0) return reading.notes.push_back(unread_note(kSource, path, error));
  if (info.st_size == 0) return reading.notes.push_back(note_of(kSource, path, State::read, "empty"));
  auto form = utmp_form(read_at(file.get(), 0, 8 * static_cast<std::size_t>(UtmpForm::wide)));
  if (!form) return reading.notes.push_back(note_of(kSource, path, State::broken, phrase("no records of wtmp")));
  auto size = static_cast<std::int64_t>(*form);
  auto first = std::max<std::int64_t>(0, info.st_size / size - kMostRecords);
  auto bytes = read_at(file.get(), first * size,
                       static_cast<std::size_t>(std::min(info.st_size - first * size, kMostRecords * size)));
  take_records(bytes, *form, path, first,
               [&](Finding finding) { keep_in_scope(scope, std::move(finding), reading.findings); });
  reading.notes.push_back(
      note_of(kSource, path, first ? State::cut : State::read, first ? phrase("the newest records") : Phrase()));
}

}  // namespace

Reading read_sessions(const Scope& scope) {
  Reading reading;
  for (const char* path : {"/var/log/wtmp.1", "/var/log/wtmp"}) read_wtmp(scope, path, reading);
  int error = 0;
  if (scope.files.open("/var/lib/wtmpdb/wtmp.db", error))
    reading.notes.push_back(note_of(kSource, "/var/lib/wtmpdb/wtmp.db", State::broken,
                                    phrase("logins are in a database of wtmpdb, which is not read: `wtmpdb last` shows "
                                           "them")));
  settle_absent(reading.notes);
  read_package_logs(scope, reading);
  return reading;
}

Reading read_wtmp_file(std::string_view bytes, const std::string& name) {
  Reading reading;
  auto form = utmp_form(bytes);
  reading.notes.push_back(
      note_of(kSource, name, form ? State::read : State::broken, form ? Phrase() : phrase("no records of wtmp")));
  if (form)
    take_records(bytes, *form, name, 0, [&](Finding finding) { reading.findings.push_back(std::move(finding)); });
  return reading;
}

bool looks_like_wtmp(std::string_view head) {
  return utmp_form(head).has_value();
}

}  // namespace stapkill
