#include "model/process.h"

namespace stapkill {

std::string terminal_name(std::string_view tty) {
  constexpr std::string_view pts = "pts";
  bool is_pts = tty.starts_with(pts) && tty.find_first_not_of("0123456789", pts.size()) == std::string_view::npos;
  return is_pts && tty.size() > pts.size() ? "pts/" + std::string(tty.substr(pts.size())) : std::string(tty);
}

}  // namespace stapkill
