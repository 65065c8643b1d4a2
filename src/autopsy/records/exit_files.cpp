#include "autopsy/records/exit_files.h"

#include <charconv>

namespace stapkill {

std::optional<int> parse_exit_file(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  int status = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && status >= 0 && status <= 255 ? std::optional(status) : std::nullopt;
}

std::optional<ContainerState> exit_file_state(StateFiles& files, const std::string& path, const std::string& id) {
  constexpr std::size_t most = 16;
  auto text = files.text(path);
  if (!text) return std::nullopt;
  ContainerState state;
  state.source = files.source();
  state.party.container = id;
  state.status = parse_exit_file(*text);
  state.finished = files.written(path);
  state.doubt = 1'000'000'000;
  state.ended = true;
  state.place = path;
  state.quote = text->substr(0, most);
  if (state.status) return state;
  if (*text != "-1") files.damaged(path);
  return std::nullopt;
}

}  // namespace stapkill
