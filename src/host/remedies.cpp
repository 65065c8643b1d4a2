#include "host/remedies.h"

#include <fnmatch.h>
#include <re2/re2.h>

#include <algorithm>
#include <vector>

#include "host/remedy_rows.h"

namespace stapkill {
namespace {

/// Calls back for each blank-separated word until one is taken.
template <typename Take>
bool any_word(std::string_view words, Take take) {
  while (!words.empty()) {
    auto end = words.find(' ');
    if (take(words.substr(0, end))) return true;
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
  }
  return false;
}

bool fits_kernel(std::string_view patterns, const std::string& release) {
  return any_word(patterns, [&](std::string_view pattern) {
    return ::fnmatch(std::string(pattern).c_str(), release.c_str(), FNM_EXTMATCH) == 0;
  });
}

/// What rows are looked for with.
struct Wanted {
  const Distribution& distribution;
  std::string id, release;
  std::string_view manager;

  bool fits_manager(const Where& where) const { return where.managers.empty() || is_word_of(where.managers, manager); }
  bool fits_version(const Where& where) const {
    const auto& version = distribution.version;
    if (!where.from.empty() && compare_versions(version, where.from) < 0) return false;
    return where.until.empty() || (!version.empty() && compare_versions(version, where.until) < 0);
  }
  bool takes_after(const Where& where) const {
    if (!where.from.empty() || !where.until.empty()) return false;
    return std::any_of(distribution.id_like.begin(), distribution.id_like.end(),
                       [&](const std::string& like) { return is_word_of(where.ids, lower_case(like)); });
  }
  bool fits_kernel_row(const Where& where) const {
    bool host = where.ids.empty() || (is_word_of(where.ids, id) && fits_version(where)) || takes_after(where);
    return host && !where.kernel.empty() && fits_kernel(where.kernel, release);
  }
};

/// The row that counts: of the kernel's own, else the distribution's, else those of one that it takes after, the
/// nearest first, else those of no distribution; of each the first that fits.
template <typename Row>
const Row* find_row(const std::vector<const Row*>& rows, const Wanted& wanted) {
  auto first = [&](auto fits) -> const Row* {
    for (const auto* row : rows) {
      if (wanted.fits_manager(row->where) && fits(row->where)) return row;
    }
    return nullptr;
  };
  const Row* found = first([&](const Where& where) { return wanted.fits_kernel_row(where); });
  if (!found) {
    found = first([&](const Where& where) {
      return where.kernel.empty() && is_word_of(where.ids, wanted.id) && wanted.fits_version(where);
    });
  }
  for (const auto& like : wanted.distribution.id_like) {
    if (found) break;
    found = first([&](const Where& where) {
      return where.kernel.empty() && where.from.empty() && where.until.empty() &&
             is_word_of(where.ids, lower_case(like));
    });
  }
  return found ? found : first([](const Where& where) { return where.kernel.empty() && where.ids.empty(); });
}

/// Values come from files that others may have written, and go into commands that people paste into a root shell:
/// nothing but what names, versions and paths are made of, and never what would be an option.
std::string harmless(std::string value) {
  if (value.starts_with('-')) value[0] = '_';
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+:~/@-";
  for (char& c : value) {
    if (kAllowed.find(c) == std::string_view::npos) c = '_';
  }
  return value;
}

std::string filled(std::string_view pattern, const RemedyWords& words) {
  std::string text;
  while (!pattern.empty()) {
    auto open = pattern.find('{');
    text += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    pattern.remove_prefix(open);
    auto close = pattern.find('}');
    auto at = words.find(pattern.substr(1, close == std::string_view::npos ? 0 : close - 1));
    if (at == words.end()) {
      text += '{';
      pattern.remove_prefix(1);
    } else {
      text += at->second;
      pattern.remove_prefix(close + 1);
    }
  }
  return text;
}

/// A row's text with its values; one that is not known stays as its name in braces.
Phrase text_of(const RemedyText& text, const RemedyWords& words) {
  std::vector<Phrase> values;
  any_word(text.values, [&](std::string_view name) {
    auto at = words.find(name);
    values.emplace_back(at == words.end() ? '{' + std::string(name) + '}' : at->second);
    return false;
  });
  return Phrase::of(text.message, values);
}

/// For text that is read, not run: blanks stay.
std::string readable(std::string value) {
  std::string safe = harmless(value);
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == ' ') safe[i] = ' ';
  }
  return safe;
}

/// What a release says of its kernel: kernel_packages.cpp has what each word means.
void add_words_of_release(RemedyWords& words, const std::string& release) {
  auto dash = release.rfind('-');
  words.emplace("base", release.substr(0, dash));
  words.emplace("flavour", dash == std::string::npos ? "default" : release.substr(dash + 1));
  // Arch: "6.9.1-arch1-1" is of the package linux, "6.6.30-1-lts" of linux-lts.
  bool plain = words["flavour"].find_first_not_of("0123456789") == std::string::npos;
  words.emplace("pkgbase", plain ? "linux" : "linux-" + words["flavour"]);
  constexpr std::string_view kDebug = ".debug";
  words.emplace("plain", release.ends_with(kDebug) ? release.substr(0, release.size() - kDebug.size())
                                                   : release.substr(0, release.rfind('+')));
  static const RE2 numbers(R"(^(\d+)\.(\d+))"), neptune(R"(-(neptune(?:-\d+)?))"), parts(R"(([^-]*)-(.*)-([^-]*))");
  std::string first, second, package, version, kind, rest;
  RE2::PartialMatch(release, numbers, &first, &second);
  RE2::PartialMatch(release, neptune, &package);
  words.emplace("line", first + '.' + second);
  words.emplace("digits", first + second);
  words.emplace("neptune", package);
  bool whole = RE2::FullMatch(release, parts, &version, &kind, &rest);
  words.emplace("kind", kind);
  words.emplace("kindless", whole ? version + '-' + rest : release);
}

