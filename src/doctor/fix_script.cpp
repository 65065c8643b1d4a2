#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "doctor/faces.h"

namespace stapkill {
namespace {

/// Makes any text a comment: line breaks become \n.
std::string comment(std::string_view text) {
  return "# " + printable(text) + '\n';
}

}  // namespace

std::string diagnosis_script(const Diagnosis& diagnosis, std::string_view version) {
  std::string out = "#!/bin/sh\n";
  out += comment(fmt::format("Remedies for this host, by stapkill {} doctor: {}, kernel {}.", version,
                             diagnosis.distribution.name, diagnosis.release));
  out += comment("Read it before you run it as root. It stops at the first command that fails.") + "set -eu\n";
  std::set<std::string> written;
  bool reboot = false, anything = false;
  for (const auto& result : diagnosis.results) {
    const auto& finding = result.finding;
    bool bad = finding.status == Status::fail || finding.status == Status::error;
    if ((!bad && finding.status != Status::warn) || !finding.remedy) continue;
    bool needed = bad && result.required;
    out += '\n' + comment(fmt::format("{}{}: {}", result.check->id, needed ? "" : " (not needed to watch)",
                                      finding.message.english()));
    if (!finding.remedy->text.empty()) out += comment(finding.remedy->text.english());
    for (const auto& command : finding.remedy->commands) {
      // stapkill's own commands have no line breaks: another one is only a comment.
      bool runs = needed && !finding.remedy->by_hand && command.find('\n') == std::string::npos;
      // A command that was written as a comment may still have to run.
      if (!written.insert((runs ? "run " : "# ") + command).second) continue;
      out += runs ? command + '\n' : comment(command);
      anything = anything || runs;
    }
    reboot = reboot || (needed && finding.remedy->reboot);
  }
  if (reboot) out += '\n' + comment("Then reboot, and run stapkill doctor again.");
  if (!anything) out += '\n' + comment("There is no command to run as it is.");
  return out;
}

}  // namespace stapkill
