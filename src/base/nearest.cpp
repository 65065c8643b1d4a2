#include "base/nearest.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace stapkill {
namespace {

constexpr std::size_t kLongestWord = 128;
constexpr std::size_t kFarthest = 2;  // letters of a word that may be wrong

std::string lower(std::string_view word) {
  std::string text(word);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// How far a name is from a word; more than `limit` where it is farther.
std::size_t farness(const std::string& wanted, const std::string& name, std::size_t limit) {
  if (wanted.size() >= 3 && name.starts_with(wanted)) return 0;
  // Their lengths alone can be too far apart.
  if (wanted.size() > name.size() + limit || name.size() > wanted.size() + limit) return limit + 1;
  return edit_distance(wanted, name);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

NearestNames::NearestNames(std::string_view word, std::size_t most)
    : word_(lower(word.substr(0, kLongestWord))), most_(most) {}

void NearestNames::consider(std::string_view name) {
  if (word_.empty() || name.empty() || name.size() > kLongestWord) return;
  // Two swapped letters count as two, which is nearly all of a shorter word.
  std::size_t farthest = word_.size() < 4 ? 1 : std::clamp<std::size_t>(word_.size() / 3, 2, 4);
  std::string own = lower(name);
  std::size_t longer = own.size() > word_.size() ? own.size() - word_.size() : word_.size() - own.size();
  bool holds = word_.size() >= 3 && own.find(word_) != std::string::npos;
  if (!holds && longer > farthest) return;
  std::size_t far = holds ? std::min<std::size_t>(1 + longer / 4, farthest) : edit_distance(word_, own);
  if (far > farthest) return;
  std::pair<std::size_t, std::string> entry(far, name);
  auto at = std::lower_bound(found_.begin(), found_.end(), entry);
  if (at != found_.end() && *at == entry) return;
  found_.insert(at, std::move(entry));
  if (found_.size() > most_) found_.pop_back();
}

std::vector<std::string> NearestNames::names() const {
  std::vector<std::string> names;
  for (const auto& [far, name] : found_) names.push_back(name);
  return names;
}

std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& names, std::size_t most) {
  std::string wanted = lower(word.substr(0, kLongestWord));
  std::size_t best = std::min(kFarthest, wanted.size() / 2);  // two letters are nearly all of a short word
  std::vector<std::string> found;
  for (const auto& name : names) {
    std::size_t far = farness(wanted, lower(std::string_view(name).substr(0, kLongestWord)), best);
    if (far > best) continue;
    if (far < best) found.clear();
    best = far;
    if (std::find(found.begin(), found.end(), name) == found.end()) found.push_back(name);
  }
  found.resize(std::min(found.size(), most));
  return found;
}

}  // namespace stapkill
