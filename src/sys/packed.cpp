#include <algorithm>

#include "sys/unpack.h"

namespace stapkill {

using namespace std::string_view_literals;

namespace {
constexpr std::string_view kGzip = "\x1f\x8b"sv;
}

bool is_packed(std::string_view head) {
  constexpr std::string_view magics[] = {kGzip,
                                         "\xfd"
                                         "7zXZ\0"sv,
                                         "\x28\xb5\x2f\xfd"sv, "BZh"sv};
  return std::any_of(std::begin(magics), std::end(magics),
                     [&](std::string_view magic) { return head.starts_with(magic); });
}

bool is_gzip(std::string_view head) {
  return head.starts_with(kGzip);
}

}  // namespace stapkill
