// Only for Catch2 2, which leaves main() to its users.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
