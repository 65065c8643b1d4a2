#include "host/distribution.h"

#include <algorithm>
#include <sstream>

#include "host/remedy_rows.h"

namespace stapkill {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A shell's word, without its quotes and backslashes.
std::string unquoted(std::string_view text) {
  std::string word;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\r')) break;
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
    } else {
      word += c;
    }
  }
  return word;
}

/// "CentOS release 6.10 (Final)".
Distribution of_redhat_release(const std::string& text) {
  Distribution found;
  found.name = text.substr(0, text.find('\n'));
  found.id = text.starts_with("CentOS") ? "centos" : text.starts_with("Fedora") ? "fedora" : "rhel";
  found.id_like = {"rhel", "fedora"};
  auto digit = std::find_if(found.name.begin(), found.name.end(), is_digit);
  found.version.assign(digit, std::find_if(digit, found.name.end(), [](char c) { return c == ' '; }));
  return found;
}

Distribution by_files(Facts& facts) {
  for (const char* path : {"/etc/os-release", "/usr/lib/os-release"}) {
    if (auto text = facts.file(path)) return parse_os_release(*text);
  }
  if (auto text = facts.file("/etc/redhat-release")) return of_redhat_release(*text);
  return parse_os_release({});
}

/// Removes a run of digits or letters from the front and returns it.
std::string_view take_run(std::string_view& text, bool (*belongs)(char)) {
  std::size_t length = 0;
  while (length < text.size() && belongs(text[length])) ++length;
  auto run = text.substr(0, length);
  text.remove_prefix(length);
  return run;
}

int compare_numbers(std::string_view left, std::string_view right) {
  left.remove_prefix(std::min(left.size(), left.find_first_not_of('0')));
  right.remove_prefix(std::min(right.size(), right.find_first_not_of('0')));
  if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
  return left.compare(right);
}

bool is_separator(char c) {
  return !is_digit(c) && !is_letter(c) && c != '~';
}

/// Removes the next part of two versions, not both at their end, and compares them.
int compare_next(std::string_view& left, std::string_view& right) {
  // A tilde sorts before everything, even the end: 5.1~rc1 comes before 5.1.
  bool before_left = left.starts_with('~'), before_right = right.starts_with('~');
  if (before_left != before_right) return before_left ? -1 : 1;
  if (before_left) {
    left.remove_prefix(1);
    right.remove_prefix(1);
    return 0;
  }
  take_run(left, is_separator);
  take_run(right, is_separator);
  if (left.empty() || right.empty()) {
    std::string_view rest = left.empty() ? right : left;
    if (rest.empty() || rest.starts_with('~')) return 0;
    return left.empty() ? -1 : 1;
  }
  bool digits = is_digit(left[0]);
  if (digits != is_digit(right[0])) return digits ? 1 : -1;  // numbers are later than words: 1.0 > 1.a
  auto belongs = digits ? is_digit : is_letter;
  auto one = take_run(left, belongs), other = take_run(right, belongs);
  return digits ? compare_numbers(one, other) : one.compare(other);
}

}  // namespace

Distribution parse_os_release(std::string_view text) {
  Distribution found;
  std::string ubuntu;  // Mint's own codename is not in Ubuntu's archives
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
    auto equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    auto name = line.substr(0, equals);
    auto value = unquoted(line.substr(equals + 1));
    if (name == "ID" && !value.empty()) found.id = value;
    if (name == "VERSION_ID") found.version = value;
    if (name == "VERSION_CODENAME") found.codename = value;
    if (name == "UBUNTU_CODENAME") ubuntu = value;
    if (name == "PRETTY_NAME") found.name = value;
    if (name == "ID_LIKE") {
      std::istringstream words(value);
      for (std::string word; words >> word;) found.id_like.push_back(word);
    }
  }
  if (!ubuntu.empty()) found.codename = ubuntu;
  if (found.name.empty()) found.name = found.id + (found.version.empty() ? "" : ' ' + found.version);
  return found;
}

Distribution distribution(Facts& facts) {
  auto found = by_files(facts);
  found.manager = manager_of_host(facts, found);
  return found;
}

int compare_versions(std::string_view left, std::string_view right) {
  while (!left.empty() || !right.empty()) {
    if (int order = compare_next(left, right)) return order;
  }
  return 0;
}

}  // namespace stapkill
