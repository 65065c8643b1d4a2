#include "report/json_fields.h"

#include <cassert>
#include <charconv>

#include "base/text.h"

namespace stapkill::json_fields {

void append_number(std::string& out, std::int64_t value) {
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void key(std::string& out, std::string_view name) {
  // Some seventy for each record: they are put together first, and appended at once.
  char text[48];
  assert(name.size() + 4 <= sizeof text);
  text[0] = ',';
  text[1] = '"';
  name.copy(text + 2, name.size());
  text[name.size() + 2] = '"';
  text[name.size() + 3] = ':';
  out.append(text, name.size() + 4);
}

void text(std::string& out, std::string_view name, std::string_view value) {
  key(out, name);
  append_json_string(out, value);
}

void maybe_text(std::string& out, std::string_view name, const std::optional<std::string>& value) {
  key(out, name);
  value ? append_json_string(out, *value) : void(out += "null");
}

void number(std::string& out, std::string_view name, std::int64_t value) {
  key(out, name);
  append_number(out, value);
}

void maybe_number(std::string& out, std::string_view name, std::optional<std::int64_t> value) {
  key(out, name);
  value ? append_number(out, *value) : void(out += "null");
}

void time(std::string& out, std::string_view name, Time value) {
  key(out, name);
  out += '"';
  append_rfc3339(out, value);
  out += '"';
}

void texts(std::string& out, std::string_view name, const std::vector<std::string>& values) {
  key(out, name);
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i) out += ',';
    append_json_string(out, values[i]);
  }
  out += ']';
}

std::optional<std::string> known(const std::string& value) {
  return value.empty() ? std::nullopt : std::optional(value);
}

}  // namespace stapkill::json_fields
