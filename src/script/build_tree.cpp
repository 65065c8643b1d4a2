#include "script/build_tree.h"

#include "sys/file.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

/// Links to everything in a directory but one entry of it.
void link_all(const fs::path& from, const fs::path& to, std::string_view but) {
  for (const auto& entry : fs::directory_iterator(from)) {
    if (entry.path().filename() != but) fs::create_symlink(entry.path(), to / entry.path().filename());
  }
}

std::string system_map(const std::vector<std::string>& symbols) {
  // stap asks only whether a name is there; the kernel finds the address when the probe is registered.
  std::string text;
  for (const auto& symbol : symbols) text += "ffffffff81000000 T " + symbol + "\n";
  return text;
}

/// Whether a place lies in the tree itself, not behind one of its links.
bool is_own(const fs::path& tree, const fs::path& below) {
  auto place = tree;
  for (const auto& part : below) {
    place /= part;
    if (fs::is_symlink(fs::symlink_status(place))) return false;
  }
  return true;
}

/// stap canonicalizes paths: the copy lies where the file itself does, too.
Result<void> copy_program(const fs::path& program, const fs::path& tree) {
  std::error_code error;
  auto real = fs::canonical(program, error);
  if (error || !fs::is_regular_file(real, error)) return fail("there is no program " + program.string());
  for (const auto& place : {program.lexically_normal().relative_path(), real.relative_path()}) {
    if (!is_own(tree, place))
      return fail("cannot probe " + program.string() + ": the kernel's build tree has that name too",
                  "copy the program to another place, and run it from there");
    fs::create_directories((tree / place).parent_path());
    fs::copy_file(real, tree / place, fs::copy_options::skip_existing);
  }
  return {};
}

}  // namespace

std::vector<std::string> BuildTree::arguments() const {
  return {"-r", path.string(), "--sysroot=" + path.string()};
}

Result<BuildTree> make_build_tree(const fs::path& path, const KernelBuild& kernel,
                                  const std::vector<std::string>& trace_headers,
                                  const std::vector<std::string>& symbols, const std::vector<std::string>& programs) {
  try {
    fs::path events = path / "include/trace/events", source = kernel.source;
    fs::create_directories(events);
    fs::create_directories(path / "boot");
    link_all(kernel.build, path, "include");
    link_all(fs::path(kernel.build) / "include", path / "include", "trace");
    for (const auto& header : trace_headers) {
      auto file = source / "include/trace/events" / (header + ".h");
      if (!fs::exists(file)) {
        return fail("the headers of kernel " + kernel.release + " have no " + file.string(), {}, "kernel.build");
      }
      fs::create_symlink(file, events / (header + ".h"));
    }
    for (const auto& program : programs) {
      if (auto copied = copy_program(program, path); !copied) return tl::unexpected(copied.error());
    }
    auto map = system_map(symbols);
    // The release as stap reads it from the tree: Debian's file says 6.1.192 where uname says 6.1.0-56-amd64.
    auto told = read_file(fs::path(kernel.build) / "include/config/kernel.release").value_or(kernel.release);
    told = told.substr(0, told.find_first_of("\n/"));
    for (const auto& place : {path / "System.map", path / "boot" / ("System.map-" + told)}) {
      fs::remove(place);
      if (auto wrote = write_file_atomically(place, map); !wrote) return tl::unexpected(wrote.error());
    }
  } catch (const fs::filesystem_error& error) {
    return fail(std::string("cannot make a build tree: ") + error.what());
  }
  return BuildTree{path};
}

}  // namespace stapkill
