// A static libdw loads its client of debuginfod at run time, which a static program cannot: these stand in its place
// (elfutils, libdwfl/debuginfod-client.c). Nothing is fetched.
#include <cstddef>

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" {
void* dwfl_get_debuginfod_client(void*);
int __libdwfl_debuginfod_find_executable(void*, const unsigned char*, std::size_t);
int __libdwfl_debuginfod_find_debuginfo(void*, const unsigned char*, std::size_t);
void __libdwfl_debuginfod_end(void*);

void* dwfl_get_debuginfod_client(void* /*dwfl*/) {
  return nullptr;
}
int __libdwfl_debuginfod_find_executable(void* /*dwfl*/, const unsigned char* /*id*/, std::size_t /*length*/) {
  return -1;
}
int __libdwfl_debuginfod_find_debuginfo(void* /*dwfl*/, const unsigned char* /*id*/, std::size_t /*length*/) {
  return -1;
}
void __libdwfl_debuginfod_end(void* /*client*/) {}
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
