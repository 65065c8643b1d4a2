#include "autopsy/records/core_names.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "autopsy/records/notes.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr std::int64_t kLatest = 9'000'000'000;  // seconds that a Time can hold

/// Takes the part behind the last dot.
std::string_view take_last(std::string_view& text) {
  auto dot = text.rfind('.');
  if (dot == std::string_view::npos) return {};
  auto part = text.substr(dot + 1);
  text.remove_suffix(part.size() + 1);
  return part;
}

/// Undoes xescape() (systemd src/basic/escape.c): "\x2e" is one byte.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    auto digits = text.substr(i).starts_with("\\x") ? text.substr(i + 2, 2) : std::string_view();
    auto read = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    bool whole = digits.size() == 2 && read.ec == std::errc() && read.ptr == digits.data() + 2;
    out += whole ? static_cast<char>(byte) : text[i];
    if (whole) i += 3;
  }
  return out;
}

bool is_boot_id(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// core(5), "Naming of core dump files"; fs/coredump.c, format_corename(). What is not here is dropped by the kernel.
struct Specifier {
  char letter;
  std::string_view form;
};
constexpr std::array kSpecifiers = {
    Specifier{'p', "[0-9]+"},   Specifier{'P', "([0-9]+)"}, Specifier{'i', "[0-9]+"}, Specifier{'I', "[0-9]+"},
    Specifier{'u', "([0-9]+)"}, Specifier{'g', "[0-9]+"},   Specifier{'d', "[0-9]+"}, Specifier{'s', "([0-9]+)"},
    Specifier{'t', "([0-9]+)"}, Specifier{'h', ".*"},       Specifier{'e', ".*"},     Specifier{'f', ".*"},
    Specifier{'E', ".*"},       Specifier{'c', "[0-9]+"},   Specifier{'C', "[0-9]+"}, Specifier{'F', "[0-9]*"},
};

void set(CoreOrigin& origin, char letter, std::string_view digits) {
  auto value = number_or(digits, -1);
  if (value < 0 || value > kLatest) return;
  if (letter == 'P' && value <= INT32_MAX) origin.pid = static_cast<int>(value);
  if (letter == 's' && value <= 64) origin.signal = static_cast<int>(value);
  if (letter == 'u' && value <= UINT32_MAX) origin.uid = value;
  if (letter == 't') set_second(origin, value);
}

}  // namespace

void set_second(CoreOrigin& origin, std::int64_t seconds) {
  origin.time = std::clamp<std::int64_t>(seconds, 0, kLatest) * kSecond + kSecond / 2;
  origin.doubt = kSecond / 2;
}

std::optional<CoredumpName> coredump_name(std::string_view name) {
  CoredumpName read;
  constexpr std::string_view kCompressions[] = {"zst", "xz", "lz4"};
  for (auto ending : kCompressions) {
    if (!name.ends_with(ending) || !name.substr(0, name.size() - ending.size()).ends_with('.')) continue;
    read.compression = ending;
    name.remove_suffix(ending.size() + 1);
    break;
  }
  if (!name.starts_with("core.")) return std::nullopt;
  name.remove_prefix(5);
  auto microseconds = number_or(take_last(name), -1), pid = number_or(take_last(name), -1);
  auto boot = take_last(name);
  auto uid = number_or(take_last(name), -1);
  if (microseconds < 0 || pid <= 0 || pid > INT32_MAX || !is_boot_id(boot) || uid < 0) return std::nullopt;
  set_second(read.origin, microseconds / 1'000'000);
  read.origin.pid = static_cast<int>(pid);
  read.origin.uid = uid;
  read.origin.boot_id = std::string(boot);
  read.origin.comm = unescaped(name);
  return read;
}

struct CorePattern::Compiled {
  Compiled(const std::string& form, std::string groups)
      : expression(form, RE2::Options(RE2::Latin1)), letters(std::move(groups)) {}
  RE2 expression;
  std::string letters;  // of its groups
};

std::optional<CorePattern> CorePattern::parse(std::string_view pattern) {
  while (!pattern.empty() && (pattern.back() == '\n' || pattern.back() == ' ')) pattern.remove_suffix(1);
  auto slash = pattern.rfind('/');
  if (!pattern.starts_with('/') || pattern.size() > 4096) return std::nullopt;
  auto directory = pattern.substr(0, slash), name = pattern.substr(slash + 1);
  if (directory.find('%') != std::string_view::npos || name.empty()) return std::nullopt;

  std::string form = "(?s)", letters;
  bool has_pid = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '%') {
      form += RE2::QuoteMeta(std::string(1, name[i]));
      continue;
    }
    if (++i == name.size()) break;
    if (name[i] == '%') form += '%';
    auto at = std::find_if(kSpecifiers.begin(), kSpecifiers.end(),
                           [&](const Specifier& one) { return one.letter == name[i]; });
    if (at == kSpecifiers.end()) continue;
    form += at->form;
    if (at->form.starts_with('(')) letters += at->letter;
    has_pid |= at->letter == 'p';
  }
  if (!has_pid) form += "(?:\\.[0-9]+)?";  // kernel.core_uses_pid
  CorePattern made;
  made.directory_ = directory.empty() ? "/" : directory;
  made.compiled_ = std::make_shared<Compiled>(form, std::move(letters));
  if (!made.compiled_->expression.ok()) return std::nullopt;
  return made;
}

std::optional<CoreOrigin> CorePattern::match(std::string_view name) const {
  auto count = compiled_->letters.size();
  std::vector<re2::StringPiece> groups(count);
  std::vector<RE2::Arg> arguments;
  std::vector<const RE2::Arg*> pointers;
  arguments.reserve(count);
  pointers.reserve(count);
  for (auto& group : groups) arguments.emplace_back(&group);
  for (auto& argument : arguments) pointers.push_back(&argument);
  re2::StringPiece text(name.data(), name.size());
  if (!RE2::FullMatchN(text, compiled_->expression, pointers.data(), static_cast<int>(count))) return std::nullopt;
  CoreOrigin origin;
  for (std::size_t i = 0; i < count; ++i) set(origin, compiled_->letters[i], {groups[i].data(), groups[i].size()});
  return origin;
}

}  // namespace stapkill
