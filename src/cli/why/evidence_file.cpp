#include "cli/why/evidence_file.h"

#include "autopsy/inquest/evidence_json.h"
#include "base/text.h"
#include "session/redaction.h"
#include "sys/file.h"

namespace stapkill {
namespace {

/// A text of words with a blank between two, as sources write command lines.
std::string redacted(const std::string& text, const Redaction& redaction) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    auto end = std::min(text.find(' ', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  redaction.in_arguments(words);
  std::string joined;
  for (const auto& word : words) joined += (&word == &words.front() ? "" : " ") + word;
  return joined;
}

}  // namespace

Result<void> save_evidence(const std::string& path, const HostAnswer* host) {
  if (!host)
    return fail(phrase("there is no evidence to save: the recorder's history has the answer"),
                phrase("stapkill why --format json prints it"), "why.evidence");
  TRY_ASSIGN(auto redaction, Redaction::make({}, true));
  Evidence copy = *host->evidence;
  for (auto& finding : copy.findings) {
    for (auto* party : {&finding.subject, &finding.actor}) party->cmdline = redacted(party->cmdline, redaction);
    finding.quote = redacted(finding.quote, redaction);
    finding.reason = redacted(finding.reason, redaction);
  }
  constexpr mode_t own = 0600;  // it holds lines of logs that others may not read
  return write_file_atomically(path, evidence_lines(copy, STAPKILL_VERSION), own);
}

}  // namespace stapkill
