#include "backend/stap/listed_probe.h"

#include <charconv>

#include "script/probe_point.h"

namespace stapkill {
namespace {

/// The end of a "name:" that begins at `at`; npos where none does. "std::" is part of a type.
std::size_t end_of_name(std::string_view text, std::size_t at) {
  auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; };
  if (at >= text.size() || !is_letter(text[at])) return std::string_view::npos;
  auto end = text.find_first_of(": <([{", at);
  bool name = end != std::string_view::npos && text[end] == ':' && (end + 1 == text.size() || text[end + 1] != ':');
  return name ? end : std::string_view::npos;
}

/// How this character changes the depth of brackets in a type; "->" and "operator>" do not occur in types.
int step_of(char c) {
  if (c == '(' || c == '<' || c == '[' || c == '{') return 1;
  return c == ')' || c == '>' || c == ']' || c == '}' ? -1 : 0;
}

/// The end of the type that begins at `at`: a blank outside brackets, followed by another "name:".
std::size_t end_of_type(std::string_view text, std::size_t at) {
  int depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == ' ' && depth <= 0 && end_of_name(text, at + 1) != std::string_view::npos) return at;
    depth += step_of(text[at]);
  }
  return text.size();
}

/// The text begins with a name, and after each type comes another.
std::vector<ProbeVariable> parse_variables(std::string_view text) {
  std::vector<ProbeVariable> variables;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(' ', at)) != std::string_view::npos) {
    auto colon = end_of_name(text, at);
    auto end = end_of_type(text, colon + 1);
    variables.push_back(
        {std::string(text.substr(at, colon - at)), std::string(text.substr(colon + 1, end - colon - 1))});
    at = end;
  }
  return variables;
}

/// Splits "main@/src/x.c:12"; without a place all of it is the name.
void take_place(std::string_view text, ListedProbe& probe) {
  probe.name = text;
  auto at = text.find('@'), colon = text.rfind(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon < at) return;
  std::uint64_t line = 0;
  const char* end = text.data() + text.size();
  auto [last, error] = std::from_chars(text.data() + colon + 1, end, line);
  if (error != std::errc() || last != end) return;
  probe.name = text.substr(0, at);
  probe.file = text.substr(at + 1, colon - at - 1);
  probe.line = line;
}

bool has_place(const ProbeComponent& component) {
  return component.text && (component.name == "function" || component.name == "statement" ||
                            component.name == "callee" || component.name == "label");
}

}  // namespace

std::optional<ListedProbe> parse_listed_probe(std::string_view line) {
  auto point = parse_probe_point(line);
  if (!point) return std::nullopt;
  auto rest = line.substr(point->length);
  auto first = rest.find_first_not_of(' ');
  if (first != std::string_view::npos && end_of_name(rest, first) == std::string_view::npos) return std::nullopt;
  ListedProbe probe;
  probe.point = line.substr(0, point->length);
  probe.group = describe(point->components.front());
  for (std::size_t i = 1; i < point->components.size(); ++i) {
    auto component = point->components[i];
    if (has_place(component)) {
      take_place(*component.text, probe);
      component.argument = stap_string(probe.name);
    } else if (component.text && probe.name.empty()) {
      probe.name = *component.text;
    }
    probe.rest += (probe.rest.empty() ? "" : ".") + describe(component);
  }
  probe.variables = parse_variables(rest);
  return probe;
}

}  // namespace stapkill
