#include <algorithm>

#include "autopsy/unpack.h"

namespace stapkill {

bool is_packed(std::string_view head) {
  using namespace std::string_view_literals;
  constexpr std::string_view magics[] = {"\x1f\x8b"sv,
                                         "\xfd"
                                         "7zXZ\0"sv,
                                         "\x28\xb5\x2f\xfd"sv, "BZh"sv};
  return std::any_of(std::begin(magics), std::end(magics),
                     [&](std::string_view magic) { return head.starts_with(magic); });
}

}  // namespace stapkill
