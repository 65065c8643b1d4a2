#include "autopsy/messages/unit_names.h"

#include <algorithm>

#include "model/containers.h"

namespace stapkill {
namespace {

constexpr std::size_t kLongestName = 255;  // systemd, src/basic/unit-name.h, UNIT_NAME_MAX is 256 with its end
constexpr std::string_view kOfProcesses[] = {".service", ".scope", ".slice", ".socket", ".mount", ".swap"};
constexpr std::string_view kOthers[] = {".target", ".timer", ".path", ".device", ".automount", ".snapshot"};

bool may_be_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(":-_.\\@").find(c) != std::string_view::npos;
}

template <std::size_t N>
bool ends_with_one(std::string_view name, const std::string_view (&suffixes)[N]) {
  return std::any_of(std::begin(suffixes), std::end(suffixes),
                     [&](auto one) { return name.size() > one.size() && name.ends_with(one); });
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, std::min(text.find(' '), text.size()));
}

std::string_view after(std::string_view text, std::size_t length) {
  return text.substr(std::min(length, text.size()));
}

}  // namespace

bool is_unit_name(std::string_view text) {
  return text.size() <= kLongestName && std::all_of(text.begin(), text.end(), may_be_in_name) &&
         (ends_with_one(text, kOfProcesses) || ends_with_one(text, kOthers));
}

bool has_processes(std::string_view unit) {
  return ends_with_one(unit, kOfProcesses);
}

UnitText split_unit(std::string_view message) {
  auto word = first_word(message);
  if (word.ends_with(':') && is_unit_name(word.substr(0, word.size() - 1)))
    return {word.substr(0, word.size() - 1), after(message, word.size() + 1)};
  if (is_unit_name(word)) return {word, after(message, word.size() + 1)};
  if (word == "Unit") {
    auto rest = after(message, word.size() + 1);
    auto name = first_word(rest);
    if (is_unit_name(name)) return {name, after(rest, name.size() + 1)};
  }
  return {{}, message};
}

UnitText split_description(std::string_view text) {
  auto word = first_word(text);
  if (!is_unit_name(word)) return {{}, text};
  if (word.size() == text.size()) return {word, {}};
  auto rest = after(text, word.size());
  constexpr std::string_view between = " - ";
  return rest.starts_with(between) ? UnitText{word, rest.substr(between.size())} : UnitText{{}, text};
}

void set_unit(Party& subject, std::string_view unit) {
  if (unit.empty()) return;
  subject.unit = unit;
  if (!unit.ends_with(".scope")) return;
  if (auto container = container_of("/" + std::string(unit)); container && is_container_id(container->id))
    subject.container = container->id;
}

}  // namespace stapkill
