#pragma once

#include <string>
#include <string_view>

namespace stapkill {

/// The name of a C++ function without its arguments, from its symbol: "ns::fun" of "_ZN2ns3funEi". "" for other
/// symbols, and for names that are not spelt out (operators, template arguments, abbreviations). Takes any bytes; the
/// result is never longer than the symbol, unlike abi::__cxa_demangle with a hostile one.
std::string function_of_symbol(std::string_view symbol);

}  // namespace stapkill
