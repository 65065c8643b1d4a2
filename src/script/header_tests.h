#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/facts.h"
#include "host/systemtap.h"

namespace stapkill {

/// Before it compiles the first module for a kernel, stap compiles about a hundred small tests of the kernel's headers
/// (runtime/linux/autoconf-*.c), each from nothing. stap's arguments with which they share a precompiled header and are
/// compiled in groups: the same answers in less than a quarter of the CPU time. None where stap does not say how it
/// compiles them as the known versions do (buildrun.cxx, "CHECK_BUILD", 4.4 to 5.6), or where less than 512 MiB are
/// free. Writes a script below `directory`, which is made private; the header is compiled in $TMPDIR.
Result<std::vector<std::string>> header_test_arguments(Facts& facts, const SystemTap& systemtap,
                                                       const std::filesystem::path& directory);

}  // namespace stapkill
