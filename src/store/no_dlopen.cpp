// SQLite can load extensions, which a static program cannot: the linker (--wrap=dlopen) puts this in dlopen's place,
// whose use it refuses. Nothing is loaded (sqlite3.c, os_unix.c, unixDlOpen).
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" {
void* __wrap_dlopen(const char* file, int mode);

void* __wrap_dlopen(const char* /*file*/, int /*mode*/) {
  return nullptr;
}
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
