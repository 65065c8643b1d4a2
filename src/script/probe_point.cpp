#include "script/probe_point.h"

#include <algorithm>
#include <filesystem>

namespace stapkill {
namespace {

constexpr std::size_t kMostPattern = 4096;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '*' || c == '?';
}

/// The end of the string literal that begins at `at` (after its quote); npos for an open one.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

std::string without_escapes(std::string_view literal) {
  std::string out;
  for (std::size_t at = 0; at < literal.size(); ++at) {
    if (literal[at] == '\\' && at + 1 < literal.size()) ++at;
    out += literal[at];
  }
  return out;
}

/// Reads "(…)" at `at`: a string or a number. False for anything else.
bool read_argument(std::string_view text, std::size_t& at, ProbeComponent& component) {
  std::size_t open = at + 1, end = open;
  if (open < text.size() && text[open] == '"') {
    end = end_of_string(text, open);
    if (end == std::string_view::npos) return false;
    component.text = without_escapes(text.substr(open + 1, end - open - 2));
  } else {
    while (end < text.size() && (is_name(text[end]) || text[end] == '-')) ++end;
  }
  if (end == open || end >= text.size() || text[end] != ')') return false;
  component.argument = text.substr(open, end - open);
  at = end + 1;
  return true;
}

/// The colon before a function's name; npos for none. "::" is part of such a name, and a colon before a slash is part
/// of the path.
std::size_t colon_of(std::string_view word) {
  auto slash = word.rfind('/');
  for (auto at = word.size(); at-- > slash;) {
    if (word[at] != ':') continue;
    auto first = word.find_last_not_of(':', at) + 1;
    if ((at - first) % 2 == 0) return first;
    at = first;
  }
  return std::string_view::npos;
}

Result<ProbePattern> of_path(const std::string& word) {
  auto colon = colon_of(word);
  bool function = colon != std::string::npos;
  if (word.ends_with(':')) return usage_error(phrase("'{}' names no function after its colon", word));
  auto name = function ? word.substr(colon + 1) : "*";
  auto program = "process(" + stap_string(absolute_program(function ? word.substr(0, colon) : word)) + ')';
  return ProbePattern{word, program + ".function(" + stap_string(name) + ')', ""};
}

}  // namespace

std::string absolute_program(const std::string& path) {
  std::error_code error;
  if (path.starts_with('/') || path.find('/') == std::string::npos) return path;
  auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

std::optional<ProbePoint> parse_probe_point(std::string_view text) {
  ProbePoint point;
  for (std::size_t at = 0;; ++at) {
    ProbeComponent component;
    std::size_t from = at;
    while (at < text.size() && is_name(text[at])) ++at;
    if (at == from) return std::nullopt;
    component.name = text.substr(from, at - from);
    if (at < text.size() && text[at] == '(' && !read_argument(text, at, component)) return std::nullopt;
    point.components.push_back(std::move(component));
    point.length = at;
    if (at == text.size() || text[at] == ' ') return point;
    if (text[at] != '.') return std::nullopt;
  }
}

std::string describe(const ProbeComponent& component) {
  return component.argument.empty() ? component.name : component.name + '(' + component.argument + ')';
}

std::string stap_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

Result<ProbePattern> read_probe_pattern(const std::string& word) {
  if (word.empty()) return usage_error(phrase("probes expects a probe point, not ''"));
  if (word.size() > kMostPattern) return usage_error(phrase("a probe point has at most 4096 bytes"));
  bool controls = std::any_of(word.begin(), word.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (controls) return usage_error(phrase("'{}' has a control character", word));
  if (word[0] == '/' || word.starts_with("./") || word.starts_with("../")) return of_path(word);
  auto point = parse_probe_point(word);
  if (!point || point->length != word.size()) {
    return usage_error(phrase("'{}' is not one probe point", word),
                       phrase("as in 'kernel.function(\"do_exit\")', syscall.kill, /bin/PROGRAM:FUNCTION"));
  }
  bool bare = point->components.size() == 1 && point->components[0].argument.empty();
  bool wild = word.find_first_of("*?") != std::string::npos;
  return ProbePattern{word, word, bare && !wild ? "kernel.function(" + stap_string(word) + ')' : ""};
}

}  // namespace stapkill
