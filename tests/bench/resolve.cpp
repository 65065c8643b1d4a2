// How long it takes to find the processes of a target: resolve ROOT KIND=WORD…, on a made node below ROOT. Prints for
// each word a line "KIND MATCHES MILLISECONDS", the median of some runs. The last line, "floor FILES MILLISECONDS", is
// the time to only read the files.
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/targets.h"
#include "host/pods.h"
#include "host/procfs.h"
#include "host/runtimes.h"

using namespace stapkill;

namespace {

constexpr int kRuns = 7;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "resolve: %s\n", why.c_str());
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().message);
  return std::move(*result);
}

TargetOptions options_for(const Node& node, const std::string& kind, const std::string& word) {
  TargetOptions options;
  if (kind == "container") {
    options.container_ids = {must(find_container(node, word)).id};
  } else if (kind == "pod") {
    options.pod_uids = must(find_pod(node, word)).uids;
  } else {
    auto kinds = pattern_kinds();
    auto at = std::find_if(kinds.begin(), kinds.end(), [&](const PatternKind& one) { return one.name == kind; });
    if (at == kinds.end()) give_up("there is no target of kind " + kind);
    options.*at->values = {word};
  }
  return options;
}

/// The number of processes that match.
std::size_t resolve(const Node& node, const std::string& kind, const std::string& word) {
  auto targets = must(Targets::make(options_for(node, kind, word)));
  std::size_t matches = 0;
  for_each_process([&](const ProcEntry& entry) { matches += targets.matches(entry.process); }, node.root + "/proc");
  return matches;
}

std::size_t read_plainly(const Node& node) {
  std::string proc = node.root + "/proc";
  std::size_t files = 0;
  char buffer[65536];
  DIR* folder = ::opendir(proc.c_str());
  while (const dirent* entry = folder ? ::readdir(folder) : nullptr) {
    for (const char* name : {"status", "stat", "cmdline", "cgroup"}) {
      int file = ::open((proc + '/' + entry->d_name + '/' + name).c_str(), O_RDONLY | O_CLOEXEC);
      if (file < 0) continue;
      while (::read(file, buffer, sizeof buffer) > 0) continue;
      ::close(file);
      ++files;
    }
  }
  if (folder) ::closedir(folder);
  return files;
}

template <typename Work>
void measure(const std::string& name, Work work) {
  std::vector<double> times;
  std::size_t count = 0;
  for (int run = 0; run < kRuns; ++run) {
    auto begun = std::chrono::steady_clock::now();
    count = work();
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
  }
  std::sort(times.begin(), times.end());
  std::printf("%s %zu %.1f\n", name.c_str(), count, times[times.size() / 2]);
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) give_up("usage: resolve ROOT KIND=WORD…");
  Node node{words[1], {}};
  for (int at = 2; at < count; ++at) {
    std::string pair = words[at];
    auto equals = pair.find('=');
    if (equals == std::string::npos) give_up("no KIND=WORD: " + pair);
    auto kind = pair.substr(0, equals), word = pair.substr(equals + 1);
    measure(kind, [&] { return resolve(node, kind, word); });
  }
  measure("floor", [&] { return read_plainly(node); });
  return 0;
}
