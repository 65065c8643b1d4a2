#include "autopsy/inquest/unit_descriptions.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "autopsy/inquest/sought.h"
#include "base/text.h"

namespace stapkill {
namespace {

using K = Finding::Kind;

// systemd.unit(5), the later ones only where the earlier have no file of that name.
constexpr std::string_view kFolders[] = {"/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system",
                                         "/lib/systemd/system"};
constexpr std::size_t kMostUnits = 3000, kMostBytes = 64 << 10;

/// Names by description; "" where several have it.
using Descriptions = std::map<std::string, std::string, std::less<>>;

/// A specifier ("%i") would be replaced: none is returned then.
std::string description_in(std::string_view text) {
  constexpr std::string_view key = "Description=";
  for (const auto& line : lines_of(text)) {
    if (line.starts_with(key)) return line.find('%') == std::string::npos ? line.substr(key.size()) : "";
  }
  return "";
}

Descriptions descriptions_of(const HostFiles& files) {
  Descriptions all;
  std::set<std::string> seen;
  for (auto folder : kFolders) {
    int error = 0;
    for (const auto& name : files.list(folder, error, kMostUnits)) {
      bool has_processes = name.ends_with(".service") && name.find('@') == std::string::npos;
      if (!has_processes || !seen.insert(name).second) continue;
      auto text = files.read(std::string(folder) + "/" + name, kMostBytes, error).value_or("");
      auto description = description_in(text);
      if (description.empty()) continue;
      auto [at, added] = all.emplace(description, name);
      if (!added) at->second.clear();
    }
  }
  return all;
}

/// The description of a job whose unit is not named: "a stop job began: Web shop".
std::string_view description_of(const Finding& finding) {
  bool is_job = finding.kind == K::unit_stop || finding.kind == K::unit_start || finding.kind == K::unit_limit ||
                finding.kind == K::unit_result;
  if (!is_job || finding.through != "systemd" || !unit_of(finding.subject).empty()) return {};
  auto colon = finding.reason.find(": ");
  return colon == std::string::npos ? std::string_view() : std::string_view(finding.reason).substr(colon + 2);
}

/// A stop job of a unit that is about to be restarted ends nothing: its process has ended before.
void settle_restarts(Finding& finding, std::set<std::string, std::less<>>& restarting) {
  const auto& unit = finding.subject.unit;
  if (unit.empty() || finding.through != "systemd") return;
  if (finding.kind == K::unit_start) {
    if (finding.reason.find("(Restart=)") != std::string::npos) {
      restarting.insert(unit);
    } else {
      restarting.erase(unit);
    }
  } else if (finding.kind == K::unit_stop && restarting.contains(unit)) {
    finding.kind = K::unit_start;
    finding.reason = "a stop job began, of a restart after its end (Restart=)";
  }
}

}  // namespace

void name_units(const HostFiles& files, std::vector<Finding>& findings) {
  auto lacks = [](const Finding& one) { return !description_of(one).empty(); };
  if (std::none_of(findings.begin(), findings.end(), lacks)) return;
  auto descriptions = descriptions_of(files);
  std::set<std::string, std::less<>> restarting;
  for (auto& finding : findings) {
    if (auto found = descriptions.find(description_of(finding)); found != descriptions.end())
      finding.subject.unit = found->second;
    settle_restarts(finding, restarting);
  }
}

}  // namespace stapkill
