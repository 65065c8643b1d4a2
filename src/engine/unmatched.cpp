#include "engine/unmatched.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/nearest.h"
#include "model/cgroup_names.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostNear = 3;

DiagnosticRecord nobody(std::string_view message, const std::string& word, const std::vector<std::string>& names,
                        Time now) {
  Phrase near;
  for (const auto& name : nearest(word, names, kMostNear)) near += (near.empty() ? "" : phrase(", ")) + name;
  return {DiagnosticRecord::Level::warning, now, "target.none", Phrase::of(message, std::array<Phrase, 1>{word}),
          near.empty() ? near : phrase("there are: {}", near)};
}

}  // namespace

std::vector<DiagnosticRecord> unmatched(const TargetOptions& asked, const Lineage& lineage, bool elsewhere, Time now) {
  std::vector<DiagnosticRecord> warnings;
  struct Kind {
    std::string_view message;
    const std::vector<std::string>& words;
    std::function<bool(const Process&, const std::string&)> matches;
    std::function<std::optional<std::string>(const Process&)> name;
  };
  const Kind kinds[] = {
      {msgid("no process runs {} now; a later one will be watched"), asked.exes,
       [](const Process& process, const std::string& word) { return runs(process, word); },
       [](const Process& process) { return process.exe; }},
      {msgid("no process is in cgroup {} now; a later one will be watched"), asked.cgroups,
       [](const Process& process, const std::string& word) {
         return process.cgroup && is_in_cgroup(*process.cgroup, word);
       },
       [](const Process& process) { return process.cgroup; }},
      {msgid("no process is of unit {} now; a later one will be watched"), asked.units,
       [](const Process& process, const std::string& word) {
         return process.cgroup && is_in_unit(*process.cgroup, word);
       },
       [](const Process& process) { return unit_of(process.cgroup); }},
  };
  for (const auto& kind : kinds) {
    std::set<std::string> names;
    std::vector<bool> met(kind.words.size());
    if (kind.words.empty() || (elsewhere && &kind.words != &asked.exes)) continue;
    lineage.for_each_living([&](const Process& process) {
      for (std::size_t at = 0; at < met.size(); ++at) met[at] = met[at] || kind.matches(process, kind.words[at]);
      if (auto name = kind.name(process)) names.insert(*name);
    });
    // A program may be given twice, with and without the links on the way to it.
    bool one_is_enough = &kind.words == &asked.exes && std::find(met.begin(), met.end(), true) != met.end();
    for (std::size_t at = 0; at < met.size() && !one_is_enough; ++at) {
      if (!met[at]) warnings.push_back(nobody(kind.message, kind.words[at], {names.begin(), names.end()}, now));
    }
  }
  return warnings;
}

}  // namespace stapkill
