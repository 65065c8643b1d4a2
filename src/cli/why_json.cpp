#include "cli/why_json.h"

#include <memory>

#include "cli/why_blind.h"
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
  return out + "}\n";
}

}  // namespace stapkill
