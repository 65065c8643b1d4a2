#include "script/build_tree.h"

#include <cassert>

#include "sys/file.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

/// A larger file is a kernel's image, which no build of a module writes.
constexpr std::uintmax_t kLargestCopy = 32 << 20;

/// Puts an entry of the kernel's build tree into ours. Files that a build may write are copies, because kbuild writes
/// through links; directories and large files, which it only reads, are links.
void put(const fs::path& entry, const fs::path& place) {
  std::error_code error;
  bool copied = fs::is_regular_file(entry, error) && fs::file_size(entry, error) <= kLargestCopy;
  if (copied) {
    fs::copy_file(entry, place);
  } else {
    fs::create_symlink(entry, place);
  }
}

/// All entries of a directory except one.
void put_all(const fs::path& from, const fs::path& to, std::string_view but) {
  for (const auto& entry : fs::directory_iterator(from)) {
    if (entry.path().filename() != but) put(entry.path(), to / entry.path().filename());
  }
}

/// Since Linux 6.13 (Makefile, "KBUILD_EXTMOD_OUTPUT") a module is built in the working directory, unless that is the
/// object tree or the source tree. The Makefile of a split package names the package as the object tree; ours names
/// itself.
Result<void> name_object_tree(const fs::path& path, const KernelBuild& kernel) {
  auto makefile = fs::path(kernel.source) / "Makefile";
  if (kernel.source == kernel.build ||
      read_file(makefile).value_or("").find("KBUILD_EXTMOD_OUTPUT") == std::string::npos)
    return {};
  return write_file_atomically(path / "Makefile",
                               "KBUILD_OUTPUT := " + path.string() + "\ninclude " + makefile.string() + "\n");
}

std::string system_map(const std::vector<std::string>& symbols) {
  // stap only checks that a name is there; the kernel finds the address when the probe is registered.
  std::string text;
  for (const auto& symbol : symbols) text += "ffffffff81000000 T " + symbol + "\n";
  return text;
}

/// One header of all these trace headers: stap compiles queries for each header in this directory, and a file of the
/// module for each header that declares one of its tracepoints.
Result<void> put_trace_headers(const fs::path& events, const KernelBuild& kernel,
                               const std::vector<std::string>& headers) {
  std::string all;
  for (const auto& header : headers) {
    auto file = fs::path(kernel.source) / "include/trace/events" / (header + ".h");
    auto text = read_file(file);
    if (!text)
      return fail(phrase("the headers of kernel {} have no {}", kernel.release, file.string()), {}, "kernel.build");
    all += *text + '\n';
  }
  if (all.empty()) return {};
  return write_file_atomically(events / "stapkill.h", all);
}

Result<void> put_system_map(const fs::path& path, const KernelBuild& kernel, const std::vector<std::string>& symbols) {
  auto map = system_map(symbols);
  // The release as stap reads it from the tree: Debian's file says 6.1.192 where uname says 6.1.0-56-amd64.
  auto release = read_file(fs::path(kernel.build) / "include/config/kernel.release").value_or(kernel.release);
  release = release.substr(0, release.find_first_of("\n/"));
  for (const auto& place : {path / "System.map", path / "boot" / ("System.map-" + release)}) {
    fs::remove(place);
    if (auto wrote = write_file_atomically(place, map); !wrote) return wrote;
  }
  return {};
}

}  // namespace

std::vector<std::string> BuildTree::arguments() const {
  return {"-r", path.string(), "--sysroot=" + path.string()};
}

Result<BuildTree> make_build_tree(const fs::path& path, const KernelBuild& kernel,
                                  const std::vector<std::string>& trace_headers,
                                  const std::vector<std::string>& symbols) {
  try {
    fs::path build = kernel.build, events = path / "include/trace/events";
    assert(!fs::exists(path));
    fs::create_directories(events);
    fs::create_directories(path / "boot");
    put_all(build, path, "include");
    put_all(build / "include", path / "include", "trace");
    if (fs::exists(build / "include/trace")) put_all(build / "include/trace", path / "include/trace", "events");
    TRY(name_object_tree(path, kernel));
    TRY(put_trace_headers(events, kernel, trace_headers));
    TRY(put_system_map(path, kernel, symbols));
  } catch (const fs::filesystem_error& error) {
    return fail(phrase("cannot make a build tree: {}", error.what()));
  }
  return BuildTree{path, compiler_flags_of(kernel)};
}

std::vector<std::string> compiler_flags_of(const KernelBuild& kernel) {
  // Not in a split package: there kbuild itself gives the source tree's include/ with -I, and gcc ignores the -I of a
  // directory that is given twice (GCC manual, 3.16).
  if (kernel.source != kernel.build) return {};
  return {"-idirafter", kernel.source + "/include"};
}

}  // namespace stapkill
