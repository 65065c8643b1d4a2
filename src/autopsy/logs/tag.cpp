#include "autopsy/logs/tag.h"

#include "autopsy/logs/take.h"

namespace stapkill {

bool take_tag(std::string_view& text, Tag& tag) {
  constexpr std::size_t longest = 128;  // rsyslog keeps 512 of a tag, journald NAME_MAX
  auto end = text.substr(0, longest).find_first_of(" :[");
  if (end == std::string_view::npos || end == 0 || text[end] == ' ') return false;
  Tag found;
  found.program = found.whole = text.substr(0, end);
  auto rest = text.substr(end);
  if (take_char(rest, '[')) {
    found.bracketed = take_digits(rest, 1, 9, found.pid);
    if (!found.bracketed) {
      auto close = rest.substr(0, longest).find_first_of(" ]");  // a thread's name, or several ids
      if (close == std::string_view::npos || rest[close] == ' ') return false;
      rest.remove_prefix(close);
    }
    if (!take_char(rest, ']')) return false;
    found.whole = text.substr(0, text.size() - rest.size());
    if (!take_char(rest, ':') && !rest.starts_with(' ')) return false;
  } else {
    rest.remove_prefix(1);
    if (!rest.empty() && rest[0] != ' ') return false;  // "12:30", "a::b"
  }
  take_char(rest, ' ');
  tag = found;
  text = rest;
  return true;
}

}  // namespace stapkill
