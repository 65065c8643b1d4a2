#include "script/trace_points.h"

#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "script/script_tokens.h"
#include "sys/file.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

using Tokens = std::vector<ScriptToken>;
/// The names of a probe point between its dots, without parentheses.
using Point = std::vector<std::string>;

constexpr std::size_t kLargestTapset = 4 << 20;

struct Alias {
  Point name;
  std::vector<Point> points;
  std::set<std::string> traced;
  bool complete = true;
};

bool is(const Tokens& tokens, std::size_t at, std::string_view text) {
  return at < tokens.size() && tokens[at].kind != ScriptToken::Kind::text && tokens[at].text == text;
}

std::string without_subsystem(const std::string& name) {
  auto colon = name.rfind(':');
  return colon == std::string::npos ? name : name.substr(colon + 1);
}

/// The number of "@1" or "$1"; 0 for anything else.
std::size_t argument_number(const std::string& word) {
  bool number = word.size() > 1 && word.size() < 6 && (word[0] == '@' || word[0] == '$') &&
                std::all_of(word.begin() + 1, word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  return number ? std::stoul(word.substr(1)) : 0;
}

/// Every kernel.trace(…) among these tokens.
TracePoints named_trace_points(const Tokens& tokens, const std::vector<std::string>& arguments) {
  TracePoints found;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!is(tokens, i, "kernel") || !is(tokens, i + 1, ".")) continue;
    // kernel.{trace("x"), function("y")} may hold one too.
    if (is(tokens, i + 2, "{")) found.complete = false;
    if (!is(tokens, i + 2, "trace") || !is(tokens, i + 3, "(") || i + 4 >= tokens.size()) continue;
    const auto& name = tokens[i + 4];
    auto number = argument_number(name.text);
    if (name.kind == ScriptToken::Kind::text) {
      found.patterns.insert(without_subsystem(name.text));
    } else if (number > 0 && number <= arguments.size()) {
      found.patterns.insert(without_subsystem(arguments[number - 1]));
    } else {
      found.complete = false;
    }
  }
  return found;
}

/// Reads a point's names from `at`, and moves `at` past them.
Point read_point(const Tokens& tokens, std::size_t& at) {
  Point point;
  for (;;) {
    if (at < tokens.size() && tokens[at].kind == ScriptToken::Kind::word) {
      point.push_back(tokens[at++].text);
    } else if (is(tokens, at, "{")) {  // a.{b, c}: could be any
      while (at < tokens.size() && !is(tokens, at, "}")) ++at;
      if (at < tokens.size()) ++at;
      point.emplace_back("*");
    } else {
      return point;
    }
    if (is(tokens, at, "(")) {
      for (int depth = 0; at < tokens.size(); ++at) {
        if (is(tokens, at, "(")) ++depth;
        if (is(tokens, at, ")") && --depth == 0) break;
      }
      if (at < tokens.size()) ++at;
    }
    if (!is(tokens, at, ".")) return point;
    ++at;
  }
}

void add_argument(Alias& alias, const std::string& text);

/// The text between each "probe" and its body: an alias if it has "=", else one without a name.
std::vector<Alias> read_probes(const Tokens& tokens, const std::vector<std::string>& arguments) {
  std::vector<Alias> probes;
  for (std::size_t at = 0; at < tokens.size();) {
    if (!is(tokens, at, "probe")) {
      ++at;
      continue;
    }
    auto begin = ++at;
    Alias alias;
    while (at < tokens.size() && !is(tokens, at, "{")) {
      if (is(tokens, at, "=") && alias.name.empty() && alias.points.size() == 1) {
        alias.name = std::move(alias.points.front());
        alias.points.clear();
      }
      if (tokens[at].kind != ScriptToken::Kind::word) {
        ++at;
        continue;
      }
      auto point = read_point(tokens, at);
      auto number = argument_number(point.front());
      bool given = number > 0 && number <= arguments.size();
      // A macro can stand for anything, an argument for whole probe points.
      if (given) add_argument(alias, arguments[number - 1]);
      if (!given && std::string_view("@$").find(point.front().front()) < 2) alias.complete = false;
      alias.points.push_back(std::move(point));
    }
    auto traced = named_trace_points(
        Tokens(tokens.begin() + static_cast<std::ptrdiff_t>(begin), tokens.begin() + static_cast<std::ptrdiff_t>(at)),
        arguments);
    alias.traced.insert(traced.patterns.begin(), traced.patterns.end());
    alias.complete = alias.complete && traced.complete;
    probes.push_back(std::move(alias));
  }
  return probes;
}

/// The points in an argument of the script, if it is used as one.
void add_argument(Alias& alias, const std::string& text) {
  auto tokens = script_tokens("probe " + text + " {");
  // An argument cannot refer to arguments.
  for (auto& probe : read_probes(tokens, {})) {
    alias.points.insert(alias.points.end(), probe.points.begin(), probe.points.end());
    alias.traced.insert(probe.traced.begin(), probe.traced.end());
    alias.complete = alias.complete && probe.complete;
  }
}

