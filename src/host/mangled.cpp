#include "host/mangled.h"

#include <algorithm>

namespace stapkill {
namespace {

constexpr std::string_view kPrefix = "_Z";
constexpr std::string_view kAnonymous = "_GLOBAL__N_";  // a namespace without a name

/// A <source-name> of the Itanium C++ ABI: its length, then the name. "" where there is none.
std::string_view take_name(std::string_view& rest) {
  std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size()), length = 0;
  if (digits == 0 || digits > 4) return {};
  for (char digit : rest.substr(0, digits)) length = length * 10 + static_cast<std::size_t>(digit - '0');
  if (length == 0 || length > rest.size() - digits) return {};
  auto name = rest.substr(digits, length);
  rest.remove_prefix(digits + length);
  return name;
}

/// A constructor's or destructor's name, "C1" to "C5" and "D0" to "D5", of a class; "" where there is none.
std::string take_structor(std::string_view& rest, const std::string& of) {
  if (of.empty() || rest.size() < 2 || (rest[0] != 'C' && rest[0] != 'D') || rest[1] < '0' || rest[1] > '5') return {};
  bool destructor = rest[0] == 'D';
  rest.remove_prefix(2);
  return (destructor ? "~" : "") + of;
}

void add(std::string& name, std::string_view part) {
  if (part.starts_with(kAnonymous)) return;
  if (!name.empty()) name += "::";
  name += part;
}

/// <nested-name>, after its N.
std::string nested_name(std::string_view rest) {
  std::string name;
  rest.remove_prefix(std::min(rest.find_first_not_of("rVKRO"), rest.size()));
  if (rest.starts_with("St")) {
    rest.remove_prefix(2);
    name = "std";
  }
  std::string last;
  while (!rest.starts_with('E')) {
    std::string part(take_name(rest));
    if (part.empty()) part = take_structor(rest, last);
    if (part.empty()) return {};
    add(name, part);
    last = std::move(part);
  }
  return name;
}

}  // namespace

std::string function_of_symbol(std::string_view symbol) {
  if (!symbol.starts_with(kPrefix)) return {};
  symbol.remove_prefix(kPrefix.size());
  if (symbol.starts_with('N')) return nested_name(symbol.substr(1));
  // Of a static function.
  if (symbol.starts_with('L')) symbol.remove_prefix(1);
  return std::string(take_name(symbol));
}

}  // namespace stapkill
