#include "backend/stap/leftovers.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "sys/child.h"
#include "sys/file.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

/// Names of watch modules begin with this (kWatchModule in plan.h, its end replaced by staprun's pid).
constexpr std::string_view kPrefix = "stapkill_";

std::vector<std::string> loaded_modules() {
  std::vector<std::string> names;
  auto text = read_file("/proc/modules").value_or("");
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    std::string name = text.substr(at, text.find(' ', at) - at);
    if (name.starts_with(kPrefix)) names.push_back(std::move(name));
    at = end + 1;
  }
  return names;
}

void remove_old_builds() {
  std::error_code error;
  auto now = fs::file_time_type::clock::now();
  for (const auto& entry : fs::directory_iterator(cache_directory(), error)) {
    if (entry.path().filename().string().rfind("build.", 0) != 0 || entry.is_symlink()) continue;
    // No compilation takes an hour; a directory with "command" in it was kept by --keep.
    if (fs::exists(entry.path() / "command") || now - entry.last_write_time(error) < std::chrono::hours(1)) continue;
    fs::remove_all(entry.path(), error);
  }
}

}  // namespace

std::string module_of(int staprun_pid) {
  for (const auto& name : loaded_modules()) {
    if (name.ends_with('_' + std::to_string(staprun_pid))) return name;
  }
  return {};
}

bool module_loaded(const std::string& name) {
  auto names = loaded_modules();
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool unload_module(const std::string& staprun, const std::string& name) {
  auto ended = run_child({.argv = {staprun, "-d", name}, .environment = {{"LC_ALL", "C"}}}, 10);
  return ended && !module_loaded(name);
}

std::vector<std::string> remove_leftovers(const std::string& staprun) {
  std::vector<std::string> removed;
  for (const auto& name : loaded_modules()) {
    auto pid = name.substr(name.rfind('_') + 1);
    std::error_code error;
    if (pid.empty() || fs::exists("/proc/" + pid, error)) continue;
    if (unload_module(staprun, name)) removed.push_back(name);
  }
  remove_old_builds();
  return removed;
}

}  // namespace stapkill
