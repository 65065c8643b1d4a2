#include "cli/completion_values.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>

#include "base/signals.h"
#include "base/text.h"
#include "doctor/check.h"
#include "host/pods.h"
#include "host/procfs.h"
#include "host/runtimes.h"
#include "model/cgroup_names.h"
#include "model/containers.h"
#include "script/library.h"
#include "sys/file.h"
#include "verdict/causes.h"

namespace stapkill {
namespace {

using Candidates = std::vector<Candidate>;

struct Request {
  std::string_view prefix;
  const std::string& proc;
};

constexpr std::size_t kMostShown = 60;  // bytes of a description
constexpr int kLastSignal = 31;
constexpr std::size_t kShownDigits = 12;             // of a container's id
constexpr std::chrono::milliseconds kPatience{500};  // with runtimes; the user waits for the next key

/// Its beginning, printable, cut after a whole character or escape.
std::string shortened(std::string_view bytes) {
  std::string text;
  for (char byte : bytes) {
    auto more = printable({&byte, 1}, true);
    if (text.size() + more.size() > kMostShown) break;
    text += more;
  }
  return text;
}

Candidates pids(const Request& request) {
  Candidates all;
  for_each_process(
      [&](const ProcEntry& entry) {
        if (entry.kernel_thread || entry.ending) return;
        const auto& argv = entry.process.argv;
        all.push_back({std::to_string(entry.process.pid), argv ? shell_words(*argv) : entry.process.comm});
      },
      request.proc);
  return all;
}

Candidates comms(const Request& request) {
  Candidates all;
  for_each_process(
      [&](const ProcEntry& entry) {
        if (!entry.kernel_thread) all.push_back({entry.process.comm, ""});
      },
      request.proc);
  return all;
}

/// The names in the cgroups of all processes, each with the name of one of its processes.
Candidates units(const Request& request) {
  std::map<std::string, std::string> found;
  for_each_process(
      [&](const ProcEntry& entry) {
        if (auto unit = unit_of(entry.process.cgroup)) found.emplace(*unit, entry.process.comm);
      },
      request.proc);
  Candidates all;
  for (const auto& [name, comm] : found) all.push_back({name, comm});
  return all;
}

/// This machine, or a made-up one without tools.
Node node_of(const Request& request) {
  Node node = request.proc == "/proc" ? Node::own() : Node{request.proc.substr(0, request.proc.rfind("/proc")), {}};
  node.limit = kPatience;
  return node;
}

/// By name if a runtime knows it, else by the beginning of the id.
Candidates containers(const Request& request) {
  Candidates all;
  for (const auto& one : known_containers(node_of(request))) {
    bool by_id = request.prefix.size() >= 3 && one.id.starts_with(request.prefix);
    auto id = is_container_id(one.id) ? one.id.substr(0, kShownDigits) : one.id;
    all.push_back({one.name.empty() || by_id ? id : one.name, one.runtime + (one.processes ? "" : ", not running")});
  }
  return all;
}

Candidates pods(const Request& request) {
  Candidates all;
  for (const auto& name : known_pods(node_of(request))) {
    all.push_back({name, ""});
    all.push_back({name.substr(name.find('/') + 1), name.substr(0, name.find('/'))});
  }
  return all;
}

Candidates signals(const Request& request) {
  Candidates all;
  auto last = request.prefix.substr(request.prefix.rfind(',') + 1);
  bool with_sig = last.empty() || std::string_view("SIG").starts_with(last.substr(0, 3));
  for (int number = 1; number <= kLastSignal; ++number) {
    auto name = signal_name(number);
    all.push_back({with_sig ? name : name.substr(3), "signal " + std::to_string(number)});
  }
  return all;
}

Candidates emitted_templates(const Request&) {
  Candidates all;
  for (const auto& source : list_templates(template_directories({})).found)
    all.push_back({source.name, source.summary});
  return all;
}

Candidates doctor_checks(const Request&) {
  Candidates all;
  for (const auto& check : checks()) all.push_back({std::string(check.id), std::string(check.title)});
  return all;
}

Candidates kernels(const Request&) {
  Candidates all;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/lib/modules", error)) {
    all.push_back({entry.path().filename().string(), ""});
  }
  return all;
}

Candidates users(const Request&) {
  Candidates all;
  auto text = read_file("/etc/passwd").value_or("");
  std::string_view rest = text;
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    all.push_back({std::string(line.substr(0, line.find(':'))), ""});
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return all;
}

/// The words that `explain` takes.
Candidates explained(const Request& request) {
  auto all = signals(request);
  for (Cause cause : all_causes()) all.push_back({std::string(name_of(cause)), std::string(text_of(cause).because)});
  return all;
}

struct Kind {
  std::string_view name;
  Candidates (*candidates)(const Request& request);
  bool list = false;  ///< several, separated by commas
};

constexpr Kind kKinds[] = {
    {"pid", pids},       {"comm", comms},
    {"unit", units},     {"container", containers},
    {"signal", signals}, {"signals", signals, true},
    {"user", users},     {"template", emitted_templates},
    {"what", explained}, {"checks", doctor_checks, true},
    {"kernel", kernels}, {"pod", pods},
};

/// Kinds that follow from an option's argument.
constexpr std::pair<std::string_view, std::string_view> kByArgument[] = {
    {"FILE", "file"},         {"PATH", "file"},         {"DIR", "directory"},  {"SIG", "signal"},
    {"SIG[,SIG]", "signals"}, {"N|USER", "user"},       {"RELEASE", "kernel"}, {"TEMPLATE", "template"},
    {"ID[,ID]", "checks"},    {"ID|NAME", "container"}, {"[NS/]NAME", "pod"},
};

/// Whether every shell takes the name, unchanged or with a backslash; "-x" would be an option.
bool is_plain(std::string_view value) {
  return !value.empty() && value.front() != '-' && value.size() <= 256 &&
         value.find_first_of(" \t") == std::string_view::npos && printable(value, true) == value &&
         value.find(',') == std::string_view::npos;
}

}  // namespace

