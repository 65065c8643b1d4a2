#include "script/template.h"

#include <algorithm>
#include <kainjow/mustache.hpp>

#include "base/resources.h"
#include "base/text.h"
#include "script/words.h"

namespace stapkill {
namespace {

constexpr std::string_view kHeader = "%! ";

const Parameter* find_parameter(const Template& source, std::string_view name) {
  auto at = std::find_if(source.parameters.begin(), source.parameters.end(),
                         [&](const Parameter& parameter) { return parameter.name == name; });
  return at == source.parameters.end() ? nullptr : &*at;
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
  std::pair<std::string_view, std::vector<std::string>*> lists[] = {{"options", &source.options},
                                                                    {"tracepoints", &source.trace_headers},
                                                                    {"symbols", &source.symbols},
                                                                    {"syscalls", &source.syscalls}};
  for (auto& [name, field] : lists) {
    if (key != name) continue;
    while (!value.empty()) field->emplace_back(take_word(value));
    return {};
  }
  if (key != "parameter") return fail(phrase("unknown header '{}'", key));
  TRY_ASSIGN(auto parameter, parse_parameter(value));
  if (find_parameter(source, parameter.name)) return fail(phrase("parameter '{}' is declared twice", parameter.name));
  // Mustache has one name space for both, and would print neither the value nor the tapset.
  if (!resource("tapsets/" + parameter.name + ".stp").empty())
    return fail(phrase("parameter '{}' has the name of a tapset: choose another name", parameter.name));
  source.parameters.push_back(std::move(parameter));
  return {};
}

/// Checks one tag, without its braces: a partial, a section of a switch, or a parameter of another kind. `open` are the
/// sections around it.
Result<void> check_tag(const Template& source, std::string_view tag, std::vector<std::string_view>& open) {
  if (tag.empty()) return fail(phrase("an empty or open {{ tag"));
  if (tag[0] == '!') return {};
  auto name = trim(std::string_view("#^/>").find(tag[0]) == std::string_view::npos ? tag : tag.substr(1));
  if (tag[0] == '>') {
    if (!resource("tapsets/" + std::string(name) + ".stp").empty()) return {};
    return fail(phrase("there is no tapset '{}'", name));
  }
  const auto* parameter = find_parameter(source, name);
  if (!parameter) return fail(phrase("the tag '{}' is not a declared parameter", tag));
  bool section = name.data() != tag.data();
  if (section != (parameter->kind == Parameter::Kind::toggle))
    return fail(phrase("the tag '{}': a section needs a switch, and a switch needs a section", tag));
  if (!section) return {};
  if (tag[0] != '/') {
    open.push_back(name);
    return {};
  }
  if (open.empty() || open.back() != name) return fail(phrase("the tag '{}' closes nothing", tag));
  open.pop_back();
  return {};
}

/// Checks all tags: mustache prints nothing for a misspelt one. `line` becomes that of the wrong tag.
Result<void> check_tags(const Template& source, std::size_t& line) {
  std::vector<std::string_view> sections;
  std::string_view rest = source.body;
  for (auto open = rest.find("{{"); open != std::string_view::npos; open = rest.find("{{")) {
    line += static_cast<std::size_t>(std::count(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(open), '\n'));
    rest.remove_prefix(open + 2);
    if (rest.starts_with('{') || trim(rest).starts_with('&'))
      return fail(phrase("a template cannot print what is not a literal"));
    auto close = rest.find("}}");
    auto tag = close == std::string_view::npos ? std::string_view() : trim(rest.substr(0, close));
    if (auto done = check_tag(source, tag, sections); !done) return done;
  }
  return sections.empty() ? Result<void>() : fail(phrase("the section '{}' is not closed", sections.back()));
}

std::vector<Template> load_all() {
  std::vector<Template> all;
  for (const auto& file : resources()) {
    constexpr std::string_view folder = "templates/", ending = ".stp";
    if (file.path.substr(0, folder.size()) != folder || !file.path.ends_with(ending)) continue;
    std::string name(file.path.substr(folder.size(), file.path.size() - folder.size() - ending.size()));
    // The tests check the embedded ones; a broken one is not offered.
    if (auto source = parse_template(name, file.text)) all.push_back(std::move(*source));
  }
  return all;
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
  return usage_error(phrase("there is no template '{}'", name), phrase("the templates are {}", names));
}

Result<Template> parse_template(std::string name, std::string_view text, std::string place) {
  Template source;
  source.name = std::move(name);
  if (place.empty()) place = source.name;
  std::size_t line = 1;
  auto wrong = [&](const Error& error) { return fail(place + ":" + std::to_string(line) + ": " + error.message); };
  for (auto at = text; !at.empty(); ++line) {
    auto end = std::min(at.find('\n'), at.size());
    if (auto row = at.substr(0, end); row.find('\0') != std::string_view::npos || !is_utf8(row))
      return wrong({phrase("bytes that are not UTF-8 text")});
    at.remove_prefix(std::min(end + 1, at.size()));
  }
  for (line = 1; text.starts_with(kHeader); ++line) {
    auto end = text.find('\n');
    if (auto done = parse_header(source, text.substr(kHeader.size(), end - kHeader.size())); !done)
      return wrong(done.error());
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  source.body = text;
  if (auto done = check_tags(source, line); !done) return wrong(done.error());
  return source;
}

Result<std::map<std::string, Literal>> bind_parameters(const Template& source,
                                                       const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values) {
    if (find_parameter(source, name)) continue;
    std::string names;
    for (const auto& parameter : source.parameters) names += (names.empty() ? "" : ", ") + parameter.name;
    return usage_error(phrase("template '{}' has no parameter '{}'", source.name, name),
                       names.empty() ? phrase("it takes none") : phrase("it takes {}", names));
  }
  std::map<std::string, Literal> bound;
  const Parameter* missing = nullptr;  // reported when no value is wrong
  for (const auto& parameter : source.parameters) {
    auto given = values.find(parameter.name);
    if (given == values.end() && parameter.required) {
      if (!missing) missing = &parameter;
      continue;
    }
    TRY_ASSIGN(auto literal, literal_of(parameter, given == values.end() ? parameter.fallback : given->second));
    bound.emplace(parameter.name, std::move(literal));
  }
  if (!missing) return bound;
  return usage_error(phrase("template '{}' expects --set {}=…: {}", source.name, missing->name, missing->help),
                     phrase("kind {}", kind_name(missing->kind)));
}

Result<std::string> render(const Template& source, const std::map<std::string, Literal>& values) {
  namespace mu = kainjow::mustache;
  mu::mustache page(source.body);
  if (!page.is_valid()) return fail(source.name + ": " + page.error_message());
  // Not escaped again: only a Literal gets here.
  page.set_custom_escape([](const std::string& literal) { return literal; });
  mu::data data;
  for (const auto& [name, literal] : values) {
    const auto* parameter = find_parameter(source, name);
    bool toggle = parameter && parameter->kind == Parameter::Kind::toggle;
    data.set(name, toggle ? mu::data(literal.script() == "1") : mu::data(literal.script()));
  }
  for (const auto& file : resources()) {
    constexpr std::string_view folder = "tapsets/", ending = ".stp";
    if (file.path.substr(0, folder.size()) != folder || !file.path.ends_with(ending)) continue;
    std::string name(file.path.substr(folder.size(), file.path.size() - folder.size() - ending.size()));
    data.set(name, mu::data(mu::partial([&file] { return std::string(file.text); })));
  }
  return page.render(data);
}

}  // namespace stapkill
