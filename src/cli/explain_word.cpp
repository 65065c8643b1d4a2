#include "cli/explain_word.h"

#include <algorithm>

#include "base/nearest.h"
#include "base/signals.h"

namespace stapkill {
namespace {

constexpr int kLastStandardSignal = 31;

/// Other tools' names.
constexpr std::pair<std::string_view, std::string_view> kSynonyms[] = {
    {"oomkilled", "oom-memcg"}, {"oom-kill", "oom-memcg"}, {"oom-killer", "oom-global"}, {"killed", "SIGKILL"},
    {"segfault", "SIGSEGV"},    {"abort", "SIGABRT"},      {"aborted", "SIGABRT"},       {"terminated", "SIGTERM"},
    {"hangup", "SIGHUP"},       {"interrupt", "SIGINT"},   {"ctrl-c", "tty-signal"},     {"^c", "tty-signal"},
};

bool is_number(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The names nearest to a misspelt word, three at most, as they are shown.
std::vector<std::string> meant(const std::string& word) {
  std::vector<std::pair<std::string, std::string>> known;  // as people write it, as it is shown
  for (Cause cause : all_causes()) known.emplace_back(name_of(cause), name_of(cause));
  known.insert(known.end(), std::begin(kSynonyms), std::end(kSynonyms));
  for (int number = 1; number <= kLastStandardSignal; ++number) {
    std::string name = signal_name(number);
    known.emplace_back(name, name);
    known.emplace_back(name.substr(3), name);
  }
  std::vector<std::string> written, shown;
  for (const auto& [name, unused] : known) written.push_back(name);
  for (const auto& near : nearest(word, written, written.size())) {
    auto row = std::find_if(known.begin(), known.end(), [&](const auto& pair) { return pair.first == near; });
    if (std::find(shown.begin(), shown.end(), row->second) == shown.end()) shown.push_back(row->second);
  }
  shown.resize(std::min<std::size_t>(shown.size(), 3));
  return shown;
}

/// One to three names.
Phrase one_of(const std::vector<std::string>& names) {
  if (names.size() == 1) return names[0];
  if (names.size() == 2) return phrase("{} or {}", names[0], names[1]);
  return phrase("{}, {} or {}", names[0], names[1], names[2]);
}

Result<Explained> look_up_number(const std::string& word) {
  int value = -1;
  // More digits cannot be a status.
  if (is_number(word) && word.size() <= 9) value = std::stoi(word);
  if (value < 0 || value > 255) {
    return usage_error(phrase("an exit status is a number from 0 to 255, not '{}'", word));
  }
  Explained explained;
  explained.word = word;
  explained.status = value;
  explained.signal = parse_signal(std::to_string(value));
  return explained;
}

}  // namespace

Result<Explained> look_up(const std::string& word) {
  bool negative = word.size() > 1 && word[0] == '-' && is_number(std::string_view(word).substr(1));
  if (is_number(word) || negative) return look_up_number(word);
  Explained explained;
  explained.word = word;
  explained.cause = parse_cause(word);
  explained.signal = parse_signal(word);
  // "kill" is both, "KILL" is the signal's name.
  if (explained.signal && explained.cause && word != name_of(*explained.cause)) explained.cause.reset();
  if (explained.cause || explained.signal) return explained;
  auto names = meant(word);
  if (names.empty()) {
    return usage_error(
        phrase("'{}' is not an exit status (0-255), a signal (SIGKILL, 9) or a cause (oom-memcg)", word));
  }
  return usage_error(phrase("'{}' is not an exit status, a signal or a cause; did you mean {}?", word, one_of(names)));
}

}  // namespace stapkill
