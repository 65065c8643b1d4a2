#include "autopsy/messages/logfmt.h"

#include <algorithm>

#include "autopsy/finding.h"
#include "autopsy/messages/patterns.h"
#include "model/containers.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostValues = 64;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == '/';
}

/// How many bytes a quoted text at the start of `text` has, with its quotes; all of it where its end is missing.
std::size_t quoted_length(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

/// The text in Go's quotes (strconv.Quote): \n, \t, \", \\, \xHH and \uHHHH, of which the last two stay as they are.
std::string unquoted(std::string_view quoted) {
  std::string out;
  bool closed = quoted.size() > 1 && quoted.ends_with('"');
  auto inside = quoted.substr(1, quoted.size() - (closed ? 2 : 1));
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != '\\' || i + 1 == inside.size()) {
      out += inside[i];
      continue;
    }
    char c = inside[++i];
    if (c == 'n' || c == 't' || c == 'r') {
      out += c == 'n' ? '\n' : c == 't' ? '\t' : '\r';
    } else {
      if (c != '"' && c != '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

/// How many bytes a value in brackets at the start of `text` has; all of it where the end is missing.
std::size_t bracketed_length(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      i += quoted_length(text.substr(i)) - 1;
    } else if (text[i] == '[' || text[i] == '{') {
      ++depth;
    } else if ((text[i] == ']' || text[i] == '}') && --depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

/// The value at the start of `text`, and how many bytes it takes there.
std::pair<std::string, std::size_t> value_at(std::string_view text) {
  if (text.starts_with('"')) {
    auto length = quoted_length(text);
    return {unquoted(text.substr(0, length)), length};
  }
  // klog writes a slice with "[…]" and a struct with "{…}" or "&{…}".
  bool pointer = text.starts_with("&{");
  auto length = pointer                                            ? 1 + bracketed_length(text.substr(1))
                : (text.starts_with('[') || text.starts_with('{')) ? bracketed_length(text)
                                                                   : std::min(text.find(' '), text.size());
  return {std::string(text.substr(0, length)), length};
}

/// The values in `text`. What has no form of one ends them.
void read_values(std::string_view text, NamedValues& out) {
  while (out.values.size() < kMostValues) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    std::size_t name = 0;
    while (name < text.size() && is_name(text[name])) ++name;
    if (name == 0 || name == text.size() || text[name] != '=') return;
    auto [value, length] = value_at(text.substr(name + 1));
    out.values.emplace_back(std::string(text.substr(0, name)), std::move(value));
    text.remove_prefix(name + 1 + length);
  }
}

/// "I0507 11:59:34.518822    3224 kuberuntime_container.go:745] ": its length, and the process in it; 0: there is none.
std::size_t klog_header(std::string_view line, int& pid) {
  static const Patterns header({R"([IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} +(\d{1,10}) [\w.-]{1,80}:\d{1,6}\])"});
  auto end = line.substr(0, 160).find("] ");
  if (end == std::string_view::npos) return 0;
  auto match = header.match(line.substr(0, end + 1));
  if (!match) return 0;
  pid = pid_in((*match)[1]);
  return end + 2;
}

/// Values that a finding has as its time or its subject, or that say nothing of an end.
constexpr std::string_view kUnquoted[] = {
    "time", "level", "msg", "podUID", "podID", "containerID", "containerStatusID", "module", "topic", "type"};

std::string quoted_value(const std::string& value) {
  bool plain = value.find_first_of(" \"") == std::string::npos || value.starts_with('[') || value.starts_with('{') ||
               value.starts_with('&');
  return plain ? value : '"' + value + '"';
}

}  // namespace

std::string_view NamedValues::operator[](std::string_view name) const {
  auto at = std::find_if(values.begin(), values.end(), [&](const auto& one) { return one.first == name; });
  return at == values.end() ? std::string_view() : std::string_view(at->second);
}

std::optional<NamedValues> parse_logfmt(std::string_view line) {
  NamedValues out;
  read_values(line, out);
  auto at = std::find_if(out.values.begin(), out.values.end(), [](const auto& one) { return one.first == "msg"; });
  if (at == out.values.end()) return std::nullopt;
  out.message = at->second;
  out.structured = true;
  return out;
}

std::optional<NamedValues> parse_klog(std::string_view line, int pid) {
  int written = 0;
  auto header = klog_header(line, written);
  if (header == 0 || (pid != 0 && written != pid)) return std::nullopt;
  auto text = line.substr(header);
  NamedValues out;
  if (text.starts_with('"')) {
    auto length = quoted_length(text);
    out.message = unquoted(text.substr(0, length));
    out.structured = true;
    read_values(text.substr(length), out);
  } else {
    out.message = text;
  }
  return out;
}

std::string quote_of(const NamedValues& said) {
  auto text = said.message;
  for (const auto& [name, value] : said.values) {
    bool left_out = std::find(std::begin(kUnquoted), std::end(kUnquoted), name) != std::end(kUnquoted);
    if (!left_out && !value.empty() && text.size() <= kLongestQuote) text += ' ' + name + '=' + quoted_value(value);
  }
  return with_short_ids(text).substr(0, kLongestQuote);
}

}  // namespace stapkill
