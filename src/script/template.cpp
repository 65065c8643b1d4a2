#include "script/template.h"

#include <algorithm>
#include <charconv>
#include <kainjow/mustache.hpp>
#include <set>
#include <sstream>

#include "event/signals.h"
#include "script/resources.h"

namespace stapkill {
namespace {

constexpr std::string_view kHeader = "%! ";

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string_view take_word(std::string_view& text) {
  text = trim(text);
  auto space = text.find(' ');
  auto word = text.substr(0, space);
  text = space == std::string_view::npos ? std::string_view() : trim(text.substr(space + 1));
  return word;
}

/// "pid pid 0 the process to watch": name, kind, default, help.
Result<Parameter> parse_parameter(std::string_view text) {
  Parameter parameter;
  parameter.name = take_word(text);
  auto kind = take_word(text);
  constexpr std::pair<std::string_view, Parameter::Kind> kinds[] = {{"pid", Parameter::Kind::pid},
                                                                    {"signal", Parameter::Kind::signal},
                                                                    {"number", Parameter::Kind::number},
                                                                    {"text", Parameter::Kind::text}};
  auto at = std::find_if(std::begin(kinds), std::end(kinds), [&](const auto& row) { return row.first == kind; });
  if (at == std::end(kinds)) return fail("parameter '" + parameter.name + "' is of no known kind");
  parameter.kind = at->second;
  parameter.fallback = take_word(text);
  if (parameter.fallback == "\"\"") parameter.fallback.clear();
  parameter.help = text;
  return parameter;
}

Result<void> parse_header(Template& source, std::string_view line) {
  auto colon = line.find(": ");
  std::string_view key = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : trim(line.substr(colon + 2));
  std::pair<std::string_view, std::string*> texts[] = {
      {"summary", &source.summary}, {"shows", &source.shows}, {"needs", &source.needs}, {"origin", &source.origin}};
  for (auto& [name, field] : texts) {
    if (key == name) {
      *field = value;
      return {};
    }
  }
  if (key == "options") {
    while (!value.empty()) source.options.emplace_back(take_word(value));
    return {};
  }
  if (key != "parameter") return fail("unknown header '" + std::string(key) + "'");
  auto parameter = parse_parameter(value);
  if (!parameter) return tl::unexpected(parameter.error());
  source.parameters.push_back(std::move(*parameter));
  return {};
}

/// Every tag must be a partial or a declared parameter: mustache would print nothing for a misspelt one.
Result<void> check_tags(const Template& source) {
  std::string_view rest = source.body;
  for (auto open = rest.find("{{"); open != std::string_view::npos; open = rest.find("{{")) {
    rest.remove_prefix(open + 2);
    auto close = rest.find("}}");
    std::string_view tag = trim(rest.substr(0, close));
    if (tag.empty() || close == std::string_view::npos) return fail("an empty or open {{ tag");
    if (tag[0] == '!') continue;
    if (tag[0] == '>') {
      std::string name(trim(tag.substr(1)));
      if (resource("tapsets/" + name + ".stp").empty()) return fail("there is no tapset '" + name + "'");
      continue;
    }
    bool declared = std::any_of(source.parameters.begin(), source.parameters.end(),
                                [&](const Parameter& parameter) { return parameter.name == tag; });
    if (!declared) return fail("the tag '" + std::string(tag) + "' is no declared parameter");
  }
  return {};
}

std::vector<Template> load_all() {
  std::vector<Template> all;
  for (const auto& file : resources()) {
    constexpr std::string_view folder = "templates/", ending = ".stp";
    if (file.path.substr(0, folder.size()) != folder) continue;
    std::string name(file.path.substr(folder.size(), file.path.size() - folder.size() - ending.size()));
    // The embedded ones are checked by the tests; one that is broken is not offered.
    if (auto source = parse_template(name, file.text)) all.push_back(std::move(*source));
  }
  return all;
}

Result<std::int64_t> parse_integer(const Parameter& parameter, const std::string& value, std::int64_t least) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < least) {
    return usage_error("parameter '" + parameter.name + "' wants a number" +
                       (least == 0 ? " that is not negative" : "") + ", not '" + value + "'");
  }
  return number;
}

Result<Literal> literal_of(const Parameter& parameter, const std::string& value) {
  switch (parameter.kind) {
    case Parameter::Kind::text:
      return Literal::text(value);
    case Parameter::Kind::signal: {
      if (value == "0" || value.empty()) return Literal::number(0);
      auto number = parse_signal(value);
      if (!number) return usage_error("parameter '" + parameter.name + "': '" + value + "' is no signal");
      return Literal::number(*number);
    }
    default:
      return parse_integer(parameter, value, parameter.kind == Parameter::Kind::pid ? 0 : INT64_MIN)
          .map([](std::int64_t number) { return Literal::number(number); });
  }
}

}  // namespace

const std::vector<Template>& templates() {
  static const std::vector<Template> all = load_all();
  return all;
}

Result<const Template*> find_template(std::string_view name) {
  std::string names;
  for (const auto& source : templates()) {
    if (source.name == name) return &source;
    names += (names.empty() ? "" : ", ") + source.name;
  }
  return usage_error("there is no template '" + std::string(name) + "'", "the templates are " + names);
}

Result<Template> parse_template(std::string name, std::string_view text) {
  Template source;
  source.name = std::move(name);
  while (text.substr(0, kHeader.size()) == kHeader) {
    auto end = text.find('\n');
    if (auto done = parse_header(source, text.substr(kHeader.size(), end - kHeader.size())); !done) {
      return fail(source.name + ": " + done.error().message);
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  if (text.find("{{{") != std::string_view::npos || text.find("{{&") != std::string_view::npos) {
    return fail(source.name + ": a template cannot print what is not a literal");
  }
  source.body = text;
  if (auto done = check_tags(source); !done) return fail(source.name + ": " + done.error().message);
  return source;
}

Result<std::map<std::string, Literal>> bind_parameters(const Template& source,
                                                       const std::map<std::string, std::string>& values) {
  std::map<std::string, Literal> bound;
  for (const auto& parameter : source.parameters) {
    auto given = values.find(parameter.name);
    auto literal = literal_of(parameter, given == values.end() ? parameter.fallback : given->second);
    if (!literal) return tl::unexpected(literal.error());
    bound.emplace(parameter.name, std::move(*literal));
  }
  for (const auto& [name, value] : values) {
    if (bound.count(name)) continue;
    std::string names;
    for (const auto& parameter : source.parameters) names += (names.empty() ? "" : ", ") + parameter.name;
    return usage_error("template '" + source.name + "' has no parameter '" + name + "'",
                       names.empty() ? "it takes none" : "it takes " + names);
  }
  return bound;
}

Result<std::string> render(const Template& source, const std::map<std::string, Literal>& values) {
  namespace mu = kainjow::mustache;
  mu::mustache page(source.body);
  if (!page.is_valid()) return fail(source.name + ": " + page.error_message());
  // What is printed is script already: only a Literal gets here.
  page.set_custom_escape([](const std::string& literal) { return literal; });
  mu::data data;
  for (const auto& [name, literal] : values) data.set(name, literal.script());
  for (const auto& file : resources()) {
    constexpr std::string_view folder = "tapsets/", ending = ".stp";
    if (file.path.substr(0, folder.size()) != folder || !file.path.ends_with(ending)) continue;
    std::string name(file.path.substr(folder.size(), file.path.size() - folder.size() - ending.size()));
    data.set(name, mu::data(mu::partial([&file] { return std::string(file.text); })));
  }
  return page.render(data);
}

}  // namespace stapkill