// The archive of CentOS 6, by plain HTTP: its TLS is too old. Packages are signed.
constexpr char kCentos6Archive[] =
    "printf '%s\\n' '[vault-os]' 'name=CentOS-6.10 - os' 'baseurl=http://vault.centos.org/6.10/os/$basearch/' "
    "gpgcheck=1 gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-6 enabled=0 '[vault-updates]' 'name=CentOS-6.10 - "
    "updates' 'baseurl=http://vault.centos.org/6.10/updates/$basearch/' gpgcheck=1 "
    "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-6 enabled=0 > /etc/yum.repos.d/CentOS-vault-6.repo";

RemedyWords all_words(const Distribution& distribution, const RemedyWords& given, std::string_view manager) {
  RemedyWords words = {
      {"machine", "$(uname -m)"},
      {"centos-6-archive", kCentos6Archive},
      {"centos-6-install", "yum --disablerepo='*' --enablerepo='vault-*' install"},
      {"codename", distribution.codename.empty() ? "$(lsb_release -cs)" : harmless(distribution.codename)},
      {"major", harmless(distribution.version.substr(0, distribution.version.find('.')))},
      {"id", harmless(lower_case(distribution.id))}};
  for (const auto& [name, value] : given) words[name] = harmless(value);
  if (auto release = words.find("release"); release != words.end()) add_words_of_release(words, release->second);
  if (const auto* row = find_manager(manager)) {
    for (const auto& [name, value] : {std::pair{"install", row->install}, std::pair{"again", row->again},
                                      std::pair{"newer", row->newer}, std::pair{"remove", row->remove}}) {
      if (!value.empty()) words[name] = value;
    }
  }
  return words;
}

/// Names of packages with a word for each: "a b", or "a b|c d" where one of both is right.
void add_packages(RemedyWords& words, const Wanted& wanted) {
  if (!words.count("release")) return;
  std::vector<const KernelPackages*> rows;
  for (const auto& row : kernel_packages()) rows.push_back(&row);
  const auto* row = find_row(rows, wanted);
  if (!row) return;
  for (const auto& [name, pattern] : {std::pair{"headers", row->headers}, std::pair{"debuginfo", row->debuginfo}}) {
    if (!pattern.empty()) words[name] = filled(pattern, words);
  }
}

// Values that rows may use and that are not known everywhere.
constexpr std::string_view kMayLack[] = {"{install}", "{again}", "{newer}", "{remove}", "{headers}", "{debuginfo}"};

bool has_all_words(std::string_view commands, const RemedyWords& words) {
  return std::all_of(std::begin(kMayLack), std::end(kMayLack), [&](std::string_view name) {
    return commands.find(name) == std::string_view::npos || words.count(name.substr(1, name.size() - 2));
  });
}

/// The rows for a need that all words are there for; those for the kernel's packages are looked up.
std::vector<const RemedyRow*> rows_for(std::string_view need, RemedyWords& words, const Wanted& wanted) {
  std::vector<const RemedyRow*> rows;
  for (auto table : {tool_remedies(), kernel_remedies(), host_remedies(), evidence_remedies()}) {
    for (const auto& row : table) {
      if (is_word_of(row.needs, need)) rows.push_back(&row);
    }
  }
  auto asks = [](const RemedyRow* row) {
    return row->commands.find("{headers}") != std::string_view::npos ||
           row->commands.find("{debuginfo}") != std::string_view::npos;
  };
  if (std::any_of(rows.begin(), rows.end(), asks)) add_packages(words, wanted);
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [&](const RemedyRow* row) { return !has_all_words(row->commands, words); }),
             rows.end());
  return rows;
}

/// The command; with packages of which one of several is right, one command for each: the first that works counts.
std::string command_of(std::string_view pattern, RemedyWords words) {
  for (const char* name : {"headers", "debuginfo"}) {
    auto at = words.find(name);
    if (at == words.end() || pattern.find('{' + std::string(name) + '}') == std::string_view::npos) continue;
    if (auto bar = at->second.find('|'); bar != std::string::npos) {
      auto rest = words;
      rest[name] = at->second.substr(bar + 1);
      at->second.resize(bar);
      return filled(pattern, words) + " || " + command_of(pattern, std::move(rest));
    }
  }
  return filled(pattern, words);
}

}  // namespace

bool is_word_of(std::string_view words, std::string_view word) {
  return !word.empty() && any_word(words, [&](std::string_view one) { return one == word; });
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Remedy remedy_for(std::string_view need, const Distribution& distribution, const RemedyWords& words) {
  auto release = words.find("release");
  Wanted wanted{distribution, lower_case(distribution.id), release == words.end() ? "" : release->second,
                manager_of(distribution)};
  auto all = all_words(distribution, words, wanted.manager);
  const auto* row = find_row(rows_for(need, all, wanted), wanted);
  Remedy remedy;
  if (!row) return remedy;
  auto read = all;
  for (const auto& [name, value] : words) read[name] = readable(value);
  remedy.text = text_of(row->text, read);
  remedy.reboot = row->reboot;
  remedy.by_hand = row->by_hand;
  std::string_view rest = row->commands;
  while (!rest.empty()) {
    auto end = rest.find('\n');
    remedy.commands.push_back(command_of(rest.substr(0, end), all));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return remedy;
}

}  // namespace stapkill
