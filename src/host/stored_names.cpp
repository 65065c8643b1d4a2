#include "host/stored_names.h"

#include <charconv>
#include <filesystem>
#include <functional>

#include "base/json_member.h"
#include "model/containers.h"
#include "sys/file.h"

namespace stapkill {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Names = std::vector<StoredName>;

constexpr std::size_t kMostEntries = 4096;   // of a directory, or a list
constexpr std::size_t kMostBytes = 4 << 20;  // of a file

void for_each_entry(const fs::path& directory, const std::function<void(const fs::path&)>& visit) {
  std::error_code error;
  std::size_t seen = 0;
  for (fs::directory_iterator at(directory, error), end; !error && at != end && seen++ < kMostEntries;
       at.increment(error))
    visit(at->path());
}

Json read_json(const fs::path& path) {
  return Json::parse(read_file(path, kMostBytes).value_or(""), nullptr, false);
}

/// dockerd's data: /var/lib/docker, unless daemon.json names another place (dockerd(8), data-root).
fs::path data_of_docker(const std::string& root) {
  auto named = text_of(read_json(root + "/etc/docker/daemon.json"), "data-root");
  return root + (named.starts_with('/') ? named : "/var/lib/docker");
}

/// containers/ID/config.v2.json (moby 20.10, container/container.go, toDisk): its name begins with '/'.
void add_docker(const std::string& root, Names& names) {
  for_each_entry(data_of_docker(root) / "containers", [&](const fs::path& directory) {
    std::string id = directory.filename();
    if (!is_container_id(id)) return;
    auto name = text_of(read_json(directory / "config.v2.json"), "Name");
    if (name.size() > 1 && name[0] == '/') names.push_back({"docker", id, name.substr(1), {}, 0});
  });
}

/// containers/storage 1.45, containers.go: podman's and CRI-O's, each with its names. CRI-O's own begin with "k8s_".
void add_storage(const std::string& root, Names& names) {
  for_each_entry(root + "/var/lib/containers/storage", [&](const fs::path& directory) {
    if (!directory.filename().native().ends_with("-containers")) return;
    auto list = read_json(directory / "containers.json");
    if (!list.is_array() || list.size() > kMostEntries) return;
    for (const auto& one : list) {
      auto id = text_of(one, "id");
      const auto& called = member(one, "names");
      if (!is_container_id(id) || !called.is_array()) continue;
      for (const auto& name : called) {
        if (name.is_string() && !name.get_ref<const std::string&>().starts_with("k8s_"))
          names.push_back({"podman", id, name.get<std::string>(), {}, 0});
      }
    }
  });
}

/// names/NAMESPACE/NAME below a directory for each containerd, with the id (nerdctl 2.0, pkg/namestore/namestore.go).
void add_nerdctl(const std::string& root, Names& names) {
  for_each_entry(root + "/var/lib/nerdctl", [&](const fs::path& containerd) {
    for_each_entry(containerd / "names", [&](const fs::path& name_space) {
      for_each_entry(name_space, [&](const fs::path& file) {
        auto id = read_file(file, kMostBytes).value_or("");
        if (is_container_id(id)) names.push_back({"containerd", id, file.filename(), {}, 0});
      });
    });
  });
}

/// Links to NAMESPACE_POD_UID/CONTAINER/START.log (kubernetes 1.28, pkg/kubelet/kuberuntime:
/// BuildContainerLogsDirectory).
void add_kubelet(const std::string& root, Names& names) {
  for_each_entry(root + "/var/log/containers", [&](const fs::path& link) {
    auto log = container_log(link.filename().native());
    if (!log) return;
    std::error_code error;
    auto target = fs::read_symlink(link, error);
    auto pod = target.parent_path().parent_path().filename().native();
    StoredName one{{}, log->id, log->container, pod_uid(pod.substr(pod.rfind('_') + 1)).value_or(""), 0};
    auto start = target.stem().native();
    std::from_chars(start.data(), start.data() + start.size(), one.attempt);
    names.push_back(std::move(one));
  });
}

}  // namespace

std::optional<ContainerLog> container_log(std::string_view file) {
  constexpr std::string_view ending = ".log";
  constexpr std::size_t digits = 64;
  if (!file.ends_with(ending) || file.size() < digits + ending.size() + 2) return std::nullopt;
  file.remove_suffix(ending.size());
  auto id = file.substr(file.size() - digits), names = file.substr(0, file.size() - digits);
  auto first = names.find('_'), last = names.rfind('_');
  if (!is_container_id(id) || !names.ends_with('-') || first == last) return std::nullopt;
  return ContainerLog{std::string(names.substr(0, first)), std::string(names.substr(first + 1, last - first - 1)),
                      std::string(names.substr(last + 1, names.size() - last - 2)), std::string(id)};
}

Names stored_names(const std::string& root) {
  Names names;
  for (auto* add : {add_docker, add_storage, add_nerdctl, add_kubelet}) add(root, names);
  return names;
}

}  // namespace stapkill