std::string_view kind_of_values(const Option& option) {
  if (!option.values.empty() || option.argument.empty()) return option.values;
  const auto* at = std::find_if(std::begin(kByArgument), std::end(kByArgument),
                                [&](const auto& row) { return row.first == option.argument; });
  return at == std::end(kByArgument) ? std::string_view() : at->second;
}

std::vector<std::string_view> words_of(std::string_view kind) {
  std::vector<std::string_view> words;
  if (kind.find('|') == std::string_view::npos) return words;
  for (std::size_t from = 0, bar = 0; bar != std::string_view::npos; from = bar + 1) {
    bar = kind.find('|', from);
    words.push_back(kind.substr(from, bar == std::string_view::npos ? bar : bar - from));
  }
  return words;
}

std::vector<std::string_view> kinds_of_values() {
  std::vector<std::string_view> names;
  for (const auto& kind : kKinds) names.push_back(kind.name);
  return names;
}

std::vector<Candidate> candidates_for(std::string_view kind, std::string_view prefix, const std::string& proc) {
  Candidates found;
  const auto* row =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& one) { return one.name == kind; });
  if (row == std::end(kKinds)) return found;
  auto comma = prefix.rfind(',');
  bool more = row->list && comma != std::string_view::npos;
  auto before = more ? prefix.substr(0, comma + 1) : std::string_view(), last = prefix.substr(before.size());
  for (auto& candidate : row->candidates({prefix, proc})) {
    if (!is_plain(candidate.value) || !candidate.value.starts_with(last)) continue;
    found.push_back({std::string(before) + candidate.value, shortened(candidate.description)});
  }
  auto order = [](const Candidate& a, const Candidate& b) { return a.value < b.value; };
  std::stable_sort(found.begin(), found.end(), order);
  auto same = [](const Candidate& a, const Candidate& b) { return a.value == b.value; };
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  return found;
}

}  // namespace stapkill
