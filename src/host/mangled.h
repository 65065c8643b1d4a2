#pragma once

#include <string>
#include <string_view>

namespace stapkill {

/// The name of a C++ function without its arguments, of its symbol: "ns::fun" of "_ZN2ns3funEi". "" for what is no such
/// symbol, and for those whose names are not spelt out (operators, templates' arguments, abbreviations). Any bytes will
/// do: nothing here grows beyond the symbol, unlike what abi::__cxa_demangle can make of a hostile one.
std::string function_of_symbol(std::string_view symbol);

}  // namespace stapkill