bool matches(const std::string& pattern, const std::string& name) {
  return pattern == name || ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

/// Whether a point can be that alias, or begin with it: syscall.open.return with the alias syscall.open.
bool reaches(const Point& point, const Point& alias) {
  for (std::size_t i = 0; i < std::min(point.size(), alias.size()); ++i) {
    if (point[i].find("**") != std::string::npos) return true;
    if (!matches(point[i], alias[i])) return false;
  }
  return true;
}

/// The aliases of a tapset by their first name, and the points of its other probes, which any function of their file
/// brings along.
struct Tapset {
  std::multimap<std::string, Alias> aliases;
  std::set<std::string> always;
};

Tapset read_tapset(const fs::path& folder) {
  Tapset tapset;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::follow_directory_symlink, error), end;
       !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".stp") continue;
    auto text = read_file(at->path(), kLargestTapset).value_or("");
    if (text.find("probe") == std::string::npos) continue;
    for (auto& alias : read_probes(script_tokens(text), {})) {
      if (alias.name.empty()) {
        tapset.always.insert(alias.traced.begin(), alias.traced.end());
      } else {
        auto first = alias.name.front();
        tapset.aliases.emplace(std::move(first), std::move(alias));
      }
    }
  }
  return tapset;
}

/// Follows points through the aliases that they reach.
class Walk {
 public:
  explicit Walk(const Tapset& tapset) : tapset_(tapset) {}

  void take(const Alias& probe) {
    found_.patterns.insert(probe.traced.begin(), probe.traced.end());
    found_.complete = found_.complete && probe.complete;
    for (const auto& point : probe.points) {
      if (seen_.insert(point).second) open_.push_back(point);
    }
  }

  TracePoints end() {
    while (!open_.empty()) {
      auto point = std::move(open_.back());
      open_.pop_back();
      bool pattern = point.front().find_first_of("*?[") != std::string::npos;
      auto [begin, end] = pattern ? std::pair(tapset_.aliases.begin(), tapset_.aliases.end())
                                  : tapset_.aliases.equal_range(point.front());
      for (auto at = begin; at != end; ++at) {
        if (reaches(point, at->second.name) && taken_.insert(&at->second).second) take(at->second);
      }
    }
    return std::move(found_);
  }

 private:
  const Tapset& tapset_;
  TracePoints found_;
  std::set<Point> seen_;
  std::set<const Alias*> taken_;
  std::vector<Point> open_;
};

/// Takes a name off the text, with the blanks before it.
std::string take_name(std::string_view& text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  std::size_t size = 0;
  while (size < text.size() && (std::isalnum(static_cast<unsigned char>(text[size])) != 0 || text[size] == '_')) ++size;
  std::string name(text.substr(0, size));
  text.remove_prefix(size);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  return name;
}

/// The tracepoints in a trace header: TRACE_EVENT(name, …), DEFINE_EVENT(class, name, …), DECLARE_TRACE(name, …) and
/// the like, also a header's own macros for them.
bool declares(std::string_view header, const std::set<std::string>& patterns) {
  auto wanted = [&](const std::string& name) {
    return !name.empty() && std::any_of(patterns.begin(), patterns.end(),
                                        [&](const std::string& pattern) { return matches(pattern, name); });
  };
  for (auto open = header.find('('); open != std::string_view::npos; open = header.find('(', open + 1)) {
    auto begin = open;
    while (begin > 0 && (std::isupper(static_cast<unsigned char>(header[begin - 1])) != 0 || header[begin - 1] == '_' ||
                         std::isdigit(static_cast<unsigned char>(header[begin - 1])) != 0))
      --begin;
    auto macro = header.substr(begin, open - begin);
    if (macro.find("EVENT") == std::string_view::npos && macro.find("TRACE") == std::string_view::npos) continue;
    auto rest = header.substr(open + 1);
    if (wanted(take_name(rest))) return true;
    if (!rest.starts_with(',')) continue;
    rest.remove_prefix(1);
    if (wanted(take_name(rest))) return true;
  }
  return false;
}

template <typename Keep>
std::vector<std::string> headers_in(const fs::path& events, Keep keep) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(events, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".h" && keep(at->path())) names.push_back(at->path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TracePoints trace_points_of(std::string_view script, const std::vector<std::string>& arguments,
                            const fs::path& tapset) {
  auto tokens = script_tokens(script);
  auto known = read_tapset(tapset);
  Walk walk(known);
  for (auto& probe : read_probes(tokens, arguments)) {
    if (!probe.name.empty()) known.aliases.emplace(probe.name.front(), probe);
    walk.take(probe);
  }
  // Macros too: their text may become a probe point.
  walk.take({{}, {}, named_trace_points(tokens, arguments).patterns, true});
  auto found = walk.end();
  found.patterns.insert(known.always.begin(), known.always.end());
  return found;
}

std::vector<std::string> trace_headers_of(const std::set<std::string>& patterns, const fs::path& events) {
  if (patterns.empty()) return {};
  return headers_in(events, [&](const fs::path& file) {
    auto text = read_file(file);
    return text && declares(*text, patterns);
  });
}

std::vector<std::string> all_trace_headers(const fs::path& events) {
  return headers_in(events, [](const fs::path&) { return true; });
}

std::set<std::string> globals_of(std::string_view script) {
  std::set<std::string> names;
  auto tokens = script_tokens(script);
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (!is(tokens, at, "global")) continue;
    // global a, b[8] = "x", c%: up to the next declaration.
    bool name = true;
    for (++at; at < tokens.size(); ++at) {
      const auto& token = tokens[at];
      bool word = token.kind == ScriptToken::Kind::word;
      bool value = is(tokens, at - 1, "=") || is(tokens, at - 1, "-") || is(tokens, at - 1, "[");
      bool next = word && !name && !value;
      if (next || is(tokens, at, ";") || is(tokens, at, "{")) break;
      if (word && name) names.insert(token.text.substr(0, token.text.find('%')));
      name = is(tokens, at, ",");
    }
    --at;  // it may be "global" again
  }
  return names;
}

}  // namespace stapkill
