#include "autopsy/messages/patterns.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <cassert>

namespace stapkill {
namespace {

constexpr std::size_t kLongestGroup = 200;
constexpr std::size_t kLongestLine = 4096;

RE2::Options of_bytes() {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  return options;
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

struct Patterns::Compiled {
  RE2::Set all{of_bytes(), RE2::ANCHOR_BOTH};
  std::vector<std::unique_ptr<RE2>> each;
  bool complete = true;

  /// The numbers of those that may fit, the smallest first.
  std::vector<int> candidates(std::string_view text) const {
    std::vector<int> found;
    RE2::Set::ErrorInfo error{RE2::Set::kNoError};
    if (complete && !all.Match(piece(text), &found, &error) && error.kind != RE2::Set::kNoError) found.clear();
    if (!complete || error.kind != RE2::Set::kNoError) {
      // The set's automaton had no room: each one is tried.
      for (std::size_t i = 0; i < each.size(); ++i) found.push_back(static_cast<int>(i));
    }
    std::sort(found.begin(), found.end());
    return found;
  }
};

Patterns::Patterns(const std::vector<std::string>& expressions) : compiled_(std::make_unique<Compiled>()) {
  for (const auto& expression : expressions) {
    compiled_->each.push_back(std::make_unique<RE2>(expression, of_bytes()));
    if (compiled_->all.Add(expression, nullptr) < 0) compiled_->complete = false;
  }
  if (!compiled_->all.Compile()) compiled_->complete = false;
  assert(ok());
}

Patterns::~Patterns() = default;
Patterns::Patterns(Patterns&&) noexcept = default;
Patterns& Patterns::operator=(Patterns&&) noexcept = default;

bool Patterns::ok() const {
  return compiled_->complete &&
         std::all_of(compiled_->each.begin(), compiled_->each.end(), [](const auto& one) { return one->ok(); });
}

std::optional<Patterns::Match> Patterns::match(std::string_view text) const {
  for (int row : compiled_->candidates(text)) {
    const auto& expression = *compiled_->each[static_cast<std::size_t>(row)];
    if (!expression.ok()) continue;
    std::vector<re2::StringPiece> groups(static_cast<std::size_t>(expression.NumberOfCapturingGroups()) + 1);
    if (!expression.Match(piece(text), 0, text.size(), RE2::ANCHOR_BOTH, groups.data(),
                          static_cast<int>(groups.size())))
      continue;
    Match match;
    match.row = static_cast<std::size_t>(row);
    for (std::size_t i = 1; i < groups.size(); ++i) match.groups.emplace_back(groups[i].data(), groups[i].size());
    return match;
  }
  return std::nullopt;
}

std::string with_groups(std::string_view text, const Patterns::Match& match) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool group = text[i] == '$' && i + 1 < text.size() && text[i + 1] >= '1' && text[i + 1] <= '9';
    if (group) {
      out += match[static_cast<std::size_t>(text[++i] - '0')].substr(0, kLongestGroup);
    } else {
      out += text[i];
    }
  }
  return out;
}

int pid_in(std::string_view text) {
  auto value = whole_number(text);
  return value && *value > 0 ? *value : 0;
}

std::string_view first_line(std::string_view message) {
  return message.substr(0, std::min(message.find('\n'), kLongestLine));
}

}  // namespace stapkill
