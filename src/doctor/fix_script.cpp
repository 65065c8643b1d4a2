#include <fmt/format.h>

#include <set>

#include "doctor/faces.h"
#include "event/text.h"

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
      if (!told.insert(command).second) continue;
      // A command can have lines of its own (a file that it writes); as a comment each of them needs its mark.
      std::string text = command;
      if (!needed) {
        for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 3))
          text.insert(at + 1, "# ");
        text.insert(0, "# ");
      }
      out += text + '\n';
      anything = anything || needed;
    }
    reboot = reboot || (needed && finding.remedy->reboot);
  }
  if (reboot) out += '\n' + comment("Then reboot, and run stapkill doctor again.");
  if (!anything) out += '\n' + comment("There is no command that would have to be run.");
  return out;
}

}  // namespace stapkill
