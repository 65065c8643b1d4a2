#include "autopsy/records/pods.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "autopsy/records/container_state.h"
#include "autopsy/records/state_files.h"
#include "autopsy/records/state_times.h"
#include "host/pods.h"
#include "host/stored_names.h"

namespace stapkill {
namespace {

constexpr std::string_view kPods = "/var/log/pods", kLinks = "/var/log/containers";
constexpr std::size_t kMostPods = 2'000, kMostLogs = 1'000, kEnd = 1 << 15;

/// The last bytes of a file.
std::string end_of(const Scope& scope, const std::string& path) {
  int error = 0;
  auto file = scope.files.open(path, error);
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return "";
  std::string bytes(std::min(kEnd, static_cast<std::size_t>(std::max<off_t>(info.st_size, 0))), '\0');
  auto got = ::pread(file.get(), bytes.data(), bytes.size(), info.st_size - static_cast<off_t>(bytes.size()));
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

Time time_of_line(std::string_view line) {
  if (auto time = rfc3339_time(line.substr(0, line.find(' ')))) return *time;
  constexpr std::string_view name = "\"time\":\"";
  auto at = line.rfind(name);
  if (!line.starts_with('{') || at == std::string_view::npos) return 0;
  line.remove_prefix(at + name.size());
  return rfc3339_time(line.substr(0, line.find('"'))).value_or(0);
}

struct Log {
  std::string path, container;
  std::int64_t run = 0;
};

/// The log of each start of a pod's containers.
std::vector<Log> logs_of(StateFiles& files, const std::string& directory) {
  std::vector<Log> logs;
  for (const auto& container : files.list(directory)) {
    int error = 0;
    auto own = fmt::format("{}/{}", directory, container);
    for (const auto& name : files.scope().files.list(own, error, kMostLogs)) {
      if (auto run = run_of_log(name)) logs.push_back({fmt::format("{}/{}", own, name), container, *run});
    }
  }
  return logs;
}

Finding note_of(const PodDirectory& pod, const Log& log, Time time) {
  Finding note;
  note.kind = Finding::Kind::note;
  note.time = time;
  note.subject.pod = pod_path(pod.name_space, pod.name);
  note.subject.pod_uid = pod.uid;
  note.subject.container_name = log.container;
  note.through = "kubelet";
  note.reason = log.run == 0 ? "the last line of its first start's log"
                             : fmt::format("the last line of its log after {} restarts", log.run);
  note.source = "kubelet-logs";
  note.place = log.path;
  return note;
}

}  // namespace

KubeNames kube_names(const Scope& scope) {
  int error = 0;
  std::map<std::string, std::string> uids;  // by pod; "" where several have the name
  for (const auto& name : scope.files.list(kPods, error, kMostPods)) {
    auto pod = pod_directory(name);
    if (!pod) continue;
    auto [at, added] = uids.emplace(pod_path(pod->name_space, pod->name), pod->uid);
    if (!added) at->second.clear();
  }
  KubeNames names;
  for (const auto& file : scope.files.list(kLinks, error)) {
    auto log = container_log(file);
    if (!log) continue;
    auto pod = pod_path(log->name_space, log->pod);
    auto uid = uids.find(pod);
    names[log->id] = {log->container, pod, uid == uids.end() ? "" : uid->second};
  }
  return names;
}

void add_names(const KubeNames& names, Party& party) {
  auto at = names.find(party.container);
  if (at == names.end()) return;
  if (party.container_name.empty()) party.container_name = at->second.container_name;
  if (party.pod.empty()) party.pod = at->second.pod;
  if (party.pod_uid.empty()) party.pod_uid = at->second.pod_uid;
}

Time last_line_time(std::string_view end_of_log) {
  auto end = end_of_log.rfind('\n');
  if (end == std::string_view::npos || end == 0) return 0;
  auto begin = end_of_log.rfind('\n', end - 1);
  begin = begin == std::string_view::npos ? 0 : begin + 1;
  return time_of_line(end_of_log.substr(begin, end - begin));
}

void read_pod_logs(const Scope& scope, Reading& reading) {
  StateFiles files(scope, "kubelet-logs", reading);
  std::size_t logs = 0;
  for (const auto& name : files.list(std::string(kPods))) {
    auto pod = pod_directory(name);
    if (!pod) continue;
    for (const auto& log : logs_of(files, fmt::format("{}/{}", kPods, name))) {
      if (files.full() || ++logs > kMostLogs) break;
      if (auto time = last_line_time(end_of(scope, log.path))) files.take({note_of(*pod, log, time)});
    }
  }
  files.finish(std::string(kPods));
  if (reading.notes.back().state == SourceNote::State::read) reading.notes.back().detail = fmt::format("{} logs", logs);
}

}  // namespace stapkill
