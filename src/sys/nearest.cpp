#include "sys/nearest.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace stapkill {
namespace {

constexpr std::size_t kFarthest = 2;  // letters that a word may be wrong in
constexpr std::size_t kLongest = 256;

std::string lower(std::string_view word) {
  std::string text(word.substr(0, kLongest));
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// How many letters are to be put in, left out or changed (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
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

/// How far a name is from a word; more than `limit` where it is farther.
std::size_t farness(const std::string& wanted, const std::string& name, std::size_t limit) {
  if (wanted.size() >= 3 && name.starts_with(wanted)) return 0;
  // Their lengths alone can be too far apart.
  if (wanted.size() > name.size() + limit || name.size() > wanted.size() + limit) return limit + 1;
  return distance(wanted, name);
}

}  // namespace

std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& names, std::size_t most) {
  std::string wanted = lower(word);
  std::size_t best = std::min(kFarthest, wanted.size() / 2);  // of a short word two letters are nearly all
  std::vector<std::string> found;
  for (const auto& name : names) {
    std::size_t far = farness(wanted, lower(name), best);
    if (far > best) continue;
    if (far < best) found.clear();
    best = far;
    if (std::find(found.begin(), found.end(), name) == found.end()) found.push_back(name);
  }
  found.resize(std::min(found.size(), most));
  return found;
}

}  // namespace stapkill
