#include "cli/explain_word.h"

#include <algorithm>
#include <cctype>

#include "event/nearest.h"
#include "event/signals.h"

namespace stapkill {
namespace {

constexpr int kLastStandardSignal = 31;
constexpr std::size_t kFarthest = 2;  // letters that a word may be wrong in

/// What other tools call it.
constexpr std::pair<std::string_view, std::string_view> kSynonyms[] = {
    {"oomkilled", "oom-memcg"}, {"oom-kill", "oom-memcg"}, {"oom-killer", "oom-global"}, {"killed", "SIGKILL"},
    {"segfault", "SIGSEGV"},    {"abort", "SIGABRT"},      {"aborted", "SIGABRT"},       {"terminated", "SIGTERM"},
    {"hangup", "SIGHUP"},       {"interrupt", "SIGINT"},   {"ctrl-c", "tty-signal"},     {"^c", "tty-signal"},
};

bool is_number(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string lower(std::string_view word) {
  std::string text(word);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// The names that are nearest to a word, best first; a name that begins with the word is near.
std::vector<std::string> nearest(std::string_view word) {
  std::vector<std::pair<std::size_t, std::string>> found;
  std::string wanted = lower(word.substr(0, 40));
  auto consider = [&](const std::string& name, const std::string& shown) {
    std::string own = lower(name);
    bool begins = wanted.size() >= 3 && own.rfind(wanted, 0) == 0;
    std::size_t far = begins ? 0 : edit_distance(wanted, own);
    // Of a short word two letters are nearly all.
    if (far == 0 || far <= std::min(kFarthest, wanted.size() / 2)) found.emplace_back(far, shown);
  };
  for (Cause cause : all_causes()) consider(std::string(name_of(cause)), std::string(name_of(cause)));
  for (const auto& [name, shown] : kSynonyms) consider(std::string(name), std::string(shown));
  bool with_sig = wanted.rfind("sig", 0) == 0;
  for (int number = 1; number <= kLastStandardSignal; ++number) {
    std::string name = signal_name(number);
    consider(with_sig ? name : name.substr(3), name);
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (const auto& [far, name] : found) {
    bool known = std::find(names.begin(), names.end(), name) != names.end();
    if (far == found.front().first && !known && names.size() < 3) names.push_back(name);
  }
  return names;
}

Result<Explained> look_up_number(const std::string& word) {
  int value = -1;
  // More digits than that are no status, whatever they are.
  if (is_number(word) && word.size() <= 9) value = std::stoi(word);
  if (value < 0 || value > 255) {
    return usage_error("an exit status is a number from 0 to 255, not '" + word + "'");
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
  auto names = nearest(word);
  if (names.empty()) {
    return usage_error("'" + word + "' is no exit status (0-255), no signal (SIGKILL, 9) and no cause (oom-memcg)");
  }
  std::string message = "'" + word + "' is no exit status, no signal and no cause; did you mean ";
  for (std::size_t at = 0; at < names.size(); ++at) {
    message += (at == 0 ? "" : at + 1 == names.size() ? " or " : ", ") + names[at];
  }
  return usage_error(message + '?');
}

}  // namespace stapkill
