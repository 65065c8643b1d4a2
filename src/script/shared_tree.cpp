#include "script/shared_tree.h"

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <set>

#include "host/kernel.h"
#include "host/kernel_symbols.h"
#include "script/build_tree.h"
#include "script/tapset_repairs.h"
#include "script/trace_points.h"
#include "sys/file.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

constexpr const char* kFolder = "trees";
constexpr const char* kLock = "trees.lock";
constexpr const char* kDone = "done";
constexpr const char* kForm = "1";     // version of the trees' layout
constexpr std::size_t kMostTrees = 8;  // of kernels and SystemTaps
constexpr std::size_t kLargestMap = 64 << 20;

fs::path place_of(const fs::path& cache, const SystemTap& systemtap, const KernelBuild& kernel) {
  std::string text = kForm;
  for (const auto& part : {systemtap.stap, systemtap.stamp, kernel.release, kernel.build, kernel.source, kernel.stamp})
    text += '\n' + part;
  boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
  return cache / kFolder / boost::uuids::to_string(generate(text));
}

/// Removes the oldest trees, of other kernels and SystemTaps; the one in use is the newest.
void prune(const fs::path& trees, const fs::path& used) {
  std::error_code error;
  fs::last_write_time(used, fs::file_time_type::clock::now(), error);
  std::vector<std::pair<fs::file_time_type, fs::path>> all;
  for (fs::directory_iterator at(trees, error), end; !error && at != end; at.increment(error))
    all.emplace_back(at->last_write_time(error), at->path());
  std::sort(all.rbegin(), all.rend());
  for (std::size_t i = kMostTrees; i < all.size(); ++i) fs::remove_all(all[i].second, error);
}

/// Adds these functions to the System.map. stap only checks that a name is there.
Result<void> add_symbols(const fs::path& map, const KernelBuild& kernel, const std::vector<std::string>& symbols) {
  auto old = read_file(map, kLargestMap);
  auto known = old ? functions_of_system_map(*old) : kernel_function_names(kernel);
  std::set<std::string> names(known.begin(), known.end());
  auto before = names.size();
  names.insert(symbols.begin(), symbols.end());
  if (old && names.size() == before) return {};
  std::string text;
  for (const auto& name : names) text += "ffffffff81000000 T " + name + '\n';
  return write_file_atomically(map, text);
}

/// Writes the release as uname(2) has it: stap looks for debuginfo and modules by the tree's release, and Debian's tree
/// says 6.1.192 where uname says 6.1.0-56-amd64.
Result<void> name_release(const fs::path& build, const KernelBuild& kernel) {
  auto config = build / "include/config", own = fs::path(kernel.build) / "include/config";
  fs::remove_all(config);
  fs::create_directories(config);
  for (const auto& entry : fs::directory_iterator(own)) {
    // One empty file for each option, whose time kbuild compares; nothing changes them.
    bool empty = entry.is_regular_file() && entry.file_size() == 0;
    if (!empty && entry.is_regular_file() && entry.path().filename() != "kernel.release")
      fs::copy_file(entry.path(), config / entry.path().filename());
  }
  return write_file_atomically(config / "kernel.release", kernel.release + "\n");
}

/// Links to kernel and modules with their symbols and debuginfo, where elfutils looks for them in a build tree that is
/// given by its path (setupdwfl.cxx, elfutils_kernel_path).
void link_images(const fs::path& build, const KernelBuild& kernel) {
  std::error_code error;
  auto image = build / "vmlinux", modules = build / "installed-modules";
  auto there = [&](const fs::path& link) { return fs::is_symlink(fs::symlink_status(link, error)); };
  for (const auto& file : debuginfo_paths(kernel.release)) {
    if (!there(image) && !fs::exists(image, error) && fs::is_regular_file(file, error)) fs::create_symlink(file, image);
  }
  fs::path own = "/lib/modules/" + kernel.release;
  for (const char* name : {"kernel", "extra", "updates", "weak-updates"}) {
    if (there(modules / name) || !fs::is_directory(own / name, error)) continue;
    fs::create_directory(modules, error);
    fs::create_symlink(own / name, modules / name);
  }
}

/// A complete tree except for the trace headers.
Result<void> make_tree(const fs::path& build, const KernelBuild& kernel) {
  fs::remove_all(build);
  TRY(make_build_tree(build, kernel, {}, {}));
  if (auto named = name_release(build, kernel); !named) return named;
  // Outside the tree: when the tree's directory changes, stap drops everything that it cached for it.
  fs::remove(build / "System.map");
  fs::create_symlink("../boot/System.map-" + kernel.release, build / "System.map");
  return {};
}

Result<void> add_headers(const fs::path& build, const KernelBuild& kernel, const std::vector<std::string>& headers) {
  auto own = fs::path(kernel.source) / "include/trace/events";
  for (const auto& header : headers) {
    auto place = build / "include/trace/events" / (header + ".h"), file = own / (header + ".h");
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(place, error))) continue;
    if (!fs::exists(file, error))
      return fail(phrase("the headers of kernel {} have no {}", kernel.release, file.string()), {}, "kernel.build");
    fs::create_symlink(file, place);
  }
  return {};
}

}  // namespace

fs::path tapset_of(const SystemTap& systemtap) {
  return fs::path(systemtap.runtime).parent_path() / "tapset";
}

Result<SharedTree> shared_tree(const fs::path& cache, const SystemTap& systemtap, const KernelBuild& kernel,
                               const std::optional<std::vector<std::string>>& trace_headers,
                               const std::vector<std::string>& symbols) {
  auto root = place_of(cache, systemtap, kernel), tapset = root / "tapset";
  for (const auto& place : {cache / kFolder, root}) {
    TRY(make_private_directory(place));
  }
  TRY_ASSIGN(auto alone, FileLock::take(cache / kLock));
  try {
    SharedTree tree;
    tree.build = root / (trace_headers ? "some" : "all");
    auto done = root / (std::string(trace_headers ? "some." : "all.") + kDone);
    // Debian's SystemTap 5 looks below /usr/lib/debug/boot and /boot, and no longer in the build tree.
    tree.boot = root / "boot";
    fs::create_directories(tree.boot);
    TRY(add_symbols(tree.boot / ("System.map-" + kernel.release), kernel, symbols));
    if (!fs::exists(done)) {
      TRY(make_tree(tree.build, kernel));
      fs::remove_all(tapset);
      TRY(mend_tapset(tapset_of(systemtap), tapset));
      TRY(write_file_atomically(done, ""));
    }
    link_images(tree.build, kernel);
    auto headers = trace_headers.value_or(all_trace_headers(fs::path(kernel.source) / "include/trace/events"));
    TRY(add_headers(tree.build, kernel, headers));
    if (fs::exists(tapset)) tree.tapset = tapset;
    tree.compiler_flags = compiler_flags_of(kernel);
    prune(cache / kFolder, root);
    return tree;
  } catch (const fs::filesystem_error& error) {
    return fail(phrase("cannot make a build tree: {}", error.what()));
  }
}

}  // namespace stapkill
