#include "model/circumstances.h"

#include <algorithm>

namespace stapkill {

bool Circumstances::in(std::initializer_list<std::string_view> functions) const {
  return std::any_of(stack.begin(), stack.end(), [&](const std::string& name) {
    return std::find(functions.begin(), functions.end(), name) != functions.end();
  });
}

std::vector<std::string> stack_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    auto comma = text.find(',');
    auto name = text.substr(0, comma);
    name = name.substr(0, name.find_first_of(". ["));
    if (!name.empty() && !name.starts_with("0x")) names.emplace_back(name);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return names;
}

}  // namespace stapkill
