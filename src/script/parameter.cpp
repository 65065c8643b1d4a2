#include "script/parameter.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "base/signals.h"
#include "script/words.h"

namespace stapkill {
namespace {

using Kind = Parameter::Kind;

constexpr std::int64_t kMostPid = 4194304;  // PID_MAX_LIMIT, include/linux/threads.h

struct KindRow {
  Kind kind;
  std::string_view name;
  std::string_view expects;  ///< what it takes, for the usage error
  std::string_view pattern;  ///< RE2 over the whole value; "" when a pattern is not enough
  std::size_t longest;       ///< bytes
};

// Alphabets are narrower than stap's: no character with a special meaning gets through. Lengths: IFNAMSIZ (linux/if.h),
// MODULE_NAME_LEN (linux/module.h), PATH_MAX, KSYM_NAME_LEN (linux/kallsyms.h).
constexpr KindRow kKinds[] = {
    {Kind::pid, "pid", msgid("a number from 0 to 4194304, the largest pid of Linux"), "", 20},
    {Kind::signal, "signal", msgid("a signal"), "", 20},
    {Kind::number, "number", msgid("a number"), "", 20},
    {Kind::text, "text", msgid("text"), "", 4096},
    {Kind::toggle, "switch", msgid("yes or no"), "yes|no", 3},
    {Kind::code, "code", msgid("an absolute path of a program without wildcards, 'kernel', or a module's name"), "",
     4095},
    {Kind::module, "module", msgid("a module's name (letters, digits, _ and -)"), "[A-Za-z0-9_][A-Za-z0-9_-]*", 55},
    {Kind::function, "function", msgid("a function's name; * stands for any characters, ? for one"),
     "[A-Za-z_*?~][A-Za-z0-9_.:~*?]*", 511},
    {Kind::place, "place", msgid("FUNCTION@FILE:LINE, LINE as 12, 12-20, 12,14, +3 or *"),
     "[A-Za-z_*?~][A-Za-z0-9_.:~*?]*@[A-Za-z0-9_./+*-]+:(\\*|\\+?[0-9]{1,9}|[0-9]{1,9}([-,][0-9]{1,9})+)", 4095},
    {Kind::interface, "interface", msgid("a network interface's name (at most 15 letters, digits, _ . @ -)"),
     "[A-Za-z0-9_.@-]*", 15},
    {Kind::variables, "variables", msgid("variables as a,b->c,d[0]"), "", 1000},
};

const KindRow& row_of(Kind kind) {
  return *std::find_if(std::begin(kKinds), std::end(kKinds), [&](const KindRow& row) { return row.kind == kind; });
}

bool matches(std::string_view value, std::string_view pattern) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  return re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()),
                             re2::RE2(re2::StringPiece(pattern.data(), pattern.size()), options));
}

/// Whether stap would read it as a pattern (stapprobes(3stap): process("PATH") takes wildcards), or it is not text.
bool is_program_path(std::string_view value) {
  return value.starts_with('/') && std::none_of(value.begin(), value.end(), [](char c) {
           auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7f || std::string_view("*?[]{}$%\"\\").find(c) != std::string_view::npos;
         });
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find(',', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (text.ends_with(',')) parts.emplace_back();
  return parts;
}

std::optional<Literal> whole(const std::string& value, std::int64_t least, std::int64_t most = INT64_MAX) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < least || number > most)
    return std::nullopt;
  return Literal::number(number);
}

std::optional<Literal> signal(const std::string& value) {
  if (value == "0" || value.empty()) return Literal::number(0);
  auto number = parse_signal(value);
  return number ? std::optional(Literal::number(*number)) : std::nullopt;
}

std::optional<Literal> code(const std::string& value) {
  if (value == "kernel") return Literal::kernel();
  if (is_program_path(value)) return Literal::process(value);
  if (matches(value, row_of(Kind::module).pattern) && value.size() <= row_of(Kind::module).longest)
    return Literal::module(value);
  return std::nullopt;
}

std::optional<Literal> variables(const std::string& value) {
  auto names = split(value);
  if (!std::all_of(names.begin(), names.end(), Literal::is_variable)) return std::nullopt;
  return Literal::variables(names);
}

std::optional<Literal> made_of(Kind kind, const std::string& value) {
  const auto& row = row_of(kind);
  if (value.size() > row.longest && kind != Kind::text) return std::nullopt;
  if (!row.pattern.empty() && !matches(value, row.pattern)) return std::nullopt;
  switch (kind) {
    case Kind::pid:
      return whole(value, 0, kMostPid);
    case Kind::number:
      return whole(value, INT64_MIN);
    case Kind::signal:
      return signal(value);
    case Kind::toggle:
      return Literal::number(value == "yes" ? 1 : 0);
    case Kind::code:
      return code(value);
    case Kind::variables:
      return variables(value);
    case Kind::module:
    case Kind::function:
    case Kind::place:
      return Literal::name(value);
    default:
      return Literal::text(value);
  }
}

}  // namespace

std::string_view kind_name(Kind kind) {
  return row_of(kind).name;
}

Result<Parameter> parse_parameter(std::string_view text) {
  Parameter parameter;
  parameter.name = take_word(text);
  if (!matches(parameter.name, "[a-z][a-z0-9_]{0,31}"))
    return fail(phrase("'{}' cannot be a parameter's name (small letters, digits and _)", parameter.name));
  auto kind = take_word(text);
  const auto* row =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const KindRow& each) { return each.name == kind; });
  if (row == std::end(kKinds)) {
    std::string names;
    for (const auto& each : kKinds) names += (names.empty() ? "" : ", ") + std::string(each.name);
    return fail(phrase("parameter '{}' has an unknown kind; kinds are {}", parameter.name, names));
  }
  parameter.kind = row->kind;
  parameter.fallback = take_word(text);
  parameter.required = parameter.fallback == "required";
  if (parameter.required || parameter.fallback == "\"\"") parameter.fallback.clear();
  parameter.help = text;
  if (!parameter.required && !made_of(parameter.kind, parameter.fallback))
    return fail(phrase("parameter '{}': its default '{}' is not {}", parameter.name, parameter.fallback,
                       phrase_from(row->expects)));
  return parameter;
}

Result<Literal> literal_of(const Parameter& parameter, const std::string& value) {
  auto literal = made_of(parameter.kind, value);
  if (literal) return *literal;
  return usage_error(phrase("parameter '{}' expects {}, not '{}'", parameter.name,
                            phrase_from(row_of(parameter.kind).expects), value));
}

}  // namespace stapkill
