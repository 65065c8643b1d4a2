#include "report/json_document.h"

#include <utility>

#include "base/text.h"

namespace stapkill {

void JsonDocument::begin(std::string& out, std::string_view session) {
  begun_ = true;
  out.append(R"({"schema":"stapkill.report/1","session":)").append(session).append(R"(,"records":[)");
}

void JsonDocument::record(std::string& out, std::string_view object) {
  out += std::exchange(has_records_, true) ? ",\n" : "\n";
  out += object;
}

void JsonDocument::add(std::string& out, Part part, std::string_view object) {
  bool opens = !begun_ && part == Part::session && !several_;
  if (!begun_) begin(out, opens ? object : "null");
  if (opens) return;
  if (!summary_.empty()) record(out, std::exchange(summary_, {}));
  if (part == Part::summary && !several_) {
    summary_ = object;
  } else {
    record(out, object);
  }
}

void JsonDocument::end(std::string& out, std::string_view summary) {
  if (!begun_) begin(out, "null");
  out.append(R"(
],"summary":)")
      .append(summary_.empty() ? summary : summary_)
      .append("}\n");
}

JsonDocument::Part part_of(std::string_view type) {
  return type == "session"   ? JsonDocument::Part::session
         : type == "summary" ? JsonDocument::Part::summary
                             : JsonDocument::Part::record;
}

std::string with_host(std::string_view object, std::string_view host) {
  auto end = object.find_last_not_of(" \t\r", object.size() - 2);  // before its brace
  std::string made(object.substr(0, end + 1));
  made += object[end] == '{' ? "\"host\":" : ",\"host\":";
  append_json_string(made, host);
  return made + '}';
}

}  // namespace stapkill
