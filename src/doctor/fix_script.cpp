#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "doctor/faces.h"

namespace stapkill {
namespace {

/// A comment whatever the text: line breaks come out as \n.
std::string comment(std::string_view text) {
  return "# " + printable(text) + '\n';
}

}  // namespace

std::string diagnosis_script(const Diagnosis& diagnosis, std::string_view version) {
  std::string out = "#!/bin/sh\n";
  out += comment(fmt::format("What mends this host, by stapkill {} doctor: {}, kernel {}.", version,
                             diagnosis.distribution.name, diagnosis.release));
  out += comment("Read it before you run it as root. It stops at the first command that fails.") + "set -eu\n";
  std::set<std::string> told;
  bool reboot = false, anything = false;
  for (const auto& result : diagnosis.results) {
    const auto& finding = result.finding;
    bool bad = finding.status == Status::fail || finding.status == Status::error;
    if ((!bad && finding.status != Status::warn) || !finding.remedy) continue;
    bool needed = bad && result.required;
    out += '\n' +
           comment(fmt::format("{}{}: {}", result.check->id, needed ? "" : " (not needed to watch)", finding.message));
    if (!finding.remedy->text.empty()) out += comment(finding.remedy->text);
    for (const auto& command : finding.remedy->commands) {
      // Each line of its own is marked: one with a line break inside is none of stapkill's.
      bool runs = needed && !finding.remedy->by_hand && command.find('\n') == std::string::npos;
      // What was told as a comment may still have to be run.
      if (!told.insert((runs ? "run " : "# ") + command).second) continue;
      out += runs ? command + '\n' : comment(command);
      anything = anything || runs;
    }
    reboot = reboot || (needed && finding.remedy->reboot);
  }
  if (reboot) out += '\n' + comment("Then reboot, and run stapkill doctor again.");
  if (!anything) out += '\n' + comment("There is no command that could be run as it is.");
  return out;
}

}  // namespace stapkill
