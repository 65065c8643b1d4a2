#include "base/ink.h"

#include <fmt/format.h>

namespace stapkill {
namespace {

/// By Ink; codes of ECMA-48, SGR.
constexpr std::string_view kCodes[] = {"1;31", "33", "32", "1", "36", "2"};

}  // namespace

std::string painted(Ink ink, std::string_view text, bool color) {
  if (!color || text.empty()) return std::string(text);
  return fmt::format("\033[{}m{}\033[0m", kCodes[static_cast<int>(ink)], text);
}

}  // namespace stapkill
