// Links if src/base/fmt_library.cpp has what this version of {fmt} wants; CMakeLists.txt tries it.
#include <fmt/format.h>

int main(int argc, char** argv) {
  fmt::print(stderr, "{} {:.3f} {:L} {}\n", argc, 1.5 * argc, 1000 * argc, argv[0]);
  return static_cast<int>(fmt::format("{:>{}} {:x} {}", "a", argc, argc, 2.5).size());
}
