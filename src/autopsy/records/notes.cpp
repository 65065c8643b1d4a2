#include "autopsy/records/notes.h"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "host/ask.h"

namespace stapkill {

SourceNote unread_note(std::string_view source, std::string_view path, int error) {
  using State = SourceNote::State;
  auto state = error == ENOENT || error == ENOTDIR ? State::absent
               : error == EACCES || error == EPERM ? State::not_permitted
                                                   : State::broken;
  return note_of(source, path, state, state == State::broken ? reason(error) : "");
}

SourceNote note_of(std::string_view source, std::string_view path, SourceNote::State state, Phrase detail) {
  SourceNote note;
  note.state = state;
  note.source = source;
  note.path = path;
  note.detail = std::move(detail);
  return note;
}

void keep_in_scope(const Scope& scope, Finding finding, std::vector<Finding>& findings) {
  bool after = finding.time + finding.doubt >= scope.since;
  bool before = finding.time - finding.doubt <= scope.until;
  if (finding.time == 0 || (after && before)) findings.push_back(std::move(finding));
}

void settle_absent(std::vector<SourceNote>& notes) {
  auto absent = [](const SourceNote& note) { return note.state == SourceNote::State::absent; };
  bool other = !std::all_of(notes.begin(), notes.end(), absent);
  auto first = std::find_if(notes.begin(), notes.end(), absent);
  if (first == notes.end()) return;
  auto kept = other ? first : first + 1;
  notes.erase(std::remove_if(kept, notes.end(), absent), notes.end());
}

std::int64_t number_or(std::string_view digits, std::int64_t otherwise) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size() ? value : otherwise;
}

}  // namespace stapkill
