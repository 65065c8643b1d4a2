#pragma once

#include <string>
#include <vector>

#include "autopsy/finding.h"
#include "autopsy/scope.h"
#include "model/containers.h"

/// Findings and notes of readers of state, each as one line.
namespace shown {

inline std::string kind(stapkill::Finding::Kind kind) {
  using Kind = stapkill::Finding::Kind;
  constexpr std::pair<Kind, const char*> names[] = {{Kind::container_end, "end"},    {Kind::container_stop, "stop"},
                                                    {Kind::kubelet_kill, "kubelet"}, {Kind::claim, "claim"},
                                                    {Kind::counter, "counter"},      {Kind::unit_process, "process"},
                                                    {Kind::unit_result, "result"},   {Kind::note, "note"}};
  for (const auto& [one, name] : names) {
    if (one == kind) return name;
  }
  return "?";
}

inline std::string time(stapkill::Time time) {
  std::string text;
  if (time) stapkill::append_rfc3339(text, time);
  return text.empty() ? "-" : text.substr(0, 19);
}

/// "KIND TIME NAME status N pid N: REASON", a reason cut to 40 bytes.
inline std::string line(const stapkill::Finding& one) {
  const auto& who = one.subject;
  std::string text = kind(one.kind) + " " + time(one.time) + " ";
  text += !who.unit.empty()            ? who.unit
          : who.container_name.empty() ? stapkill::with_short_ids(who.container)
                                       : who.container_name;
  if (one.status) text += " status " + std::to_string(*one.status);
  if (one.signal) text += " signal " + std::to_string(one.signal);
  if (who.pid) text += " pid " + std::to_string(who.pid);
  if (!one.reason.empty()) text += ": " + one.reason.substr(0, 40);
  return text;
}

inline std::vector<std::string> lines(const std::vector<stapkill::Finding>& all) {
  std::vector<std::string> texts;
  for (const auto& one : all) texts.push_back(line(one));
  return texts;
}

/// "SOURCE STATE" of each note.
inline std::vector<std::string> states(const std::vector<stapkill::SourceNote>& all) {
  constexpr const char* names[] = {"read", "absent", "not permitted", "broken", "cut"};
  std::vector<std::string> texts;
  for (const auto& one : all) texts.push_back(one.source + " " + names[static_cast<int>(one.state)]);
  return texts;
}

/// All times.
inline stapkill::Scope scope(const std::string& root) {
  stapkill::Scope scope{stapkill::HostFiles(root)};
  scope.until = scope.now = INT64_MAX / 2;
  return scope;
}

using Texts = std::vector<std::string>;

}  // namespace shown
