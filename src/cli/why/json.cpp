#include "cli/why/json.h"

#include <memory>
#include <utility>

#include "autopsy/inquest/next_time.h"
#include "base/text.h"
#include "cli/why/blind.h"
#include "report/json_fields.h"
#include "report/process_json.h"

namespace stapkill {
namespace {

using namespace json_fields;

void add_interval(std::string& out, Time since, Time until) {
  out += R"({"since":")";
  append_rfc3339(out, since);
  out += '"';
  time(out, "until", until);
}

constexpr std::string_view kStates[] = {"read", "absent", "not_permitted", "broken", "cut"};

void add_note(std::string& out, const SourceNote& note) {
  out += R"({"path":)";
  append_json_string(out, note.path);
  maybe_text(out, "source", known(note.source));
  text(out, "state", kStates[static_cast<std::size_t>(note.state)]);
  maybe_text(out, "detail", known(note.detail.english()));
  if (note.since) {
    time(out, "since", note.since);
    time(out, "until", note.until);
  } else {
    out += R"(,"since":null,"until":null)";
  }
  out += '}';
}

void add_remedies(std::string& out, const HostAnswer& host) {
  const auto* death = host.deaths.empty() ? nullptr : &host.deaths.front();
  bool first = true;
  for (const auto& remedy : next_time(death, *host.evidence, host.distribution)) {
    out += std::exchange(first, false) ? R"({"text":)" : R"(,{"text":)";
    append_json_string(out, remedy.text.english());
    texts(out, "commands", remedy.commands);
    out += '}';
  }
}

/// What of the host was read, and what helps next time; null where it was not asked.
void add_sources(std::string& out, const HostAnswer* host) {
  if (!host) {
    out += R"(,"sources":null,"next_time":null)";
    return;
  }
  out += R"(,"sources":[)";
  for (const auto& note : host->evidence->notes) {
    if (&note != &host->evidence->notes.front()) out += ',';
    add_note(out, note);
  }
  out += R"(],"next_time":[)";
  add_remedies(out, *host);
  out += ']';
}

}  // namespace

std::string why_json(const WhyAnswer& answer) {
  std::string out = R"({"schema":"stapkill.why/1","deaths":[)";
  for (const auto& death : answer.deaths) out += (&death == &answer.deaths.front() ? "\n" : ",\n") + death.record;
  out += R"(],"blind":[)";
  for (const auto& one : answer.blind) {
    out += &one == &answer.blind.front() ? "\n" : ",\n";
    add_interval(out, one.since, one.until);
    text(out, "why", name_of(one.why));
    number(out, "count", static_cast<std::int64_t>(one.count));
    out += '}';
  }
  out += R"(],"covered":)";
  if (answer.covered) {
    add_interval(out, answer.covered->first, answer.covered->second);
    out += '}';
  } else {
    out += "null";
  }
  ProcessJson processes;
  processes.process(out, "living", answer.living ? std::make_shared<const Process>(answer.living->process) : nullptr);
  add_sources(out, answer.host);
  return out + "}\n";
}

}  // namespace stapkill
