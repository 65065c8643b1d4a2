#include "host/mangled.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("a symbol gives the function's name") {
  CHECK(function_of_symbol("_Z3funi") == "fun");
  CHECK(function_of_symbol("_ZL3funv") == "fun");
  CHECK(function_of_symbol("_ZN2ns3funEi") == "ns::fun");
  CHECK(function_of_symbol("_ZNK2ns5Thing3getEv") == "ns::Thing::get");
  CHECK(function_of_symbol("_ZN2ns5ThingC2Ei") == "ns::Thing::Thing");
  CHECK(function_of_symbol("_ZN2ns5ThingD0Ev") == "ns::Thing::~Thing");
  CHECK(function_of_symbol("_ZN12_GLOBAL__N_13funEv") == "fun");
  CHECK(function_of_symbol("_ZNSt6thread4joinEv") == "std::thread::join");
}

TEST_CASE("what is no symbol of a name has none") {
  for (const char* symbol : {"", "main", "_Z", "_ZN", "_ZN2ns", "_ZN2nsplE", "_ZN2ns1AIiE1fEv", "_Z9fun", "_Z0",
                             "_ZNC1E", "_Z99999999999999999999x", "_ZN1aS_E", "_ZplRK1A"}) {
    INFO(symbol);
    CHECK(function_of_symbol(symbol).empty());
  }
}
