#include "host/runtime_states.h"

#include <charconv>
#include <filesystem>

#include "base/json_member.h"
#include "sys/file.h"

namespace stapkill {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = 1 << 20;  // of a file
constexpr int kMostNamespaces = 256;
constexpr std::int64_t kMostPid = 4194304;  // PID_MAX_LIMIT, include/linux/threads.h

std::optional<RuntimeState> state(std::string runtime, std::optional<std::int64_t> pid) {
  if (!pid || *pid <= 0 || *pid > kMostPid) return std::nullopt;
  return RuntimeState{std::move(runtime), static_cast<int>(*pid)};
}

/// A runtime's JSON, with the pid in the member of that name.
std::optional<RuntimeState> from_json(std::string runtime, const fs::path& file, const char* member) {
  auto json = nlohmann::json::parse(read_file(file, kMostBytes).value_or(""), nullptr, false);
  return state(std::move(runtime), number_of(json, member));
}

/// NAMESPACE/NAME/init.pid (containerd 1.6, runtime/v2/shim: WritePidFile).
std::optional<RuntimeState> of_containerd(const std::string& root, const std::string& name) {
  std::error_code error;
  int seen = 0;
  for (fs::directory_iterator at(root + "/run/containerd/io.containerd.runtime.v2.task", error), end;
       !error && at != end && seen++ < kMostNamespaces; at.increment(error)) {
    auto text = read_file(at->path() / name / "init.pid", kMostBytes).value_or("");
    std::int64_t pid = 0;
    std::from_chars(text.data(), text.data() + text.size(), pid);
    if (auto found = state("containerd", pid)) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<RuntimeState> runtime_state(const std::string& root, const std::string& name) {
  if (auto found = of_containerd(root, name)) return found;
  // libcontainer/container.go of runc 1.1, BaseState; src/libcrun/status.c of crun 1.8
  if (auto found = from_json("runc", root + "/run/runc/" + name + "/state.json", "init_process_pid")) return found;
  return from_json("crun", root + "/run/crun/" + name + "/status", "pid");
}

}  // namespace stapkill
